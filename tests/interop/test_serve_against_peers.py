"""`padlock serve` before clients of other implementations, a browser among them."""

import hashlib
import shutil
import subprocess

import pytest

from peers.browser import browse, make_nss_home, nss_store
from peers.process import Running, peer, run
from peers.servers import openssl_server
from peers.site import HELLO, PAGE
from peers.wire import client_context, connect, read_all, tls_connect

SUITES = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"]
# With a share for P-521 first, which the server does not take, there is a HelloRetryRequest.
GROUPS = {"X25519": "X25519", "P-256": "ECDH, prime256v1", "P-384": "ECDH, secp384r1",
          "P-521:X25519": "X25519", "P-521:P-256": "ECDH, prime256v1"}
REQUEST = b"GET /hello.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


# ---- openssl s_client ------------------------------------------------------------------------------------------------

def s_client(serving, *arguments, name="localhost"):
    return ["s_client", "-connect", f"127.0.0.1:{serving.port}", "-servername", name, "-CAfile", serving.root,
            "-verify_return_error", "-verify_hostname", name, "-tls1_3", *arguments]


def ask_by_openssl(serving, *arguments, **options):
    return run(peer("openssl"), *s_client(serving, "-ign_eof", *arguments, **options), stdin=REQUEST)


@pytest.mark.parametrize("groups", GROUPS)
@pytest.mark.parametrize("suite", SUITES)
def test_openssl(serving, suite, groups):
    done = ask_by_openssl(serving, "-ciphersuites", suite, "-groups", groups, "-alpn", "http/1.1")
    assert done.code == 0 and HELLO in done.text, done.said
    for part in [f"New, TLSv1.3, Cipher is {suite}", f"Server Temp Key: {GROUPS[groups]}", "ALPN protocol: http/1.1",
                 "Verify return code: 0 (ok)"]:
        assert part in done.text, done.said


@pytest.mark.parametrize("arguments", [["-no_middlebox"], ["-max_send_frag", "512"], ["-no_ticket"],
                                       ["-alpn", "h2,http/1.1"], ["-record_padding", "512"]],
                         ids=lambda arguments: arguments[0])
def test_openssl_with_other_habits(serving, arguments):
    done = ask_by_openssl(serving, *arguments)
    assert done.code == 0 and HELLO in done.text, done.said


def test_openssl_without_a_common_protocol(serving):
    done = ask_by_openssl(serving, "-alpn", "smtp")
    assert done.code != 0 and "no application protocol" in done.err, done.said


def test_openssl_without_a_common_group(serving):
    done = ask_by_openssl(serving, "-groups", "P-521")
    assert done.code != 0 and "alert handshake failure" in done.err, done.said


def test_openssl_names_an_unknown_server(serving):
    done = ask_by_openssl(serving, name="other.test")
    assert done.code != 0 and "unrecognized name" in done.err, done.said


def test_openssl_with_tls_1_2_alone(serving):
    done = run(peer("openssl"), "s_client", "-connect", f"127.0.0.1:{serving.port}", "-servername", "localhost",
               "-tls1_2")
    assert done.code != 0 and "alert protocol version" in done.err, done.said


@pytest.mark.parametrize("letter", ["k", "K"], ids=["update", "update-requested"])
def test_openssl_updates_its_keys(serving, tmp_path, letter):
    """A line k sends a KeyUpdate, K one that asks for ours too."""
    with Running(peer("openssl"), *s_client(serving), folder=tmp_path, stdin=subprocess.PIPE) as client:
        client.until_says("Verify return code: 0")
        for _ in range(3):
            told = client.err.count("KEYUPDATE")
            client.write(letter.encode("ascii") + b"\n")
            client.until(lambda told=told: client.err.count("KEYUPDATE") > told, "the KeyUpdate is sent")
        client.write(REQUEST)
        client.until_says(HELLO.strip())


def test_openssl_offers_a_key_that_nobody_knows(serving):
    done = ask_by_openssl(serving, "-psk", "00112233445566778899aabbccddeeff", "-psk_identity", "stranger")
    assert done.code == 0 and HELLO in done.text and "New, TLSv1.3" in done.text, done.said


def test_openssl_sends_early_data_for_another_server(serving, pki, tmp_path):
    """Its ticket comes from another server: the early data is passed over, and the handshake is a full one."""
    session, early = tmp_path / "session", tmp_path / "early"
    early.write_bytes(b"GET /early HTTP/1.1\r\nHost: localhost\r\n\r\n")
    with openssl_server(pki.credential("good-ecdsa"), tmp_path, "-early_data", by_hand=True) as other:
        with Running(peer("openssl"), "s_client", "-connect", f"127.0.0.1:{other.port}", "-servername", "localhost",
                     "-sess_out", session, folder=tmp_path, stdin=subprocess.PIPE) as client:
            client.until(lambda: session.exists() and session.stat().st_size > 0, "the ticket comes")
    done = ask_by_openssl(serving, "-sess_in", session, "-early_data", early)
    assert "Early data was rejected" in done.text and "New, TLSv1.3" in done.text, done.said
    assert done.code == 0 and HELLO in done.text, done.said
    assert "/early" not in serving.running.err


# ---- GnuTLS and NSS --------------------------------------------------------------------------------------------------

GNUTLS_SUITES = ["AES-128-GCM", "AES-256-GCM", "CHACHA20-POLY1305"]


@pytest.mark.parametrize("group", ["GROUP-X25519", "GROUP-SECP256R1", "GROUP-SECP384R1:+GROUP-X25519"])
@pytest.mark.parametrize("suite", GNUTLS_SUITES)
def test_gnutls(serving, suite, group):
    priority = f"NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+{suite}:-GROUP-ALL:+{group}"
    done = run(peer("gnutls-cli"), "--x509cafile", serving.root, "--port", serving.port, "--priority", priority,
               "localhost", stdin=REQUEST)
    assert done.code == 0 and HELLO in done.text, done.said
    assert "The certificate is trusted" in done.text and f"({suite})" in done.text, done.said


@pytest.fixture(scope="module")
def nss_home(serving, tmp_path_factory):
    return make_nss_home(tmp_path_factory.mktemp("nss"), serving.root)


@pytest.mark.parametrize("groups", ["x25519", "P256", "P384,x25519"])
def test_nss(serving, nss_home, tmp_path, groups):
    request = tmp_path / "request"
    request.write_bytes(REQUEST)
    done = run(peer("tstclnt"), "-4", "-h", "localhost", "-p", serving.port, "-d", nss_store(nss_home), "-V",
               "tls1.3:tls1.3", "-I", groups, "-A", request)
    assert done.code == 0 and HELLO in done.text, done.said


# ---- curl and wget ---------------------------------------------------------------------------------------------------

def curl(serving, *arguments):
    return run(peer("curl"), "-q", "-sS", "--noproxy", "*", "--cacert", serving.root, *arguments)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_curl(serving, host):
    done = curl(serving, serving.url("/hello.txt", host))
    assert (done.code, done.text) == (0, HELLO), done.err


def test_curl_without_the_root(serving):
    done = run(peer("curl"), "-q", "-sS", "--noproxy", "*", serving.url())
    assert (done.code, done.out) == (60, b""), done.err


def test_curl_head(serving):
    done = curl(serving, "-I", serving.url("/hello.txt"))
    assert done.code == 0 and done.text.startswith("HTTP/1.1 200 ") and f"Content-Length: {len(HELLO)}\r\n" in done.text


def test_curl_range(serving):
    done = curl(serving, "-i", "-r", "6-9", serving.url("/hello.txt"))
    assert done.code == 0 and done.text.startswith("HTTP/1.1 206 ") and done.text.endswith("\r\n\r\nover"), done.said


def test_curl_resumes_a_download(serving, site, tmp_path):
    whole, out = (site / "big.bin").read_bytes(), tmp_path / "big.bin"
    out.write_bytes(whole[:7_000_001])
    done = curl(serving, "-C", "-", "-o", out, serving.url("/big.bin"))
    assert done.code == 0 and out.read_bytes() == whole, done.err


def test_curl_asks_whether_it_changed(serving, tmp_path):
    tag, out = tmp_path / "tag", tmp_path / "out"
    first = curl(serving, "--etag-save", tag, "-o", out, "-w", "%{http_code}", serving.url("/hello.txt"))
    again = curl(serving, "--etag-compare", tag, "-o", out, "-w", "%{http_code}", serving.url("/hello.txt"))
    assert (first.text, again.text) == ("200", "304")


def test_curl_keeps_its_connection(serving):
    done = curl(serving, "-w", "%{num_connects} ", *(serving.url(path) for path in ["/hello.txt", "/", "/none"] * 5))
    assert done.code == 0
    assert done.text.count(HELLO + "1 ") == 1 and done.text.count(HELLO + "0 ") == 4, done.text


def test_curl_downloads_a_large_file(serving, site, tmp_path):
    done = curl(serving, "-o", tmp_path / "big.bin", serving.url("/big.bin"))
    assert done.code == 0, done.err
    assert sha256(tmp_path / "big.bin") == sha256(site / "big.bin")


def test_curl_in_parallel(serving, tmp_path):
    done = curl(serving, "--parallel", "--parallel-immediate", "-o", tmp_path / "page-#1",
                serving.url("/hello.txt?[1-40]"))
    assert done.code == 0, done.err
    assert [path.read_text("ascii") for path in tmp_path.iterdir()] == [HELLO] * 40


def test_curl_follows_from_plain_http(serving):
    done = curl(serving, "-L", "-w", "%{url_effective}", f"http://localhost:{serving.http_port}/hello.txt")
    assert (done.code, done.text) == (0, HELLO + serving.url("/hello.txt")), done.err


def test_wget(serving, tmp_path):
    done = run(peer("wget"), "--no-config", "--no-proxy", "-nv", f"--ca-certificate={serving.root}", "-O",
               tmp_path / "out", serving.url("/hello.txt"))
    assert done.code == 0 and (tmp_path / "out").read_text("ascii") == HELLO, done.said


NODE_PROGRAM = """
const https = require('https'), fs = require('fs');
https.get(process.argv[3], {ca: fs.readFileSync(process.argv[2])}, response => {
  console.error(response.socket.getProtocol());
  response.pipe(process.stdout);
});
"""


def test_node(serving, tmp_path):
    node = shutil.which("node") or pytest.skip("no node on this machine, and none is asked for")
    (tmp_path / "get.js").write_text(NODE_PROGRAM, "ascii")
    done = run(node, tmp_path / "get.js", serving.root, serving.url("/hello.txt"))
    assert (done.code, done.text, done.err) == (0, HELLO, "TLSv1.3\n")


# ---- Python, Go, ourselves -------------------------------------------------------------------------------------------

def test_python_pipelines(serving):
    """Several requests before the first answer: all are answered, in order."""
    paths = ["/hello.txt", "/none", "/", "/data.json"] * 8
    text = "".join(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n" for path in paths)
    with tls_connect(serving.port, serving.root) as sock:
        sock.sendall(text.encode("ascii") + REQUEST)
        answer = read_all(sock).decode("utf-8")
    statuses = [part[:3] for part in answer.split("HTTP/1.1 ")[1:]]
    assert statuses == ["200", "404", "200", "200"] * 8 + ["200"]
    assert answer.count(HELLO) == 9 and answer.count(PAGE) == 8


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_python_negotiates(serving, name):
    with tls_connect(serving.port, serving.root, name) as sock:
        assert sock.version() == "TLSv1.3" and sock.cipher()[0] in SUITES
        sock.sendall(REQUEST)
        assert read_all(sock).endswith(HELLO.encode("ascii"))


def test_python_over_ipv6(serving):
    try:
        plain = connect(serving.port, "::1")
    except OSError:
        pytest.skip("no IPv6 here")
    with client_context(serving.root).wrap_socket(plain, server_hostname="::1") as sock:
        sock.sendall(REQUEST)
        assert read_all(sock).endswith(HELLO.encode("ascii"))


def test_python_ends_the_connection_both_ways(serving):
    """close_notify goes both ways: unwrap raises where the server just closes."""
    with tls_connect(serving.port, serving.root) as sock:
        sock.sendall(REQUEST)
        assert read_all(sock).endswith(HELLO.encode("ascii"))
        with sock.unwrap():
            pass


@pytest.mark.parametrize("group, curve", [("X25519", "X25519"), ("P-256", "CurveP256")])
def test_go(serving, go_peer, group, curve):
    done = run(go_peer, "get", serving.root, serving.url("/hello.txt"), group)
    assert done.code == 0, done.said
    first, rest = done.text.split("\n", 1)
    assert rest == HELLO and first.startswith("TLS 1.3 TLS_") and f' {curve} ' in first and 'alpn="http/1.1"' in first


def test_go_with_its_own_choice(serving, go_peer):
    """By default Go sends a share for a hybrid group too, which is twenty times as long."""
    done = run(go_peer, "get", serving.root, serving.url("/hello.txt"))
    assert done.code == 0 and done.text.endswith("\n" + HELLO), done.said


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_padlock_get(serving, padlock, host):
    done = padlock.get(serving.url("/hello.txt", host))
    assert (done.code, done.text) == (0, HELLO), done.err
    assert "- TLS 1.3, X25519MLKEM768 - Padlock local CA - valid until" in done.err


def test_padlock_get_of_a_large_file(serving, padlock, site, tmp_path):
    done = padlock.get(serving.url("/big.bin"), "-o", tmp_path / "big.bin")
    assert done.code == 0 and sha256(tmp_path / "big.bin") == sha256(site / "big.bin"), done.err


def test_padlock_get_of_a_stranger(serving, fresh_padlock):
    """Whoever has not this local CA in his state folder does not trust it."""
    done = fresh_padlock.get(serving.url("/hello.txt"))
    assert (done.code, done.out) == (60, b"") and done.err.startswith("[BROKEN] localhost: "), done.err


# ---- Chromium --------------------------------------------------------------------------------------------------------

def test_chromium(serving, nss_home, tmp_path):
    assert "the padlock page" in browse(nss_home, serving.url(), tmp_path / "profile")
    serving.until_logs(r' localhost:\d+ "GET /" 200 .* TLS 1\.3 TLS_')


def test_chromium_without_the_root(serving, tmp_path):
    home = make_nss_home(tmp_path)
    assert "the padlock page" not in browse(home, serving.url(), tmp_path / "profile")


# ---- certificates of every kind --------------------------------------------------------------------------------------

@pytest.mark.parametrize("kind", ["good-ecdsa", "good-rsa", "good-ed25519"])
def test_given_certificates(padlock, pki, site, kind):
    credential = pki.credential(kind)
    with padlock.serve(site, "--cert", credential.chain, "--key", credential.key) as server:
        for client in [
            ["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", "-servername", "localhost", "-CAfile",
             pki.roots, "-verify_return_error", "-ign_eof"],
            ["gnutls-cli", "--x509cafile", pki.roots, "--port", server.port, "localhost"],
        ]:
            done = run(peer(client[0]), *client[1:], stdin=REQUEST)
            assert done.code == 0 and HELLO in done.text, done.said
        done = padlock.get("--cacert", pki.roots, server.url("/hello.txt"))
        assert (done.code, done.text) == (0, HELLO), done.err
