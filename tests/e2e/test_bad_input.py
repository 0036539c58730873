"""`padlock get` before everything that goes wrong: one clear message each, the right exit code, no partial file."""

import os

import pytest

from peers.ports import free_port
from peers.process import until
from peers.scripts import close_at_once, reset, say, say_then_stall, stall
from peers.servers import QuietHandler, openssl_server, python_server
from peers.wire import Tamper, listening


def assert_told(done, code, rule, *parts):
    """One message: what happened, by which rule, what to do next; and nothing on stdout."""
    assert (done.code, done.out) == (code, b""), done.said
    assert done.err.count("rule  ") == 1 and f"code {rule}\n" in done.err and "  next  " in done.err, done.err
    for part in parts:
        assert part in done.err, done.err


# ---- before a connection ---------------------------------------------------------------------------------------------

@pytest.mark.parametrize("url, rule", [
    ("ftp://localhost/", "http.url.scheme"),
    ("https://", "http.host.malformed"),
    ("https://localhost:99999/", "http.host.malformed"),
    ("https://user:password@localhost/", "http.url.userinfo"),
    ("https://localhost/a b", "http.url.malformed"),
])
def test_a_bad_url(padlock, url, rule):
    done = padlock.get(url)
    assert_told(done, 2, rule)
    assert "password" not in done.err.partition("\n")[0]


@pytest.mark.parametrize("arguments", [[], ["--frobnicate", "https://localhost/"], ["https://localhost/", "-m", "soon"],
                                       ["-k", "https://localhost/"], ["--tls", "1.1", "https://localhost/"]])
def test_bad_usage(padlock, arguments):
    done = padlock.get(*arguments)
    assert (done.code, done.out) == (2, b"") and done.err.startswith("padlock: "), done.said


@pytest.mark.parametrize("word, words", [("foo", "there are serve, get, explain, check, cert, ca, trust, acme, doctor, config, host, store, status, reload, restart, version"), ("gett", "did you mean get?")])
def test_an_unknown_command(padlock, word, words):
    done = padlock.run(word, "https://localhost/")
    assert (done.code, done.out) == (2, b"")
    assert done.err.startswith(f'padlock: there is no command "{word}"; {words}\n  next  '), done.err


@pytest.mark.parametrize("command", ["get", "explain"])
@pytest.mark.parametrize("flag, value", [("--groups", "X25519,P-255"), ("--cipher-suites", "TLS_AES_128_GCM_SHA255")])
def test_an_unknown_group_or_suite(padlock, command, flag, value):
    done = padlock.run(command, flag, value, "https://localhost/")
    assert_told(done, 2, "client.option", f"{flag} does not know \"{value.split(',')[-1]}\"; did you mean ")


@pytest.mark.parametrize("flag, value", [("--groups", "X25519MLKEM768"), ("--cipher-suites", "TLS_AES_128_GCM_SHA256")])
def test_a_group_or_suite_that_the_version_has_not(padlock, serving, flag, value):
    done = padlock.get("--tls", "1.2", flag, value, serving.url())
    assert done.code != 0 and "tls.usage.configuration" in done.err and "TLS 1.2" in done.err, done.said


def test_k_names_both_ways_out(padlock):
    done = padlock.get("-k", "https://localhost/")
    assert "--cacert" in done.err and "--dangerous-accept-any-certificate" in done.err


def test_a_trust_file_that_is_not_there(padlock, tmp_path):
    assert_told(padlock.get("--cacert", tmp_path / "none.pem", "https://localhost/"), 2, "net.file.missing", "none.pem")


def test_a_trust_file_without_certificates(padlock, pki):
    key = pki.credential("good-ecdsa").key
    assert_told(padlock.get("--cacert", key, "https://localhost/"), 2, "x509.trust.empty", str(key))


def test_an_unknown_name(padlock):
    done = padlock.get("https://nobody.invalid/")
    assert (done.code, done.out) == (6, b"") and "nobody.invalid" in done.err and "  next  " in done.err, done.said


def test_no_route(padlock):
    """No TCP connection leads to a multicast address, with a network or without."""
    assert_told(padlock.get("https://224.0.0.1/"), 7, "net.connect.no_route", "224.0.0.1:443")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_refused_connection(padlock, scheme):
    port = free_port()
    assert_told(padlock.get(f"{scheme}://localhost:{port}/"), 7, "net.connect.refused", f"127.0.0.1:{port}")


# ---- the handshake ---------------------------------------------------------------------------------------------------

HALF_A_SERVER_HELLO = bytes.fromhex("160303007a020000760303")


@pytest.mark.parametrize("part, code, rule", [
    (close_at_once, 35, "tls.connection.closed_in_handshake"),
    (say(b""), 35, "tls.connection.closed_in_handshake"),
    (say(HALF_A_SERVER_HELLO), 35, "tls.connection.closed_in_handshake"),
    (reset, 35, "net.connection_reset"),
    (say(b"\x00\x01\x02 garbage" * 99), 35, "tls.record.not_tls"),
    (say(b"SSH-2.0-OpenSSH_9.2\r\n"), 35, "tls.record.not_tls"),
    (say(b"HTTP/1.0 400 Bad Request\r\n\r\nspeak up"), 35, "tls.record.plain_http_response"),
    (say(b"\x16\x03\x03\xff\xff" + bytes(0xffff)), 35, "tls.record.too_long"),
    (say(b"\x16\x03\x03\x00\x00"), 35, "tls.record.empty_fragment"),
    (say(b"\x15\x03\x03\x00\x02\x02\x28"), 35, "tls.alert.received"),
], ids=["closes", "closes-later", "closes-halfway", "resets", "garbage", "ssh", "http", "long-record", "empty-record",
        "alert"])
def test_an_odd_server(padlock, tmp_path, part, code, rule):
    with listening(part) as port:
        done = padlock.get(f"https://localhost:{port}/", "-o", tmp_path / "page")
    assert done.err.startswith("[BROKEN] localhost: "), done.err
    assert_told(done, code, rule)
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_stalls(padlock, tmp_path):
    with listening(stall) as port:
        done = padlock.get(f"https://localhost:{port}/", "-m", "0.5", "-o", tmp_path / "page")
    assert_told(done, 28, "net.deadline_passed")
    assert list(tmp_path.iterdir()) == []


# The chain, the rule that refuses it, and how s_server names the alert that it hears.
CHAINS = [
    ("wrong-name", "x509.name.mismatch", "bad certificate"),
    ("expired", "x509.validity.expired", "certificate expired"),
    ("not-yet-valid", "x509.validity.not_yet_valid", "certificate expired"),
    ("below-untrusted-root", "x509.path.unknown_issuer", "unknown ca"),
    ("bad-signature", "x509.path.bad_signature", "bad certificate"),
    ("wrong-purpose", "x509.path.extended_key_usage", "unsupported certificate"),
]


@pytest.mark.parametrize("chain, rule, alert", CHAINS)
def test_a_bad_certificate(padlock, pki, tmp_path, chain, rule, alert):
    with openssl_server(pki.credential(chain), tmp_path) as server:
        done = padlock.get("--cacert", pki.roots, f"https://localhost:{server.port}/", "-o", tmp_path / "page")
        server.until_says(f"alert {alert}")
    assert done.err.startswith("[BROKEN] localhost: "), done.err
    assert_told(done, 60, rule, "chain 0  ", f"CN={chain}")
    assert not (tmp_path / "page").exists()


def test_the_dangerous_flag_goes_on_and_stays_broken(padlock, pki, tmp_path):
    (tmp_path / "page.txt").write_text("the page", "ascii")
    with openssl_server(pki.credential("expired"), tmp_path) as server:
        done = padlock.get("--dangerous-accept-any-certificate", f"https://localhost:{server.port}/page.txt")
    assert (done.code, done.text) == (0, "the page")
    assert done.err.startswith("[BROKEN] localhost: "), done.err


# ---- a record that was changed on its way ----------------------------------------------------------------------------

@pytest.mark.parametrize("after_request, code", [(False, 35), (True, 56)], ids=["handshake", "application-data"])
def test_a_tampered_record_from_the_server(padlock, pki, tmp_path, after_request, code):
    with python_server(pki.credential("good-ecdsa")) as server, \
            listening(Tamper(server.port, "server", 1, after_request)) as port:
        done = padlock.get("--cacert", pki.roots, f"https://localhost:{port}/", "-o", tmp_path / "out")
        [error] = until(lambda: server.errors, "the server hears the alert")
    assert_told(done, code, "tls.record.not_authentic")
    assert "ALERT_BAD_RECORD_MAC" in error
    assert list(tmp_path.iterdir()) == []


def test_a_tampered_finished_of_ours(padlock, pki, tmp_path):
    """The server finds the fault and says so; the client tells what the alert means."""
    with openssl_server(pki.credential("good-ecdsa"), tmp_path) as server, \
            listening(Tamper(server.port, "client", 1)) as port:
        done = padlock.get("--cacert", pki.roots, f"https://localhost:{port}/")
    assert_told(done, 56, "tls.alert.received", "bad_record_mac")


# ---- plain http and TLS mixed up -------------------------------------------------------------------------------------

def test_tls_to_an_http_port(padlock):
    with python_server() as server:
        done = padlock.get(f"https://localhost:{server.port}/")
    assert_told(done, 35, "tls.record.not_tls", "does not speak TLS on this port")


def test_http_to_a_tls_port(padlock):
    with listening(say(b"\x15\x03\x03\x00\x02\x02\x46")) as port:
        done = padlock.get(f"http://localhost:{port}/")
    assert_told(done, 56, "client.tls_on_plain_http", "[NOT SECURE]")


# ---- the response ----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("part, code, rule", [
    (say(b""), 52, "http.response_missing"),
    (say(b"HTTP/1.1 200 OK\r\nContent-Le"), 18, "http.message_truncated"),
    (say(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"), 18, "http.message_truncated"),
    (say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"), 18, "http.message_truncated"),
    (say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnone\r\n"), 56, "http.chunk.size"),
    (say(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"), 56,
     "http.framing.content_length_repeated"),
    (say(b"\x00\x01\x02 garbage\r\n\r\n"), 56, "http.line.control_character"),
    (say(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70000), 56, "http.fields.too_large"),
    (say_then_stall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"), 28, "net.deadline_passed"),
], ids=["none", "half-a-head", "short", "half-a-chunk", "no-chunk", "two-lengths", "garbage", "endless-head", "stalls"])
def test_a_bad_response(padlock, tmp_path, part, code, rule):
    with listening(part) as port:
        done = padlock.get(f"http://localhost:{port}/", "-m", "2" if code == 28 else "60", "-o", tmp_path / "page")
    assert_told(done, code, rule)
    assert list(tmp_path.iterdir()) == []


class ClosesEarly(QuietHandler):
    """Promises more than it sends."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        self.wfile.write(b"only this")


def test_a_body_that_is_cut_off_over_tls(padlock, pki, tmp_path):
    with python_server(pki.credential("good-ecdsa"), ClosesEarly) as server:
        done = padlock.get("--cacert", pki.roots, f"https://localhost:{server.port}/", "-o", tmp_path / "page")
    assert (done.code, done.out) == (18, b""), done.said
    assert list(tmp_path.iterdir()) == []


# ---- where the body goes ---------------------------------------------------------------------------------------------

def test_a_file_that_cannot_be_written(padlock, tmp_path):
    with python_server() as server:
        done = padlock.get(f"http://localhost:{server.port}/", "-o", tmp_path / "none" / "page")
    assert_told(done, 23, "client.sink_failed", str(tmp_path / "none"))


def test_a_full_disk(padlock):
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full here")
    with python_server() as server:
        done = padlock.get(f"http://localhost:{server.port}/", "-o", "/dev/full")
    assert (done.code, done.out) == (23, b"") and "next  " in done.err, done.said


def test_an_old_file_stays_when_the_new_one_does_not_come(padlock, tmp_path):
    page = tmp_path / "page"
    page.write_text("old", "ascii")
    with listening(say(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nnew")) as port:
        done = padlock.get(f"http://localhost:{port}/", "-o", page)
    assert done.code == 18 and page.read_text("ascii") == "old"
    assert list(tmp_path.iterdir()) == [page]
