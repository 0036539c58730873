"""What is TLS 1.2's alone, against openssl. Suites, groups, certificates and sessions are in the matrix."""

import re

import pytest

from peers.clients import request
from peers.process import peer, run
from peers.servers import openssl_server


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


def test_a_server_without_tls_1_3_is_spoken_to_in_tls_1_2(lab, pki):
    """Nothing was asked for: the newest version that both have."""
    with openssl_server(pki.credential("good-ecdsa"), lab.pages, "-tls1_2") as server:
        done = lab.padlock.get("--cacert", lab.roots, f"https://localhost:{server.port}/body.txt")
    assert done.code == 0 and done.out == lab.body, done.err
    assert "TLS 1.2, X25519" in done.err, done.err


def test_a_session_goes_on_by_its_id(lab):
    """Each worker remembers its own, so that one of a few connections in a row comes to the one that knows it."""
    ours = lab.serving("ECDSA P-256")
    for _ in range(20):
        done = run(peer("openssl"), "s_client", "-connect", f"127.0.0.1:{ours.port}", "-servername", "localhost", "-CAfile",
                   lab.roots, "-verify_return_error", "-tls1_2", "-no_ticket", "-reconnect",
                   stdin=request(ours.port, "/body.txt"))
        assert "Verify return code: 0 (ok)" in done.text, done.err
        if "\nReused, TLSv1.2" in done.text:
            return
    pytest.fail("no session was resumed by its ID")
