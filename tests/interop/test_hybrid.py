"""X25519MLKEM768 between Padlock and Go's crypto/tls, which has it by default; X25519 with an openssl that has not."""

import json

import pytest

from peers.process import peer, run
from peers.servers import openssl_server
from peers.site import HELLO

HYBRID = "X25519MLKEM768"


def fetch(padlock, pki, port):
    return padlock.get("--cacert", pki.roots, "--json", f"https://localhost:{port}/negotiated")


def group_of(done):
    return json.loads(done.err.splitlines()[-1])["security"]["tls"]["group"]


def openssl_without_hybrid():
    openssl = peer("openssl")
    if HYBRID in run(openssl, "list", "-kem-algorithms").said:
        pytest.skip(f"this openssl has {HYBRID}")
    return openssl


def test_go_server_takes_our_hybrid_share(padlock, pki, go_peer, tmp_path):
    with go_peer.serving(pki.credential("good-ecdsa"), tmp_path, tmp_path) as server:
        done = fetch(padlock, pki, server.port)
    assert done.code == 0 and group_of(done) == HYBRID, done.err
    assert f"group={HYBRID} " in done.text and " retried=false " in done.text


def test_verdict_names_the_hybrid(padlock, pki, go_peer, tmp_path):
    with go_peer.serving(pki.credential("good-ecdsa"), tmp_path, tmp_path) as server:
        done = padlock.get("--cacert", pki.roots, f"https://localhost:{server.port}/negotiated")
    assert done.err.startswith(f"[locked] localhost - TLS 1.3, {HYBRID} - "), done.err


def test_go_client_gets_our_hybrid_share(serving, go_peer):
    done, told = go_peer.get(serving.root, serving.port, "/hello.txt")
    assert done.text == HELLO and (told["group"], told["retried"]) == (HYBRID, "false")


def test_openssl_server_without_it_takes_x25519_at_once(padlock, pki, tmp_path):
    openssl_without_hybrid()
    (tmp_path / "index.html").write_text("x", "ascii")
    with openssl_server(pki.credential("good-ecdsa"), tmp_path, "-msg") as server:
        done = padlock.get("--cacert", pki.roots, "--json", f"https://localhost:{server.port}/index.html")
        said = server.said
    assert done.code == 0 and group_of(done) == "x25519", done.err
    assert said.count("ServerHello") <= 1, "no HelloRetryRequest"


def test_openssl_client_without_it_takes_x25519_at_once(serving):
    request = b"GET /hello.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    done = run(openssl_without_hybrid(), "s_client", "-connect", f"127.0.0.1:{serving.port}", "-servername", "localhost",
               "-CAfile", serving.root, "-verify_return_error", "-tls1_3", "-ign_eof", "-msg", stdin=request)
    assert done.code == 0 and HELLO in done.text and "Server Temp Key: X25519" in done.text, done.said
    assert done.said.count(", ServerHello") == 1, "no HelloRetryRequest"
