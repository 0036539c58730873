"""TLS 1.2 against other implementations, both roles: 100 KiB come over whole, and both ends agree on what was negotiated."""

import json
import re
import ssl
from contextlib import ExitStack
from functools import cache

import pytest

from peers.browser import nss_store
from peers.clients import GNUTLS_GROUPS, NSS_GROUPS, OPENSSL_CURVES, body_of, request
from peers.matrix import KINDS, REGISTRY
from peers.process import peer, run
from peers.servers import Page, gnutls_server, openssl_server, python_server
from peers.wire import client_context, connect, read_all

# The registry's name behind the key's kind, openssl's, GnuTLS' and NSS' names.
SUITES = {
    "AES_128_GCM_SHA256": ("AES128-GCM-SHA256", "AES-128-GCM"),
    "AES_256_GCM_SHA384": ("AES256-GCM-SHA384", "AES-256-GCM"),
    "CHACHA20_POLY1305_SHA256": ("CHACHA20-POLY1305", "CHACHA20-POLY1305"),
}
GROUPS = ["X25519", "P-256", "P-384"]


def key_of(kind):
    return "RSA" if kind.startswith("RSA") else "ECDSA"


def registered(kind, suite):
    return f"TLS_ECDHE_{key_of(kind)}_WITH_{suite}"


def openssl_name(kind, suite):
    return f"ECDHE-{key_of(kind)}-{SUITES[suite][0]}"


def cells():
    """Each suite and group with the two kinds of key that people have, and each other kind once."""
    found = [("ECDSA P-256", suite, group) for suite in SUITES for group in ["X25519", "P-256"]]
    found += [("RSA-2048", suite, group) for suite in SUITES for group in GROUPS]
    return found + [(kind, "AES_128_GCM_SHA256", "X25519") for kind in ["ECDSA P-384", "ECDSA P-521", "Ed25519"]]


def with_curve_of(kind, group):
    """In TLS 1.2 the groups that a client names are those of a server's certificate too (RFC 8422, section 5.1.1)."""
    return list(dict.fromkeys([group, *([kind.removeprefix("ECDSA ")] if kind.startswith("ECDSA") else [])]))


def logged(serving, target, kind, suite, group):
    said = serving.until_logs(rf'"GET {re.escape(target)}" 200 .* TLS 1\.2 (.*)$')[1].split()
    assert said[:2] == [registered(kind, suite), REGISTRY[group]]
    return said[2]


@pytest.mark.parametrize("kind,suite,group", cells())
def test_openssl_client(lab, kind, suite, group):
    ours, target = lab.serving(kind), f"/body.txt?{lab.count()}"
    done = run(peer("openssl"), "s_client", "-connect", f"127.0.0.1:{ours.port}", "-servername", "localhost", "-CAfile",
               lab.roots, "-verify_return_error", "-verify_hostname", "localhost", "-tls1_2", "-ign_eof", "-groups",
               ":".join(OPENSSL_CURVES[one] for one in with_curve_of(kind, group)), "-cipher", openssl_name(kind, suite), stdin=request(ours.port, target))
    assert done.code == 0 and "Verify return code: 0 (ok)" in done.text, done.err
    assert "Secure Renegotiation IS supported" in done.text and "Extended master secret: yes" in done.text
    assert body_of(done.out) == lab.body
    logged(ours, target, kind, suite, group)


@pytest.mark.parametrize("kind,suite,group", cells()[::4])
def test_gnutls_client(lab, kind, suite, group):
    ours, target = lab.serving(kind), f"/body.txt?{lab.count()}"
    groups = "".join(f":+{GNUTLS_GROUPS[one]}" for one in with_curve_of(kind, group))
    done = run(peer("gnutls-cli"), "--x509cafile", lab.roots, "--port", ours.port, "--priority",
               f"NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+{SUITES[suite][1]}:-GROUP-ALL{groups}",
               "localhost", stdin=request(ours.port, target))
    assert done.code == 0 and "The certificate is trusted" in done.text, done.err
    assert body_of(done.out) == lab.body
    logged(ours, target, kind, suite, group)


@pytest.mark.parametrize("group", ["X25519", "P-256"])
def test_nss_client(lab, group):
    ours, target = lab.serving("ECDSA P-256"), f"/body.txt?{lab.count()}"
    ask = lab.scratch / "nss-request-12"
    ask.write_bytes(request(ours.port, target))
    done = run(peer("tstclnt"), "-4", "-h", "localhost", "-p", ours.port, "-d", nss_store(lab.nss_home), "-V",
               "tls1.2:tls1.2", "-I", ",".join(NSS_GROUPS[one] for one in with_curve_of("ECDSA P-256", group)), "-A", ask)
    assert done.code == 0, done.err
    assert body_of(done.out) == lab.body
    assert ours.until_logs(rf'"GET {re.escape(target)}" 200 .* TLS 1\.2 .* {REGISTRY[group]} ')


@pytest.mark.parametrize("kind", ["ECDSA P-256", "RSA-2048"])
def test_curl(lab, kind):
    ours, target = lab.serving(kind), f"/body.txt?{lab.count()}"
    done = run(peer("curl"), "-q", "-sS", "--noproxy", "*", "-4", "--cacert", lab.roots, "--tlsv1.2", "--tls-max", "1.2",
               f"https://localhost:{ours.port}{target}")
    assert done.code == 0 and done.out == lab.body, done.err
    logged(ours, target, kind, "AES_128_GCM_SHA256", "X25519")


def test_python_client(lab):
    ours, target = lab.serving("RSA-2048"), f"/body.txt?{lab.count()}"
    context = client_context(lab.roots)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with context.wrap_socket(connect(ours.port), server_hostname="localhost") as sock:
        assert sock.version() == "TLSv1.2"
        sock.sendall(request(ours.port, target))
        assert body_of(read_all(sock)) == lab.body


def test_a_client_that_could_do_better_is_told(lab):
    """The random of a ServerHello that chose TLS 1.2 says that TLS 1.3 was there (RFC 8446, section 4.1.3)."""
    ours = lab.serving("ECDSA P-256")
    done = run(peer("openssl"), "s_client", "-connect", f"127.0.0.1:{ours.port}", "-servername", "localhost", "-tls1_2",
               "-msg")
    hello = re.search(r"<<< TLS 1\.2, Handshake \[length [0-9a-f]+\], ServerHello\n((?:    .*\n)+)", done.text)[1]
    assert bytes.fromhex("".join(hello.split()))[6 + 24:6 + 32] == b"DOWNGRD\x01"


def test_a_client_that_lacks_the_certificates_curve_is_refused(lab):
    """It would not take the certificate (RFC 8422, section 5.1.1)."""
    done = run(peer("openssl"), "s_client", "-connect", f"127.0.0.1:{lab.serving('ECDSA P-384').port}", "-servername",
               "localhost", "-tls1_2", "-groups", "X25519")
    assert "alert handshake failure" in done.err, done.said


@pytest.mark.parametrize("kind", ["ECDSA P-256", "RSA-2048"])
def test_openssl_cannot_renegotiate(lab, kind):
    ours = lab.serving(kind)
    done = run(peer("openssl"), "s_client", "-connect", f"127.0.0.1:{ours.port}", "-servername", "localhost", "-tls1_2",
               stdin=b"R\n")
    assert "no renegotiation" in done.err, done.said


# ---- our client

def fetched(lab, port, kind, suite, group, path="/body.txt"):
    groups = with_curve_of(kind, group)
    done = lab.padlock.get("--cacert", lab.roots, f"https://localhost:{port}{path}", "--json", "--tls", "1.2",
                           "--cipher-suites", registered(kind, suite), "--groups", ",".join(groups))
    assert done.code == 0, done.err
    tls = json.loads(done.err.splitlines()[-1])["security"]["tls"]
    assert (tls["version"], tls["cipher_suite"], tls["group"]) == ("TLS 1.2", registered(kind, suite), REGISTRY[group])
    return done.out


@pytest.fixture(scope="module")
def openssl_of(lab):
    """s_server with a certificate of a kind, started by the first that asks."""
    with ExitStack() as stack:
        def serving(kind):
            curves = ":".join(OPENSSL_CURVES.values())
            return stack.enter_context(openssl_server(lab.pki.credential(KINDS[kind][0]), lab.pages, "-tls1_2",
                                                      "-groups", curves))
        yield cache(serving)


@pytest.mark.parametrize("kind,suite,group", cells())
def test_openssl_server(lab, openssl_of, kind, suite, group):
    assert fetched(lab, openssl_of(kind).port, kind, suite, group) == lab.body


@pytest.mark.parametrize("kind,suite,group", cells()[::5])
def test_gnutls_server(lab, kind, suite, group):
    credential = lab.pki.credential(KINDS[kind][0])
    with gnutls_server(credential, lab.folder("gnutls-12"), "NORMAL:-VERS-ALL:+VERS-TLS1.2") as server:
        assert b"TLS1.2" in fetched(lab, server.port, kind, suite, group, "/")


@pytest.mark.parametrize("kind", ["ECDSA P-256", "RSA-2048"])
def test_python_server(lab, kind):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    page = type("Body", (Page,), {"page": lab.body})
    with python_server(lab.pki.credential(KINDS[kind][0]), page, context) as server:
        assert fetched(lab, server.port, kind, "AES_256_GCM_SHA384", "P-256") == lab.body


def test_a_server_without_tls_1_3_is_spoken_to_in_tls_1_2(lab, pki):
    """Nothing was asked for: the newest version that both have."""
    with openssl_server(pki.credential("good-ecdsa"), lab.pages, "-tls1_2") as server:
        done = lab.padlock.get("--cacert", lab.roots, f"https://localhost:{server.port}/body.txt")
    assert done.code == 0 and done.out == lab.body, done.err
    assert "TLS 1.2, X25519" in done.err, done.err
