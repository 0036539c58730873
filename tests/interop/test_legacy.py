"""The policy `legacy`, both ways, suite by suite: static RSA, DHE in a finite field, and CBC with a MAC before or after
encryption. Which peers have each of the three is in the matrix."""

import json
import re

import pytest

from peers.clients import body_of, request
from peers.pki import finite_field, self_signed
from peers.process import peer, run
from peers.servers import gnutls_server, nginx_server, openssl_server
from peers.suites import gnutls_cipher, gnutls_priority, openssl_name

AEADS = ["AES_128_GCM_SHA256", "AES_256_GCM_SHA384"]
CHACHA20 = ["CHACHA20_POLY1305_SHA256"]
CBC_SHA = ["AES_128_CBC_SHA", "AES_256_CBC_SHA"]
CBC_SHA256 = ["AES_128_CBC_SHA256", "AES_256_CBC_SHA256"]
CBC_OF_ECDHE = ["AES_128_CBC_SHA256", "AES_256_CBC_SHA384"]
CIPHERS = {
    "RSA": AEADS + CBC_SHA256 + CBC_SHA,
    "DHE_RSA": AEADS + CHACHA20 + CBC_SHA256 + CBC_SHA,
    "ECDHE_RSA": AEADS + CHACHA20 + CBC_OF_ECDHE + CBC_SHA,
    "ECDHE_ECDSA": AEADS + CHACHA20 + CBC_OF_ECDHE + CBC_SHA,
}
SUITES = [f"TLS_{exchange}_WITH_{cipher}" for exchange, ciphers in CIPHERS.items() for cipher in ciphers]
assert len(SUITES) == 27  # all of LegacyPolicy.IsTheOnlyOneWithItsSuites
CBC_SUITES = [suite for suite in SUITES if "_CBC_" in suite]
KEY_EXCHANGES = {"rsa": "TLS_RSA_", "dhe": "TLS_DHE_RSA_", "ecdhe": "TLS_ECDHE_RSA_"}
SUITES_OF_RSA_KEYS = [suite for suite in SUITES if "_ECDSA_" not in suite]

# OpenSSL 3.0 has no flag against this extension, but a word for its configuration.
NO_EXTENDED_MASTER_SECRET = """
openssl_conf = all
[all]
ssl_conf = ssl
[ssl]
system_default = defaults
[defaults]
Options = -ExtendedMasterSecret
"""
ENCRYPT_THEN_MAC = 'TLS server extension "encrypt-then-mac" (id=22)'


def kx_of(suite):
    return re.match(r"TLS_(\w+?)_", suite)[1].lower()


@pytest.fixture(scope="module")
def legacy(lab):
    """`padlock serve --policy legacy`, whose local CA gives it a certificate with an ECDSA key and one with an RSA key."""
    with lab.padlock.serve(lab.pages, "--policy", "legacy") as server:
        yield server
        assert server.running.stop() == 0, server.running.said


@pytest.fixture(scope="module")
def lone(tmp_path_factory):
    """A self-signed certificate with an RSA key."""
    return self_signed(tmp_path_factory.mktemp("lone"))


def by_openssl(lab, ours, suite, *flags, conf=None):
    """The page by s_client with this suite alone: what it says."""
    env = None if conf is None else lab.padlock.environment(OPENSSL_CONF=str(conf))
    target = f"/body.txt?{lab.count()}"
    done = run(peer("openssl"), "s_client", "-connect", f"127.0.0.1:{ours.port}", "-servername", "localhost", "-CAfile",
               ours.root, "-verify_return_error", "-verify_hostname", "localhost", "-tls1_2", "-cipher",
               f"{openssl_name(suite)}:@SECLEVEL=0", "-tlsextdebug", "-ign_eof", *flags,
               stdin=request(ours.port, target), env=env)
    assert done.code == 0 and "Verify return code: 0 (ok)" in done.text, done.err
    assert f"Cipher is {openssl_name(suite)}\n" in done.text
    assert body_of(done.out) == lab.body
    ours.until_logs(rf'"GET {re.escape(target)}" 200 .* TLS 1\.2 {suite}\b')
    return done.text


def assert_key_is_of(suite, said):
    """ServerKeyExchange's half of the key exchange, as s_client tells of it; static RSA has none."""
    key = re.search(r"^Server Temp Key: (.*)$", said, re.MULTILINE)
    if kx_of(suite) == "rsa":
        assert key is None, key
    else:
        assert key[1] == {"dhe": "DH, 2048 bits", "ecdhe": "X25519, 253 bits"}[kx_of(suite)]


@pytest.mark.parametrize("suite", SUITES)
def test_openssl_client(lab, legacy, suite):
    """encrypt_then_mac is agreed on where there is a MAC (RFC 7366, section 3)."""
    said = by_openssl(lab, legacy, suite)
    assert_key_is_of(suite, said)
    assert "Extended master secret: yes" in said and "TLS session ticket:" in said
    assert (ENCRYPT_THEN_MAC in said) == (suite in CBC_SUITES)


@pytest.mark.parametrize("suite", CBC_SUITES)
def test_openssl_client_without_encrypt_then_mac(lab, legacy, suite):
    said = by_openssl(lab, legacy, suite, "-no_etm")
    assert "Extended master secret: yes" in said
    assert ENCRYPT_THEN_MAC not in said


@pytest.mark.parametrize("suite", SUITES)
def test_openssl_client_without_extended_master_secret(lab, legacy, suite):
    """It gets a connection and no ticket (docs/threats.md, T6)."""
    conf = lab.scratch / "no-extended-master-secret.cnf"
    conf.write_text(NO_EXTENDED_MASTER_SECRET, "ascii")
    said = by_openssl(lab, legacy, suite, conf=conf)
    assert_key_is_of(suite, said)
    assert "Extended master secret: no" in said
    assert "TLS session ticket:" not in said


@pytest.mark.parametrize("suite", ["TLS_RSA_WITH_AES_128_GCM_SHA256", "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
                                   "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"])
def test_openssl_client_gets_none_of_it_without_the_policy(lab, suite):
    done = run(peer("openssl"), "s_client", "-connect", f"127.0.0.1:{lab.serving('RSA-2048').port}", "-servername",
               "localhost", "-tls1_2", "-cipher", f"{openssl_name(suite)}:@SECLEVEL=0")
    assert done.code != 0 and "alert handshake failure" in done.err, done.said


GNUTLS_SUITES = [
    "TLS_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_RSA_WITH_AES_128_CBC_SHA",
    "TLS_RSA_WITH_AES_256_CBC_SHA256",
    "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
]
GNUTLS_WAYS = ["", ":%NO_ETM", ":%NO_SESSION_HASH"]  # the last is extended_master_secret's first name


def priority(suite, way):
    return f"NORMAL:-VERS-ALL:+VERS-TLS1.2{gnutls_priority(suite)}{way}"


@pytest.mark.parametrize("way", GNUTLS_WAYS, ids=["all", "no_etm", "no_ems"])
@pytest.mark.parametrize("suite", GNUTLS_SUITES)
def test_gnutls_client(lab, legacy, suite, way):
    target = f"/body.txt?{lab.count()}"
    done = run(peer("gnutls-cli"), "--x509cafile", legacy.root, "--port", legacy.port, "--priority", priority(suite, way),
               "localhost", stdin=request(legacy.port, target))
    assert done.code == 0 and "The certificate is trusted" in done.text, done.said
    assert body_of(done.out) == lab.body
    legacy.until_logs(rf'"GET {re.escape(target)}" 200 .* TLS 1\.2 {suite}\b')
    options = re.search(r"^- Options:(.*)$", done.text, re.MULTILINE)[1]
    assert ("extended master secret" in options) == (way != ":%NO_SESSION_HASH")
    assert ("encrypt-then-MAC" in options or "EtM" in options) == (suite in CBC_SUITES and way != ":%NO_ETM"), options


def fetched(lab, root, port, *flags, path="/body.txt"):
    """What our client says of the connection, and the page."""
    done = lab.padlock.get("--json", "--policy", "legacy", "--tls", "1.2", "--cacert", root, *flags,
                           f"https://localhost:{port}{path}")
    assert done.code == 0, done.err
    tls = json.loads(done.err.splitlines()[-1])["security"]["tls"]
    assert tls["version"] == "TLS 1.2"
    return tls, done.out


@pytest.fixture(scope="module", params=[(), ("-no_etm",)], ids=["etm", "no_etm"])
def openssl_servers(request, lab, lone):
    """s_server with the self-signed certificate, and one with an ECDSA key: by whether a suite wants that key."""
    flags = ("-tls1_2", "-cipher", "ALL:@SECLEVEL=0", *request.param)
    ecdsa = lab.pki.credential("good-ecdsa")
    with openssl_server(lone, lab.pages, *flags) as one, openssl_server(ecdsa, lab.pages, *flags) as other:
        yield {False: (lone.leaf, one.port), True: (lab.roots, other.port)}


@pytest.mark.parametrize("suite", SUITES)
def test_openssl_server(lab, openssl_servers, suite):
    root, port = openssl_servers["_ECDSA_" in suite]
    tls, body = fetched(lab, root, port, "--kx", kx_of(suite), "--cipher-suites", suite)
    assert tls["cipher_suite"] == suite and body == lab.body
    assert ("signature_scheme" in tls) == (kx_of(suite) != "rsa")


@pytest.mark.parametrize("kx", KEY_EXCHANGES)
def test_one_key_exchange_alone_is_offered(lab, openssl_servers, kx):
    tls, body = fetched(lab, *openssl_servers[False], "--kx", kx)
    assert tls["cipher_suite"].startswith(KEY_EXCHANGES[kx]) and body == lab.body


@pytest.mark.parametrize("way", GNUTLS_WAYS, ids=["all", "no_etm", "no_ems"])
@pytest.mark.parametrize("suite", GNUTLS_SUITES)
def test_gnutls_server(lab, lone, suite, way):
    ecdsa = "_ECDSA_" in suite
    credential = lab.pki.credential("good-ecdsa") if ecdsa else lone
    with gnutls_server(credential, lab.folder("gnutls"), priority(suite, way)) as server:
        tls, page = fetched(lab, lab.roots if ecdsa else lone.leaf, server.port, "--kx", kx_of(suite), path="/")
    assert tls["cipher_suite"] == suite and gnutls_cipher(suite).encode("ascii") in page


def nginx_with_prime(lab, credential, group):
    prime = finite_field(lab.folder("finite-field"), group)
    more = f"ssl_dhparam {prime}; ssl_ciphers DHE-RSA-AES128-GCM-SHA256; error_log stderr info;"  # it logs alerts there
    return nginx_server(credential, lab.pages, lab.folder("nginx"), version="1.2", more=more)


@pytest.mark.parametrize("group", ["ffdhe2048", "ffdhe3072", "modp_2048"])
def test_nginx_server_with_a_known_prime(lab, lone, group):
    with nginx_with_prime(lab, lone, group) as server:
        tls, body = fetched(lab, lone.leaf, server.port, "--kx", "dhe")
    assert tls["cipher_suite"] == "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256" and body == lab.body


def test_nginx_server_with_a_prime_of_its_own_is_refused(lab, lone):
    """Nobody can tell whether it is safe (RFC 7919, section 1; docs/threats.md, T3)."""
    with nginx_with_prime(lab, lone, "") as server:
        done = lab.padlock.get("--policy", "legacy", "--tls", "1.2", "--kx", "dhe", "--cacert", lone.leaf,
                               f"https://localhost:{server.port}/body.txt")
        assert done.code == 35 and not done.out, done.said
        assert "tls12.server_key_exchange.finite_field_unknown" in done.err
        server.until_says("alert insufficient security")
