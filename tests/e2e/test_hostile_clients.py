"""`padlock serve` before bad settings and hostile clients: it says what is wrong, and serves the next one."""

import re
import shutil
import socket
import ssl

import pytest

from peers.process import run
from peers.site import HELLO
from peers.wire import (ALERT, CHANGE_CIPHER_SPEC, HANDSHAKE, OneByteAtATime, Tamper, ask, client_hello, connect, exchange,
                        listening, read_all, tls_connect)

REQUEST = b"GET /hello.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@pytest.fixture(autouse=True)
def canary(request):
    """After each attack on the shared server it still answers."""
    yield
    if "serving" in request.fixturenames:
        answer = ask(request.getfixturevalue("serving"), "/hello.txt")
        assert (answer.status, answer.body.decode("ascii")) == (200, HELLO)


# ---- bad settings ----------------------------------------------------------------------------------------------------

def refuse(padlock, code, rule, *arguments):
    """A start that ends with one message: what, by which rule, what to do next."""
    ports = [] if "--port" in arguments else ["--port", "0"]
    done = padlock.run("serve", *ports, "--http-port", "0", *arguments)
    assert (done.code, done.out) == (code, b""), done.said
    assert done.err.startswith("padlock: ") and f"code {rule}\n" in done.err and "  next  " in done.err, done.err
    return done.err


def test_a_port_in_use(padlock, site):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert f":{port}" in refuse(padlock, 1, "net.listen.port_in_use", site, "--port", port)


def test_a_second_serve_on_the_same_port(padlock, site, serving):
    assert f":{serving.port}" in refuse(padlock, 1, "net.listen.port_in_use", site, "--port", serving.port)


def test_an_address_of_another_host(padlock, site):
    assert "192.0.2.7" in refuse(padlock, 1, "net.listen.address_not_available", site, "--listen", "192.0.2.7")


def test_a_folder_that_is_not_there(padlock, tmp_path):
    assert "none" in refuse(padlock, 2, "net.file.missing", tmp_path / "none")


def test_a_file_for_a_folder(padlock, site):
    assert "hello.txt" in refuse(padlock, 2, "net.file.not_a_folder", site / "hello.txt")


def test_a_key_that_is_not_there(padlock, pki, site, tmp_path):
    chain = pki.credential("good-ecdsa").chain
    assert "none.key" in refuse(padlock, 2, "net.file.missing", site, "--cert", chain, "--key", tmp_path / "none.key")


def test_a_certificate_that_is_not_there(padlock, pki, site, tmp_path):
    key = pki.credential("good-ecdsa").key
    assert "none.pem" in refuse(padlock, 2, "net.file.missing", site, "--cert", tmp_path / "none.pem", "--key", key)


def test_a_key_that_is_no_file(padlock, pki, site, tmp_path):
    chain = pki.credential("good-ecdsa").chain
    assert str(tmp_path) in refuse(padlock, 2, "net.file.unreadable", site, "--cert", chain, "--key", tmp_path)


def test_a_key_that_others_may_read(padlock, pki, site, tmp_path):
    credential, key = pki.credential("good-ecdsa"), tmp_path / "open.key"
    shutil.copy(credential.key, key)
    key.chmod(0o644)
    text = refuse(padlock, 2, "net.file.key_readable_by_others", site, "--cert", credential.chain, "--key", key)
    assert "open.key" in text and "chmod 600" in text


def test_a_key_of_another_certificate(padlock, pki, site):
    chain, key = pki.credential("good-ecdsa").chain, pki.credential("good-wildcard").key
    text = refuse(padlock, 2, "tls.credential.key_mismatch", site, "--cert", chain, "--key", key)
    assert "good-wildcard.key" in text or "good-ecdsa.pem" in text


def test_a_key_that_is_garbage(padlock, pki, site, tmp_path):
    key = tmp_path / "garbage.key"
    key.write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "ascii")
    key.chmod(0o600)
    done = padlock.run("serve", site, "--port", "0", "--cert", pki.credential("good-ecdsa").chain, "--key", key)
    assert (done.code, done.out) == (2, b"") and "garbage.key" in done.err and "  next  " in done.err, done.said


@pytest.mark.parametrize("arguments", [["--port", "99999"], ["--port", "https"], ["--policy", "ancient"],
                                       ["--listen", "everywhere"], ["--cert", "alone.pem"], ["--fallback", "other.test"],
                                       ["--name", "not a name"], ["--frobnicate"], ["--port", "4711", "--http-port", "4711"]],
                         ids=lambda arguments: " ".join(arguments))
def test_bad_flags(padlock, site, arguments):
    done = padlock.run("serve", site, *arguments)
    assert (done.code, done.out) == (2, b""), done.said
    assert done.err.startswith("padlock: ") and "  next  " in done.err, done.err


# ---- bytes that are no TLS -------------------------------------------------------------------------------------------

def throw(serving, data, port=None):
    """Sends bytes, closes its side, and gives what comes back."""
    with connect(port or serving.port) as sock:
        try:
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
        except ConnectionError:
            pass  # the server has closed already
        return read_all(sock)


@pytest.mark.parametrize("data", [
    b"", b"\x00", b"\xff" * 70_000, b"SSH-2.0-OpenSSH_9.2\r\n", b"\x16\x03\x01\xff\xff" + bytes(70_000),
    b"\x16\x03\x01\x00\x00", b"\x16\x03\x01\x00\x04\x01\xff\xff\xff", b"\x80\x2e\x01\x00\x02" + bytes(60),
    b"\x14\x03\x03\x00\x01\x01" * 100, b"\x15\x03\x03\x00\x02\x02\x28", b"\x17\x03\x03\x00\x20" + bytes(32),
], ids=["nothing", "one-byte", "garbage", "ssh", "long-record", "empty-record", "long-hello", "ssl2",
        "change-cipher-specs", "alert", "early-record"])
def test_garbage(serving, data):
    answer = throw(serving, data)
    assert answer == b"" or answer[0] == ALERT or answer.startswith(b"HTTP/1.1 400 "), answer


@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
def test_a_part_of_a_client_hello(serving, share):
    hello = client_hello()
    answer = throw(serving, hello[:int(len(hello) * share)])
    assert answer == b"" or answer[0] == ALERT


def test_a_client_hello_with_a_changed_byte_anywhere(serving):
    """Each is answered by a ServerHello or an alert, or it waits for more; the server lives on."""
    hello = client_hello()
    for place in range(0, len(hello), 7):
        answer = throw(serving, hello[:place] + bytes([hello[place] ^ 0xff]) + hello[place + 1:])
        assert answer == b"" or answer[0] in (CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE), (place, answer)


def test_a_client_that_goes_away_after_its_hello(serving):
    for _ in range(20):
        with connect(serving.port) as sock:
            sock.sendall(client_hello())


def test_one_byte_at_a_time(serving):
    with listening(OneByteAtATime(serving.port)) as port:
        assert exchange(port, serving.root, REQUEST).endswith(HELLO.encode("ascii"))


def test_plain_http_on_the_tls_port(serving):
    answer = throw(serving, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ") and b"Content-Type: text/plain" in head and b"https://" in body, answer


def test_tls_on_the_plain_port(serving):
    answer = throw(serving, client_hello(), serving.http_port)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400 ") or answer[0] == ALERT, answer


# ---- records that were changed on their way --------------------------------------------------------------------------

def test_a_tampered_request(serving):
    """The client's second encrypted record is its request; the alert comes under the right keys."""
    with listening(Tamper(serving.port, "client", 2)) as port, tls_connect(port, serving.root) as sock:
        sock.sendall(REQUEST)
        with pytest.raises(ssl.SSLError, match="BAD_RECORD_MAC"):
            sock.recv(1)
    serving.until_logs(r" failed: .*tls\.record\.not_authentic")


def test_a_tampered_finished(serving):
    with listening(Tamper(serving.port, "client", 1)) as port, tls_connect(port, serving.root) as sock:
        with pytest.raises(ssl.SSLError, match="BAD_RECORD_MAC"):
            sock.recv(1)


def test_a_tampered_response(serving):
    with listening(Tamper(serving.port, "server", 1, after_request=True)) as port:
        with tls_connect(port, serving.root) as sock:
            sock.sendall(b"GET /hello.txt?tampered HTTP/1.1\r\nHost: localhost\r\n\r\n")
            with pytest.raises(ssl.SSLError, match="(?i)bad record mac|decryption failed"):
                sock.recv(1)
    serving.until_logs(r" failed: .*bad_record_mac")


# ---- HTTP ------------------------------------------------------------------------------------------------------------

def head(*lines):
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


GET, HOST = "GET /hello.txt HTTP/1.1", "Host: localhost"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"


def test_what_a_broken_request_holds_is_logged_escaped_once(serving):
    exchange(serving.port, serving.root, head("GET /a\x7f HTTP/1.1", HOST))
    serving.until_logs(r" failed: the byte \\x7f after 6 bytes of a line ")


@pytest.mark.parametrize("status, data", [
    (431, head(GET, HOST, "X: " + "x" * 40_000)),
    (431, head(GET, HOST, *["X: y"] * 200)),
    (414, head("GET /" + "x" * 9_000 + " HTTP/1.1", HOST)),
    (400, head(GET)),
    (400, head(GET, HOST, HOST)),
    (400, head(GET, "Host: a b")),
    (400, head("GET  /hello.txt HTTP/1.1", HOST)),
    (400, head("GET /hello.txt", HOST)),
    (400, head("G\x01T / HTTP/1.1", HOST)),
    (505, head("GET / HTTP/2.0", HOST)),
    (400, b"\x00\x01\x02\x03\r\n\r\n"),
    (413, head("POST / HTTP/1.1", HOST, "Content-Length: 99999999999")),
    (417, head(GET, HOST, "Expect: the-unexpected")),
    (421, head("GET http://localhost/ HTTP/1.1", HOST)),
], ids=["long-field", "many-fields", "long-target", "no-host", "two-hosts", "bad-host", "two-spaces", "no-version",
        "bad-method", "http2", "garbage", "huge-body", "expectation", "absolute-http"])
def test_bad_heads(serving, status, data):
    answer = exchange(serving.port, serving.root, data + (b"" if status == 431 else SMUGGLED))
    assert answer.startswith(f"HTTP/1.1 {status} ".encode("ascii")), answer[:200]


@pytest.mark.parametrize("lines", [
    ["Content-Length: 5", "Content-Length: 5"],
    ["Content-Length: 5", "Content-Length: 6"],
    ["Content-Length: 5, 5"],
    ["Content-Length: +5"],
    ["Content-Length: 0x5"],
    ["Content-Length: -1"],
    ["Content-Length: 5 "  "5"],
    ["Content-Length : 5"],
    ["Content-Length: 5", "Transfer-Encoding: chunked"],
    ["Transfer-Encoding: chunked", "Content-Length: 5"],
    ["Transfer-Encoding: chunked, identity"],
    ["Transfer-Encoding: xchunked"],
    ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
    ["Transfer-Encoding: \x0bchunked"],
    ["Transfer-Encoding : chunked"],
    [" Transfer-Encoding: chunked"],
    ["X: y\nTransfer-Encoding: chunked"],
    ["X: y\rTransfer-Encoding: chunked"],
    ["X: y\x00z"],
    ["no colon"],
], ids=repr)
def test_smuggling(serving, lines):
    """One answer, 400 (501 for an unknown coding), then the end: what follows is never taken for a request."""
    answer = exchange(serving.port, serving.root, head("POST /hello.txt HTTP/1.1", HOST, *lines) + b"0\r\n\r\n" + SMUGGLED)
    assert re.match(rb"HTTP/1\.1 (400|501) ", answer), answer[:200]
    assert answer.count(b"HTTP/1.1 ") == 1
    assert "/smuggled" not in serving.running.err


@pytest.mark.parametrize("body", [b"x\r\n", b"5\r\nhello0\r\n\r\n", b"5;\x00\r\nhello\r\n", b"-1\r\n", b"0x5\r\nhello\r\n",
                                  b"fffffffffffffffff\r\n", b"5\nhello\r\n0\r\n\r\n"], ids=repr)
def test_bad_chunks(serving, body):
    """The method is refused as well; whichever is told, nothing that follows is taken for a request."""
    answer = exchange(serving.port, serving.root,
                      head("POST /hello.txt HTTP/1.1", HOST, "Transfer-Encoding: chunked") + body + SMUGGLED)
    assert re.match(rb"HTTP/1\.1 (400|405) ", answer), answer[:200]
    assert answer.count(b"HTTP/1.1 ") == 1
    assert "/smuggled" not in serving.running.err


def test_a_body_that_nobody_reads(serving):
    """POST is refused, its body is read away, and the connection goes on with the next request."""
    data = head("POST /hello.txt HTTP/1.1", HOST, "Content-Length: 1000") + b"x" * 1000 + REQUEST
    answer = exchange(serving.port, serving.root, data)
    assert answer.startswith(b"HTTP/1.1 405 ") and answer.endswith(HELLO.encode("ascii"))


def test_a_client_that_leaves_in_the_middle_of_a_download(serving):
    with tls_connect(serving.port, serving.root) as sock:
        sock.sendall(b"GET /big.bin?leaves HTTP/1.1\r\nHost: localhost\r\n\r\n")
        sock.recv(1000)
    serving.until_logs(r'"GET /big\.bin\?leaves" 200 \d+ B .* incomplete$')


def test_a_request_that_is_cut_off(serving):
    for part in [b"GET /hel", b"GET /hello.txt HTTP/1.1\r\nHost: local", b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab"]:
        with tls_connect(serving.port, serving.root) as sock:
            sock.sendall(part)


def test_clients_that_stall(serving):
    """In the handshake, in a head, in a body: each is let go after its time, and the two who speak HTTP hear 408."""
    with connect(serving.port) as hello, tls_connect(serving.port, serving.root) as head_stalls, \
            tls_connect(serving.port, serving.root) as body_stalls:
        hello.sendall(client_hello()[:100])
        head_stalls.sendall(b"GET /hello.txt HTTP/1.1\r\nHost: loc")
        body_stalls.sendall(head("POST /hello.txt HTTP/1.1", HOST, "Content-Length: 10") + b"half")
        assert read_all(hello)[:1] in (b"", bytes([ALERT]))
        assert read_all(head_stalls).startswith(b"HTTP/1.1 408 ")
        assert re.match(rb"HTTP/1\.1 (405|408) ", read_all(body_stalls))


def test_many_at_once(serving):
    """Clients that hold their connections do not keep the next one out."""
    idle = [connect(serving.port) for _ in range(100)]
    try:
        for sock in idle[::2]:
            sock.sendall(client_hello()[:100])
        assert ask(serving, "/hello.txt").status == 200
    finally:
        for sock in idle:
            sock.close()


@pytest.mark.parametrize("flag", ["-tls1", "-tls1_1"])
def test_old_versions(serving, flag):
    done = run("openssl", "s_client", "-connect", f"127.0.0.1:{serving.port}", flag, "-cipher", "ALL:@SECLEVEL=0",
               "-servername", "localhost")
    assert done.code != 0 and "alert protocol version" in done.err, done.err
