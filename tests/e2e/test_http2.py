"""HTTP/2 of `padlock serve`, asked by clients that nobody here wrote: curl and nghttp2's own."""

import hashlib
import re
import signal

import pytest

from peers.process import LIMIT_SECONDS, Running, peer, run, until
from peers.site import BIG_BYTES, HELLO, PAGE


def curl(serving, *arguments, path="/"):
    return run(peer("curl"), "--silent", "--show-error", "--http2", "--cacert", serving.root, *arguments,
               serving.url(path))


def said_by_curl(serving, *arguments, path="/", what="%{http_version} %{http_code}"):
    done = curl(serving, "--write-out", what, "--output", "/dev/null", *arguments, path=path)
    assert done.code == 0, done.said
    return done.text


def test_it_is_chosen_by_alpn(serving):
    assert said_by_curl(serving) == "2 200"
    assert said_by_curl(serving, "--http1.1") == "1.1 200"


def test_files_and_their_parts(serving):
    assert curl(serving).text == PAGE
    assert curl(serving, path="/hello.txt").text == HELLO
    assert curl(serving, "--range", "1-3", path="/hello.txt").text == HELLO[1:4]
    head = curl(serving, "--head", path="/hello.txt").text
    assert f"content-length: {len(HELLO)}" in head and "content-type: text/plain; charset=utf-8" in head
    etag = re.search(r"etag: (\S+)", head)[1]
    assert said_by_curl(serving, "--header", f"If-None-Match: {etag}", path="/hello.txt") == "2 304"


@pytest.mark.parametrize("arguments, path, status", [
    ([], "/missing", 404), ([], "/.hidden", 404), (["--path-as-is"], "/../secret.txt", 404), ([], "/sub", 308),
    (["--data", "x" * 70_000], "/", 405), (["--data", "x"], "/", 405), (["--request", "DELETE"], "/", 405),
    (["--header", "Host: other.test"], "/", 421), (["--range", "9999-"], "/hello.txt", 416),
])
def test_refusals(serving, arguments, path, status):
    assert said_by_curl(serving, *arguments, path=path) == f"2 {status}"


def test_many_requests_share_a_connection(serving):
    wanted = [serving.url(path) for path in ["/big.bin", "/hello.txt", "/", "/big.bin", "/missing"] * 6]
    outputs = [part for _ in wanted for part in ("--output", "/dev/null")]
    done = run(peer("curl"), "--silent", "--http2", "--parallel", "--parallel-immediate", "--cacert", serving.root,
               "--write-out", "%{http_code} %{size_download} %{num_connects}\n", *outputs, *wanted)
    assert done.code == 0, done.said
    lines = done.text.split("\n")[:-1]
    assert sorted(line.split()[0] for line in lines) == ["200"] * 24 + ["404"] * 6
    assert [line.split()[1] for line in lines].count(str(BIG_BYTES)) == 12


def test_a_large_body_is_whole(serving, site):
    done = curl(serving, path="/big.bin")
    assert hashlib.sha256(done.out).digest() == hashlib.sha256((site / "big.bin").read_bytes()).digest()


def test_load_without_a_failure(serving):
    done = run(peer("h2load"), "-n", "3000", "-c", "6", "-m", "30", serving.url("/hello.txt"))
    assert "3000 succeeded, 0 failed, 0 errored, 0 timeout" in done.text, done.said


def test_a_stopping_server_says_goaway_and_ends_what_runs(fresh_padlock, site):
    with fresh_padlock.serve(site) as server:
        client = Running(peer("curl"), "--silent", "--http2", "--cacert", server.root, "--limit-rate", "8M", "--output",
                         "/dev/null", "--write-out", "%{http_code} %{size_download}", server.url("/big.bin"),
                         folder=fresh_padlock.home)
        idle = Running(peer("nghttp"), "--verbose", "--no-verify-peer", server.url("/hello.txt"), folder=fresh_padlock.home)
        assert idle.wait() == 0
        server.running.process.send_signal(signal.SIGTERM)
        assert server.running.wait() == 0
        assert client.wait() == 0, client.said
        assert client.out == f"200 {BIG_BYTES}"


def test_the_log_names_requests(fresh_padlock, site):
    with fresh_padlock.serve(site) as server:
        assert said_by_curl(server, path="/hello.txt?a=b") == "2 200"
        server.until_logs(rf'"GET /hello\.txt\?a=b" 200 {len(HELLO)} B ')
        until(lambda: server.running.stop() == 0, "it stops", limit=LIMIT_SECONDS)
