"""`padlock serve --keeper`: one process starts the other, again if it ends, and another in its place without turning a client
away (docs/threats.md, P5 and P7)."""

import json
import os
import re
import signal
import socket
import ssl
import threading
from collections import Counter
from contextlib import contextmanager

import pytest

from peers.padlock import Serving
from peers.process import Running, until
from peers.site import HELLO
from peers.wire import ask, client_context

SITE = '[sites."localhost"]\ndir = "{}"\n[log]\nrequests = "off"\n'


@pytest.fixture
def kept(fresh_padlock, tmp_path, site):
    """A kept server with a configuration: `kept(settings)` writes it, and starts it at the first call."""
    file = tmp_path / "padlock.toml"

    def write(settings=""):
        file.write_text('listen = "127.0.0.1"\nhttps_port = 0\nhttp_port = 0\n' + settings + SITE.format(site), "utf-8")
        return file
    return write


@contextmanager
def keeping(padlock, file):
    with Running(padlock.program, "serve", "--keeper", "--config", file, folder=padlock.home, env=padlock.environment(),
                 cwd=padlock.home) as running:
        yield Serving(padlock, running)


def worker(padlock):
    done = padlock.run("status", "--json")
    return json.loads(done.text) if done.code == 0 else None


class Load:
    """Clients that ask all the time: half of them anew each time, half on a connection as long as it lives."""

    def __init__(self, serving, clients=6):
        self.serving, self.context = serving, client_context(serving.root)
        self.counts, self.failures, self.lock = Counter(), [], threading.Lock()
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(number % 2 == 0,)) for number in range(clients)]

    def connect(self):
        sock = socket.create_connection(("127.0.0.1", self.serving.port), timeout=30)
        return self.context.wrap_socket(sock, server_hostname="localhost")

    def exchange(self, sock):
        """True if the connection can be used again. Nothing at all before the end: a kept connection may have been closed."""
        sock.sendall(b"GET /hello.txt HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = b""
        while HELLO.encode("ascii") not in answer:
            piece = sock.recv(65536)
            if not piece:
                raise ConnectionError(f"the answer ended after {len(answer)} bytes")
            answer += piece
        assert answer.startswith(b"HTTP/1.1 200 ")
        return b"Connection: close" not in answer

    def run(self, keep):
        sock, used = None, False
        while not self.over.is_set():
            try:
                if sock is None:
                    sock, used = self.connect(), False
                going_on = self.exchange(sock) and keep
                used = True
                with self.lock:
                    self.counts["answered"] += 1
                if not going_on:
                    sock.close()
                    sock = None
            except (OSError, ssl.SSLError, ConnectionError) as error:
                if sock is not None:
                    sock.close()
                # RFC 9112, section 9.3.1: a kept connection may end at any time; what was not answered at all goes again.
                with self.lock:
                    if used:
                        self.counts["again"] += 1
                    else:
                        self.failures.append(repr(error))
                sock = None

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()


def test_a_keeper_serves_by_a_worker(fresh_padlock, kept):
    with keeping(fresh_padlock, kept()) as serving:
        assert ask(serving, "/hello.txt").body.decode("ascii") == HELLO
        status = worker(fresh_padlock)
        assert status["process"] != serving.running.process.pid
        assert fresh_padlock.run("reload").code == 0
        assert serving.running.stop() == 0
        assert not serving.admin_socket.exists()
        with pytest.raises(ProcessLookupError):
            os.kill(status["process"], 0)


def test_a_worker_that_dies_is_replaced(fresh_padlock, kept):
    with keeping(fresh_padlock, kept()) as serving:
        process = worker(fresh_padlock)["process"]
        os.kill(process, signal.SIGKILL)
        serving.running.until_says(rf"^padlock: worker {process} was ended by signal 9; another one is started in 100 ms$")
        assert ask(serving, "/hello.txt").body.decode("ascii") == HELLO, "who comes meanwhile waits"
        assert worker(fresh_padlock)["process"] != process


def test_a_worker_that_cannot_start_ends_the_keeper(fresh_padlock, kept):
    file = kept("policy = 7\n")
    done = fresh_padlock.run("serve", "--keeper", "--config", file)
    assert done.code == 2 and f"{file}:4:" in done.err
    file = kept('[admin]\nsocket = "a.sock"\n[limits]\nhead = "1 s"\n')
    file.write_text(file.read_text("utf-8").replace('"off"', '"none/requests.log"'), "utf-8")
    done = fresh_padlock.run("serve", "--keeper", "--config", file)
    assert done.code == 2 and "none/requests.log" in done.err


def test_restart_puts_another_process_in_its_place(fresh_padlock, kept):
    file = kept("workers = 2\n")
    with keeping(fresh_padlock, file) as serving:
        before = worker(fresh_padlock)
        kept("workers = 5\n")
        done = fresh_padlock.run("restart")
        assert done.code == 0, done.said
        after = worker(fresh_padlock)
        assert done.text == f"restarted: process {after['process']} serves in place of {before['process']}\n"
        assert (before["workers"], after["workers"]) == (2, 5)
        assert after["listeners"] == before["listeners"]
        kept("workers = 1\n")
        os.kill(serving.running.process.pid, signal.SIGUSR2)
        until(lambda: (worker(fresh_padlock) or after)["workers"] == 1, "the next one is there", serving.running.process)
        assert ask(serving, "/hello.txt").body.decode("ascii") == HELLO
        assert serving.running.stop() == 0


def test_a_restart_that_fails_leaves_the_worker_of_before(fresh_padlock, kept):
    with keeping(fresh_padlock, kept()) as serving:
        process = worker(fresh_padlock)["process"]
        kept("workers = 0\n")
        os.kill(serving.running.process.pid, signal.SIGUSR2)
        serving.running.until_says(r"^padlock: worker \d+ ended with exit code 2; the one before it serves on$")
        assert worker(fresh_padlock)["process"] == process
        assert ask(serving, "/hello.txt").body.decode("ascii") == HELLO


def test_without_a_keeper_there_is_no_restart(fresh_padlock, site):
    with fresh_padlock.serve(site) as serving:
        done = fresh_padlock.run("restart")
        assert done.code == 2 and "code cli.serve.no_keeper" in done.err and "--keeper" in done.err
        os.kill(serving.running.process.pid, signal.SIGUSR2)
        serving.running.until_says("^padlock: another process cannot take the place of this one$")


def test_restarts_and_reloads_turn_nobody_away(fresh_padlock, kept):  # docs/threats.md, P5
    restarts, reloads = 10, 100
    file = kept("workers = 2\n")
    with keeping(fresh_padlock, file) as serving, Load(serving) as load:
        until(lambda: load.counts["answered"] > 20, "clients are at work", serving.running.process)
        for number in range(restarts):
            for _ in range(reloads // restarts):
                done = fresh_padlock.run("reload")
                assert done.code == 0, done.said
            kept(f"workers = {1 + number % 3}\n")
            done = fresh_padlock.run("restart")
            assert done.code == 0, done.said + serving.running.err
        load.over.set()
        for thread in load.threads:
            thread.join()
        assert load.failures == [] and load.counts["answered"] > 1000, (load.failures[:5], load.counts)
        assert serving.running.stop() == 0


def test_root_serves_as_another_user(fresh_padlock, tmp_path):
    if os.getuid() != 0:
        pytest.skip("other users cannot be become without root")
    folder = tmp_path / "public"
    folder.mkdir()
    (folder / "hello.txt").write_text(HELLO, "ascii")
    fresh_padlock.environment()  # makes its folders
    fresh_padlock.state.parent.mkdir(mode=0o755)
    for parent in (folder, *folder.parents, fresh_padlock.home, fresh_padlock.home / "run"):
        os.chmod(parent, os.stat(parent).st_mode | 0o055)
    with fresh_padlock.serve(folder, "--user", "nobody") as serving:
        process = worker(fresh_padlock)["process"]
        with open(f"/proc/{process}/status", encoding="ascii") as file:
            status = dict(line.split(":\t", 1) for line in file if ":\t" in line)
        assert set(status["Uid"].split()) == {"65534"} and int(status["CapEff"], 16) == 0
        assert (status["NoNewPrivs"].strip(), status["Seccomp"].strip()) == ("1", "2")
        assert ask(serving, "/hello.txt").body.decode("ascii") == HELLO
        text = fresh_padlock.run("status").text
        assert re.search("^  user +nobody$", text, re.MULTILINE) and "runs as root" not in text
        assert serving.running.stop() == 0


def test_a_user_that_is_not_there_stops_the_start(fresh_padlock, site):
    done = fresh_padlock.run("serve", site, "--user", "padlock-no-such-user")
    assert done.code == 2 and "code cli.serve.no_such_user" in done.err
