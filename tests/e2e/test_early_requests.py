"""`early_data = true`: openssl's client sends a request in its first flight (RFC 8446, section 2.3; RFC 8470)."""

import http.server
import threading

import pytest
from peers.early_upstream import EarlyUpstream
from peers.process import run

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture(name="upstream")
def an_upstream():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), EarlyUpstream)
    threading.Thread(target=server.serve_forever).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def ask(serving, saying, *arguments):
    return run("openssl", "s_client", "-connect", f"127.0.0.1:{serving.port}", "-servername", "localhost", "-CAfile",
               serving.root, "-verify_return_error", "-tls1_3", "-groups", "X25519", "-ign_eof", *arguments, stdin=saying)


def configuration(folder, upstream):
    file = folder / "padlock.toml"
    file.write_text('listen = "127.0.0.1"\nhttps_port = 0\nhttp_port = 0\nworkers = 2\nearly_data = true\n'
                    f'[sites."localhost"]\nproxy = "localhost:{upstream}"\n', "utf-8")
    return file


def test_a_safe_request_is_answered_once(padlock, upstream, tmp_path):
    session, early = tmp_path / "session", tmp_path / "early"
    early.write_bytes(GET)
    with padlock.serve_config(configuration(tmp_path, upstream)) as serving:
        assert "early: no" in ask(serving, GET, "-sess_out", session).text
        first = ask(serving, b"", "-sess_in", session, "-early_data", early).text
        assert "Early data was accepted" in first
        assert "early: 1" in first
        again = ask(serving, GET, "-sess_in", session, "-early_data", early).text
        assert "Early data was rejected" in again
        assert again.count("early: ") == 1
        assert "early: no" in again


def test_what_may_change_something_comes_too_early(padlock, upstream, tmp_path):
    session, early = tmp_path / "session", tmp_path / "early"
    early.write_bytes(POST)
    with padlock.serve_config(configuration(tmp_path, upstream)) as serving:
        ask(serving, GET, "-sess_out", session)
        told = ask(serving, b"", "-sess_in", session, "-early_data", early).text
        assert "Early data was accepted" in told
        assert "HTTP/1.1 425 Too Early" in told
