"""`padlock serve` before the habits of others' clients; groups, suites and certificates: test_matrix.py."""

import hashlib
import subprocess

import pytest

from peers.browser import browse, chromium, make_firefox_profile, make_nss_home, open_in_firefox
from peers.process import Running, peer, run
from peers.servers import openssl_server
from peers.site import HELLO, PAGE
from peers.wire import client_context, connect, read_all, tls_connect

SUITES = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"]
REQUEST = b"GET /hello.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


# ---- openssl s_client ------------------------------------------------------------------------------------------------

def s_client(serving, *arguments, name="localhost"):
    return ["s_client", "-connect", f"127.0.0.1:{serving.port}", "-servername", name, "-CAfile", serving.root,
            "-verify_return_error", "-verify_hostname", name, "-tls1_3", *arguments]


def ask_by_openssl(serving, *arguments, **options):
    return run(peer("openssl"), *s_client(serving, "-ign_eof", *arguments, **options), stdin=REQUEST)


@pytest.mark.parametrize("arguments", [["-no_middlebox"], ["-max_send_frag", "512"], ["-no_ticket"],
                                       ["-alpn", "spdy/3,http/1.1"], ["-record_padding", "512"]],
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


def test_openssl_with_tls_1_2_alone_before_a_modern_server(padlock, site):
    with padlock.serve(site, "--policy", "modern") as serving:
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
            client.until(lambda: session.exists() and b"-----END" in session.read_bytes(), "the ticket comes")
    done = ask_by_openssl(serving, "-sess_in", session, "-early_data", early)
    assert "Early data was rejected" in done.text and "New, TLSv1.3" in done.text, done.said
    assert done.code == 0 and HELLO in done.text, done.said
    assert "/early" not in serving.running.err


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
    done = curl(serving, "--http1.1", "-I", serving.url("/hello.txt"))
    assert done.code == 0 and done.text.startswith("HTTP/1.1 200 ") and f"Content-Length: {len(HELLO)}\r\n" in done.text


def test_curl_range(serving):
    done = curl(serving, "--http1.1", "-i", "-r", "6-9", serving.url("/hello.txt"))
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


# ---- Python, ourselves -----------------------------------------------------------------------------------------------

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


# ---- browsers --------------------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def nss_home(serving, tmp_path_factory):
    return make_nss_home(tmp_path_factory.mktemp("nss"), serving.root)


def test_chromium(serving, nss_home, tmp_path):
    assert "the padlock page" in browse(nss_home, serving.url(), tmp_path / "profile")
    serving.until_logs(r' localhost:\d+ "GET /" 200 .* TLS 1\.3 TLS_')


def test_chromium_without_the_root(serving, tmp_path):
    home = make_nss_home(tmp_path)
    assert "the padlock page" not in browse(home, serving.url(), tmp_path / "profile")


def test_chromium_calls_the_page_secure(serving, nss_home, tmp_path):
    """What the padlock in its address bar stands for, by the browser's own account."""
    with chromium(nss_home, tmp_path) as browser:
        browser.visit(serving.url())
        is_secure = lambda one: one["visibleSecurityState"]["securityState"] == "secure"
        state = browser.until("Security.visibleSecurityStateChanged", is_secure)["visibleSecurityState"]
    told = state["certificateSecurityState"]
    assert (told["protocol"], told["keyExchangeGroup"]) == ("TLS 1.3", "X25519MLKEM768"), told
    assert told["cipher"] == "AES_128_GCM", told
    assert not told["obsoleteSslProtocol"] and not told["certificateHasWeakSignature"], told


def test_firefox_without_the_root(fresh_padlock, site, tmp_path):
    """It breaks the handshake off and asks for nothing."""
    with fresh_padlock.serve(site) as server:
        with open_in_firefox(make_firefox_profile(tmp_path), server.url("/hello.txt"), tmp_path):
            server.until_logs(r" failed: .*(unknown_ca|bad_certificate)")
        assert '"GET ' not in server.running.err, server.running.err


# ---- several certificates for one site -------------------------------------------------------------------------------

SCHEMES = {"good-ecdsa": "ecdsa_secp256r1_sha256", "good-rsa": "rsa_pss_rsae_sha256", "good-ed25519": "ed25519"}


@pytest.fixture(scope="module")
def with_three_certificates(padlock, pki, site):
    """All for the same names; the first is preferred."""
    pairs = [["--cert", pki.credential(kind).chain, "--key", pki.credential(kind).key] for kind in SCHEMES]
    with padlock.serve(site, *sum(pairs, [])) as server:
        yield server


@pytest.mark.parametrize("offered, kind", [
    ("ecdsa_secp256r1_sha256:rsa_pss_rsae_sha256:ed25519", "good-ecdsa"),
    ("ed25519:rsa_pss_rsae_sha256:ecdsa_secp256r1_sha256", "good-ecdsa"),
    ("ed25519:rsa_pss_rsae_sha256", "good-rsa"),
    ("ed25519:rsa_pkcs1_sha256", "good-ed25519"),
    ("rsa_pss_rsae_sha512", "good-rsa"),
])
def test_the_certificate_that_the_client_can_check(with_three_certificates, pki, offered, kind):
    """Of several the first whose key signs by a scheme that the client offers."""
    names = {"ecdsa_secp256r1_sha256": "ECDSA+SHA256", "rsa_pss_rsae_sha256": "RSA-PSS+SHA256",
             "rsa_pss_rsae_sha512": "RSA-PSS+SHA512", "rsa_pkcs1_sha256": "RSA+SHA256", "ed25519": "ed25519"}
    # The chain's own signatures are not what this is about, so the client goes on whoever signed them.
    done = run(peer("openssl"), "s_client", "-connect", f"127.0.0.1:{with_three_certificates.port}", "-servername",
               "localhost", "-tls1_3", "-ign_eof", "-sigalgs", ":".join(names[one] for one in offered.split(":")),
               stdin=REQUEST)
    assert done.code == 0 and HELLO in done.text, done.said
    assert pki.credential(kind).leaf.read_text("ascii") in done.text


def test_each_certificate_is_announced(with_three_certificates, pki):
    said = with_three_certificates.running.out
    for kind in SCHEMES:
        assert f"certificate for example.test, localhost, 127.0.0.1 from {pki.credential(kind).chain}\n" in said, said


def test_a_pair_that_does_not_fit(padlock, pki, site):
    ecdsa, rsa = pki.credential("good-ecdsa"), pki.credential("good-rsa")
    done = padlock.run("serve", site, "--cert", ecdsa.chain, "--key", rsa.key, "--cert", rsa.chain, "--key", ecdsa.key)
    assert (done.code, done.out) == (2, b"") and f"{rsa.key}: the key is not that of" in done.err, done.said
    assert "code tls.credential.key_mismatch" in done.err and "  next  " in done.err, done.err


def test_a_certificate_without_its_key(padlock, pki, site):
    one = pki.credential("good-ecdsa")
    done = padlock.run("serve", site, "--cert", one.chain, "--key", one.key, "--cert", one.chain)
    assert (done.code, done.out) == (2, b"") and "there are 2 and 1 of them" in done.err, done.said
