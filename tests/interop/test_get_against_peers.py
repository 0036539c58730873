"""`padlock get` against the habits of others' servers; groups, suites and certificates: test_matrix.py."""

import json
import ssl

import pytest

from peers.servers import nginx_server, openssl_server, python_server

TEXT = "hello from the other side\n"
SENT_KEY_UPDATE = ">>> TLS 1.3, Handshake [length 0005], KeyUpdate"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder that other servers serve."""
    path = tmp_path_factory.mktemp("pages")
    (path / "hello.txt").write_text(TEXT, "ascii")
    (path / "big.bin").write_bytes(bytes(range(256)) * 4096 * 3)
    return path


def fetch(padlock, pki, port, path, *flags, host="localhost"):
    return padlock.get("--cacert", pki.roots, f"https://{host}:{port}{path}", *flags)


def negotiated(done):
    """The verdict's part about TLS, of a run with --json."""
    report = json.loads(done.err.splitlines()[-1])
    assert report["security"]["level"] == "locked"
    return report["security"]["tls"]


def test_openssl_verdict_line(padlock, pki, folder):
    with openssl_server(pki.credential("good-ecdsa"), folder) as server:
        done = fetch(padlock, pki, server.port, "/hello.txt")
    assert done.code == 0
    assert done.err.startswith("[locked] localhost - TLS 1.3, X25519 - root (given) - valid until ")


def test_openssl_without_middlebox_compatibility(padlock, pki, folder):
    with openssl_server(pki.credential("good-ecdsa"), folder, "-no_middlebox") as server:
        done = fetch(padlock, pki, server.port, "/hello.txt")
    assert (done.code, done.text) == (0, TEXT), done.err


def test_openssl_large_file_in_small_records(padlock, pki, folder, tmp_path):
    out = tmp_path / "big.bin"
    with openssl_server(pki.credential("good-ecdsa"), folder, "-max_send_frag", "512") as server:
        done = fetch(padlock, pki, server.port, "/big.bin", "-o", out)
    assert done.code == 0, done.err
    assert out.read_bytes() == (folder / "big.bin").read_bytes()


@pytest.mark.parametrize("letter", [b"k", b"K"], ids=["update", "update-requested"])
def test_openssl_updates_its_keys(padlock, pki, tmp_path, letter):
    """A line k sends a KeyUpdate, K one that asks for ours too."""
    with openssl_server(pki.credential("good-ecdsa"), tmp_path, "-msg", by_hand=True) as server, \
            padlock.start_get("--cacert", pki.roots, f"https://localhost:{server.port}/") as client:
        server.until_says("^GET / HTTP/1.1")
        for count in range(1, 4):
            server.write(letter + b"\n")
            server.until(lambda count=count: server.said.count(SENT_KEY_UPDATE) >= count, "the KeyUpdate is sent")
        server.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n")
        assert client.wait() == 0 and client.out == "hello\n", client.said


def test_openssl_asks_for_a_client_certificate(padlock, pki, folder):
    """Asked, not required: the client has none and says so with an empty Certificate."""
    with openssl_server(pki.credential("good-ecdsa"), folder, "-verify", "1") as server:
        done = fetch(padlock, pki, server.port, "/hello.txt")
    assert (done.code, done.text) == (0, TEXT), done.err


def test_tls_1_2_alone_is_refused_with_a_reason(padlock, pki, folder):
    with openssl_server(pki.credential("good-ecdsa"), folder, "-tls1_2") as server:
        done = fetch(padlock, pki, server.port, "/hello.txt", "--tls", "1.3")
    assert (done.code, done.out) == (35, b"")
    assert "protocol_version" in done.err and "share no version of TLS" in done.err and "next " in done.err, done.err


def test_no_common_group_is_refused_with_a_reason(padlock, pki, folder):
    with openssl_server(pki.credential("good-ecdsa"), folder, "-groups", "P-521") as server:
        done = fetch(padlock, pki, server.port, "/hello.txt")
    assert (done.code, done.out) == (35, b"")
    assert "handshake_failure" in done.err and "next " in done.err, done.err


@pytest.fixture(scope="module")
def nginx(pki, folder, tmp_path_factory):
    with nginx_server(pki.credential("good-ecdsa"), folder, tmp_path_factory.mktemp("nginx")) as server:
        yield server


def test_nginx_a_file(padlock, pki, nginx):
    done = fetch(padlock, pki, nginx.port, "/hello.txt")
    assert (done.code, done.text) == (0, TEXT), done.err


def test_nginx_by_address(padlock, pki, nginx):
    done = fetch(padlock, pki, nginx.port, "/hello.txt", host="127.0.0.1")
    assert (done.code, done.text) == (0, TEXT), done.err


def test_nginx_a_large_file(padlock, pki, nginx, folder, tmp_path):
    done = fetch(padlock, pki, nginx.port, "/big.bin", "-o", tmp_path / "big.bin")
    assert done.code == 0, done.err
    assert (tmp_path / "big.bin").read_bytes() == (folder / "big.bin").read_bytes()


def test_nginx_head(padlock, pki, nginx):
    done = fetch(padlock, pki, nginx.port, "/hello.txt", "-I")
    assert done.code == 0, done.err
    assert done.text.startswith("HTTP/1.1 200 OK\r\n") and done.text.endswith("\r\n\r\n")
    assert f"Content-Length: {len(TEXT)}\r\n" in done.text


def test_nginx_a_range(padlock, pki, nginx):
    done = fetch(padlock, pki, nginx.port, "/hello.txt", "-i", "-H", "Range: bytes=6-9")
    assert done.code == 0, done.err
    assert done.text.startswith("HTTP/1.1 206 ") and done.text.endswith("\r\n\r\nfrom")


def test_nginx_not_modified(padlock, pki, nginx):
    head = fetch(padlock, pki, nginx.port, "/hello.txt", "-I").text
    tag = next(line for line in head.splitlines() if line.startswith("ETag: "))[6:]
    done = fetch(padlock, pki, nginx.port, "/hello.txt", "-i", "-H", f"If-None-Match: {tag}")
    assert done.code == 0 and done.text.startswith("HTTP/1.1 304 "), done.said


def test_nginx_not_found(padlock, pki, nginx):
    done = fetch(padlock, pki, nginx.port, "/none")
    assert done.code == 0 and "404 Not Found" in done.text


@pytest.mark.parametrize("path, status", [("/none", 404), ("/broken", 503)])
def test_nginx_an_error_with_f(padlock, pki, nginx, tmp_path, path, status):
    done = fetch(padlock, pki, nginx.port, path, "-f", "-o", tmp_path / "page")
    assert done.code == 22 and f"the server answered {status}" in done.err, done.said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", ["/found", "/far"])
def test_nginx_redirects(padlock, pki, nginx, path):
    done = fetch(padlock, pki, nginx.port, path, "-L")
    assert (done.code, done.text) == (0, TEXT), done.err


def test_nginx_a_redirect_that_is_not_followed(padlock, pki, nginx):
    done = fetch(padlock, pki, nginx.port, "/found", "-i")
    assert done.code == 0 and "HTTP/1.1 302 Found" in done.text


def test_nginx_redirects_without_end(padlock, pki, nginx):
    done = fetch(padlock, pki, nginx.port, "/loop", "-L", "--max-redirs", "3")
    assert (done.code, done.out) == (47, b"")
    assert "client.redirect.too_many" in done.err


def test_nginx_a_redirect_to_plain_http(padlock, pki, nginx):
    done = fetch(padlock, pki, nginx.port, "/plain", "-L")
    assert (done.code, done.out) == (47, b"")
    assert "client.redirect.to_plain_http" in done.err


def test_go_sends_chunks(padlock, pki, go_peer, tmp_path):
    with go_peer.serving(pki.credential("good-ecdsa"), tmp_path, tmp_path) as server:
        done = fetch(padlock, pki, server.port, "/chunked")
    assert (done.code, done.text) == (0, "".join(f"line {n}\n" for n in range(1000))), done.err


def test_python(padlock, pki):
    with python_server(pki.credential("good-rsa")) as server:
        done = fetch(padlock, pki, server.port, "/a?b=c", "-d", "name=value", "-H", "X-Test: yes")
    assert (done.code, done.text) == (0, "<p>the padlock page</p>"), done.err
    [(method, path, fields, body)] = server.requests
    assert (method, path, body) == ("POST", "/a?b=c", b"name=value")
    assert fields["X-Test"] == "yes" and fields["Host"] == f"localhost:{server.port}"


@pytest.mark.parametrize("protocols, flag", [(["http/1.1"], "--http2"), (["h2", "http/1.1"], "--http1.1")])
def test_python_chooses_http_1_1_by_alpn(padlock, pki, protocols, flag):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(protocols)
    with python_server(pki.credential("good-ecdsa"), context=context) as server:
        done = fetch(padlock, pki, server.port, "/", "--json", flag)
    assert done.code == 0, done.err
    assert negotiated(done)["alpn"] == "http/1.1"
