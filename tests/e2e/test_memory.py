"""A server to which the system gives no more memory (docs/threats.md, P3). Each single request for memory is refused in
padlock/server/memory_test.cc; here the kernel does it."""

import re
import resource
import ssl
from pathlib import Path

import pytest

from peers.site import HELLO
from peers.wire import ask, tls_connect

SPARE = 300_000  # bytes: for some hundred connections


def data_size(pid):
    return 1024 * int(re.search(r"^VmData:\s+(\d+) kB$", Path(f"/proc/{pid}/status").read_text("ascii"), re.MULTILINE)[1])


def stay(serving):
    """A connection that has asked once and stays."""
    sock = tls_connect(serving.port, serving.root)
    try:
        sock.sendall(b"GET /hello.txt HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = sock.recv(4096)
        if not answer:
            raise ConnectionError("it was ended")
        assert answer.startswith(b"HTTP/1.1 200 ")
        return sock
    except BaseException:
        sock.close()
        raise


def test_a_server_without_memory_loses_connections_and_goes_on(fresh_padlock, site):
    if b"__asan_init" in fresh_padlock.program.read_bytes() or b"__tsan_init" in fresh_padlock.program.read_bytes():
        pytest.skip("a sanitizer's own memory is refused too")
    with fresh_padlock.serve(site) as serving:
        assert ask(serving, "/hello.txt").body.decode("ascii") == HELLO
        pid = serving.running.process.pid
        soft, hard = resource.prlimit(pid, resource.RLIMIT_DATA)
        resource.prlimit(pid, resource.RLIMIT_DATA, (data_size(pid) + SPARE, hard))
        held, lost = [], 0
        while lost < 100 and len(held) < 200:
            try:
                held.append(stay(serving))
            except (ConnectionError, ssl.SSLError):
                lost += 1
        assert lost == 100, f"{len(held)} connections, and memory is not at its end"
        for sock in held:
            sock.close()
        serving.until_logs(r"server\.connection\.memory_refused")
        resource.prlimit(pid, resource.RLIMIT_DATA, (soft, hard))
        for _ in range(10):
            assert ask(serving, "/hello.txt").body.decode("ascii") == HELLO
        assert serving.running.stop() == 0
