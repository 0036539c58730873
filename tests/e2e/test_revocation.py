"""What the local CA says of its certificates: openssl and curl hear of a revocation from a running `padlock serve`."""

import base64
import json
import re
import urllib.parse

import pytest

from peers.ports import free_port
from peers.process import peer, run, until

BASE = "/.well-known/padlock-ca"


class Ca:
    """A CA with a URL, and its files as openssl wants them."""

    def __init__(self, padlock):
        self.padlock, self.home, self.port = padlock, padlock.home, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.run("create", "--url", self.url)
        self.issuer = self.home / "intermediate.pem"
        self.run("export", "--intermediate", "--out", self.issuer)

    def run(self, *arguments, code=0):
        done = self.padlock.run("ca", *arguments)
        assert done.code == code, done.said
        return done

    def issue(self, name):
        self.run("issue", name)
        return self.home / f"{name}.pem"

    def states(self):
        return {one["names"][0]: one["state"] for one in json.loads(self.run("list", "--json").text)}

    def fetch(self, name, *options):
        """A document of the running server's, in plain http."""
        done = run(peer("curl"), "-sS", "-f", *options, f"{self.url}{BASE}/{name}")
        assert done.code == 0, done.said
        return done.out

    def ocsp(self, certificate, *options):
        """openssl's word on what the responder says."""
        return run(peer("openssl"), "ocsp", "-issuer", self.issuer, "-cert", certificate, "-CAfile", self.padlock.root,
                   "-verify_other", self.issuer, "-url", f"{self.url}{BASE}/ocsp", *options)

    def verify(self, certificate, *lists):
        crls = [part for one in lists for part in ("-CRLfile", one)]
        return run(peer("openssl"), "verify", "-crl_check", *crls, "-CAfile", self.padlock.root, "-untrusted", self.issuer,
                   certificate)

    def list_file(self):
        file = self.home / "list.pem"
        self.run("crl", "--pem", "--out", file)
        return file


@pytest.fixture
def ca(fresh_padlock):
    return Ca(fresh_padlock)


@pytest.fixture
def answering(ca, site):
    """The CA, while `padlock serve` answers for it on its URL's port."""
    with ca.padlock.serve(site, http_port=ca.port) as server:
        yield ca, server


def extension(certificate, name):
    return run(peer("openssl"), "x509", "-in", certificate, "-noout", "-ext", name).text


def test_certificates_say_where_to_ask(ca):
    certificate = ca.issue("a.test")
    assert re.search(rf"URI:{ca.url}{BASE}/[0-9a-f]{{16}}\.crl", extension(certificate, "crlDistributionPoints"))
    access = extension(certificate, "authorityInfoAccess")
    assert f"OCSP - URI:{ca.url}{BASE}/ocsp" in access and re.search(rf"CA Issuers - URI:{ca.url}{BASE}/[0-9a-f]+\.der", access)


def test_a_revocation_reaches_who_asks_by_ocsp(answering):
    ca, _ = answering
    good, bad = ca.issue("good.test"), ca.issue("bad.test")
    until(lambda: "good" in ca.ocsp(bad).text.split("bad.test.pem:")[-1].split("\n")[0], "the new ones are known")
    done = ca.run("revoke", "bad.test", "--reason", "keyCompromise")
    assert re.fullmatch(r"revoked [0-9a-f]+ \(keyCompromise\)\n", done.text), done.text
    until(lambda: "bad.test.pem: revoked" in ca.ocsp(bad).text, "the revocation is told")
    said = ca.ocsp(bad)
    assert "Response verify OK" in said.err and "Reason: keyCompromise" in said.text, said.said
    said = ca.ocsp(good, "-no_nonce")
    assert "Response verify OK" in said.err and "good.test.pem: good" in said.text, said.said
    assert ca.states()["bad.test"] == "revoked" and ca.states()["good.test"] == "valid"


def test_the_issuer_may_be_named_by_sha256(answering):
    ca, _ = answering
    certificate = ca.issue("a.test")

    def said():
        return run(peer("openssl"), "ocsp", "-issuer", ca.issuer, "-sha256", "-cert", certificate, "-CAfile",
                   ca.padlock.root, "-verify_other", ca.issuer, "-url", f"{ca.url}{BASE}/ocsp").said
    until(lambda: "a.test.pem: good" in said(), "the certificate is known")
    assert "Response verify OK" in said()


def test_ocsp_by_get(answering):
    ca, _ = answering
    certificate = ca.issue("a.test")
    request = ca.home / "request.der"
    done = run(peer("openssl"), "ocsp", "-issuer", ca.issuer, "-cert", certificate, "-no_nonce", "-reqout", request)
    assert done.code == 0, done.said
    path = "ocsp/" + urllib.parse.quote(base64.b64encode(request.read_bytes()).decode("ascii"), safe="")

    def says_good():
        answer = ca.home / "answer.der"
        answer.write_bytes(ca.fetch(path))
        said = run(peer("openssl"), "ocsp", "-respin", answer, "-issuer", ca.issuer, "-cert", certificate, "-CAfile",
                   ca.padlock.root, "-verify_other", ca.issuer)
        return "a.test.pem: good" in said.text and "Response verify OK" in said.err
    until(says_good, "the certificate is known")
    head = ca.fetch(path, "-I").decode("ascii")
    assert "Content-Type: application/ocsp-response" in head and "Cache-Control: public, max-age=300" in head, head


def test_lists_that_openssl_verifies(answering):
    ca, _ = answering
    bad = ca.issue("bad.test")
    ca.run("revoke", bad, "--reason", "superseded")
    serial = run(peer("openssl"), "x509", "-in", bad, "-noout", "-serial").text.split("=")[1].strip()

    def fetched():
        file = ca.home / "fetched.crl"
        file.write_bytes(ca.fetch("intermediate.crl"))
        return run(peer("openssl"), "crl", "-inform", "DER", "-in", file, "-noout", "-text", "-CAfile", ca.issuer)
    shown = until(lambda: (one := fetched()) and serial in one.text and one, "the list has it")
    assert "verify OK" in shown.said and "Superseded" in shown.text and "X509v3 CRL Number" in shown.text, shown.said
    url = re.search(r"URI:(\S+)", extension(bad, "crlDistributionPoints"))[1]
    assert ca.fetch(url.rpartition("/")[2]) == ca.fetch("intermediate.crl")
    root = ca.home / "root.crl"
    root.write_bytes(ca.fetch("root.crl"))
    assert "verify OK" in run(peer("openssl"), "crl", "-inform", "DER", "-in", root, "-noout", "-CAfile", ca.padlock.root).said
    issuer = run(peer("openssl"), "x509", "-inform", "DER", "-outform", "PEM", stdin=ca.fetch("issuer.der")).text
    assert issuer == ca.issuer.read_text("ascii")


def test_a_list_by_hand(ca):
    good, bad = ca.issue("good.test"), ca.issue("bad.test")
    before = ca.list_file()
    assert ca.verify(bad, before).code == 0
    ca.run("revoke", "bad.test")
    after = ca.list_file()
    refused = ca.verify(bad, after)
    assert refused.code != 0 and "certificate revoked" in refused.said, refused.said
    assert ca.verify(good, after).code == 0
    root_list = ca.home / "root.crl"
    ca.run("crl", "--root", "--pem", "--out", root_list)
    all_checked = run(peer("openssl"), "verify", "-crl_check_all", "-CRLfile", after, "-CRLfile", root_list, "-CAfile",
                      ca.padlock.root, "-untrusted", ca.issuer, good)
    assert all_checked.code == 0, all_checked.said
    der = ca.padlock.run("ca", "crl")
    assert der.code == 0 and der.out[:2] == b"\x30\x82"


def test_plain_http_still_redirects_all_else(answering):
    ca, server = answering
    def status(path, *options):
        return run(peer("curl"), "-sS", "-o", "/dev/null", "-w", "%{http_code}", *options, f"{ca.url}{path}").text
    assert status("/") == "308" and status("/.well-known/other") == "308" and status("/.well-known/padlock-ca") == "308"
    assert status(f"{BASE}/none.crl") == "404" and status(f"{BASE}/") == "404"
    assert status(f"{BASE}/root.crl", "-X", "POST", "-d", "x") == "405" and status(f"{BASE}/ocsp") == "405"
    assert status(f"{BASE}/ocsp", "--data-binary", "x" * 4097) == "413"
    assert status(f"{BASE}/root.crl", "-H", "Host: elsewhere.test") == "200"
    assert run(peer("curl"), "-sS", "-k", "-o", "/dev/null", "-w", "%{http_code}",
               server.url(f"{BASE}/root.crl")).text == "404", "in plain http alone"


@pytest.mark.parametrize("body", [b"", b"rubbish", b"\x30\x03\x02\x01\x00"])
def test_rubbish_gets_an_ocsp_answer(answering, body):
    ca, _ = answering
    done = run(peer("curl"), "-sS", "--data-binary", "@-", "-H", "Content-Type: application/ocsp-request",
               f"{ca.url}{BASE}/ocsp", stdin=body)
    assert done.out == b"\x30\x03\x0a\x01\x01", "malformedRequest"


def test_a_foreign_certificate_is_unauthorized(answering, pki):
    ca, _ = answering
    foreign = pki.credential("good-ecdsa")
    said = run(peer("openssl"), "ocsp", "-issuer", ca.issuer, "-cert", foreign.leaf, "-url", f"{ca.url}{BASE}/ocsp")
    assert "unauthorized (6)" in said.said, said.said


def test_serve_replaces_its_own_certificate_once_it_is_revoked(answering):
    ca, server = answering
    def serial():
        text = run(peer("openssl"), "s_client", "-connect", f"localhost:{server.port}", "-servername", "localhost").text
        return run(peer("openssl"), "x509", "-noout", "-serial", stdin=text.encode("utf-8")).text
    before = serial()
    ca.run("revoke", before.split("=")[1].strip())
    until(lambda: serial() != before, "another certificate is served")


@pytest.mark.parametrize("what, options, code", [
    ("nobody.test", [], "ca.revoke.unknown"), ("ffff", [], "ca.revoke.unknown"),
    ("a.test", ["--reason", "certificateHold"], "cli.ca.reason"), ("a.test", ["--reason", "boredom"], "cli.ca.reason"),
])
def test_what_cannot_be_revoked(ca, what, options, code):
    ca.issue("a.test")
    done = ca.run("revoke", what, *options, code=2)
    assert f"code {code}\n" in done.err, done.said
    assert set(ca.states().values()) == {"valid"}


def test_certificates_of_others_cannot_be_revoked(ca, pki):
    done = ca.run("revoke", pki.credential("good-ecdsa").leaf, code=2)
    assert "code ca.revoke.not_issued_here\n" in done.err, done.said
    done = ca.run("revoke", ca.padlock.root, code=2)
    assert "code ca.revoke.not_issued_here\n" in done.err, done.said


def test_a_ca_that_cannot_be_used_does_not_keep_others_certificates_from_being_served(ca, site, pki):
    credential = pki.credential("good-ecdsa")
    ca.padlock.state.joinpath("ca").chmod(0o755)
    with ca.padlock.serve(site, "--cert", credential.chain, "--key", credential.key) as server:
        assert "code net.file.directory_open_to_others" in server.running.err
        done = ca.padlock.get("--cacert", pki.roots, server.url("/hello.txt"))
        assert done.code == 0, done.said


# ---- certification requests ------------------------------------------------------------------------------------------

def make_request(folder, *options, key=("ec", "-pkeyopt", "ec_paramgen_curve:P-256"), names="DNS:shop.test,IP:127.0.0.1"):
    file, key_file = folder / "request.csr", folder / "request.key"
    san = ["-addext", f"subjectAltName={names}"] if names else []
    done = run(peer("openssl"), "req", "-new", "-newkey", *key, "-noenc", "-keyout", key_file, "-out", file, "-subj",
               "/CN=shop.test", *san, *options)
    assert done.code == 0, done.said
    return file


@pytest.mark.parametrize("key", [("ec", "-pkeyopt", "ec_paramgen_curve:P-256"), ("ec", "-pkeyopt", "ec_paramgen_curve:P-384"),
                                 ("rsa:2048",), ("ed25519",)], ids=["P-256", "P-384", "RSA", "Ed25519"])
def test_a_request_is_granted_its_names_and_nothing_else(ca, key):
    request = make_request(ca.home, "-addext", "extendedKeyUsage=codeSigning", "-addext", "keyUsage=digitalSignature", key=key)
    ca.run("issue", "--csr", request, "--days", "30")
    certificate = ca.home / "shop.test.pem"
    assert not (ca.home / "shop.test-key.pem").exists()
    text = run(peer("openssl"), "x509", "-in", certificate, "-noout", "-text").text
    assert "DNS:shop.test, IP Address:127.0.0.1" in text and "TLS Web Server Authentication" in text
    assert "Code Signing" not in text and "Subject: O = Padlock local CA" in text and "CA:TRUE" not in text
    assert run(peer("openssl"), "pkey", "-in", ca.home / "request.key", "-pubout").text == run(
        peer("openssl"), "x509", "-in", certificate, "-noout", "-pubkey").text
    verified = run(peer("openssl"), "verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", "shop.test",
                   "-CAfile", ca.padlock.root, "-untrusted", ca.issuer, certificate)
    assert verified.code == 0, verified.said


@pytest.mark.parametrize("options, make, code", [
    (("-addext", "basicConstraints=critical,CA:TRUE"), {}, "ca.request.for_a_ca"),
    (("-addext", "keyUsage=keyCertSign"), {}, "ca.request.for_a_ca"),
    (("-addext", "keyUsage=cRLSign"), {}, "ca.request.for_a_ca"),
    (("-addext", "1.2.3.4=critical,ASN1:NULL"), {}, "ca.request.critical_extension"),
    ((), {"names": None}, "ca.request.names"),
    ((), {"names": "email:a@shop.test"}, "ca.request.names"),
    ((), {"names": "DNS:shop.test,URI:https://shop.test/"}, "ca.request.names"),
    ((), {"names": "DNS:example.com"}, "ca.name.outside"),
    ((), {"names": "DNS:shop.test,IP:8.8.8.8"}, "ca.name.outside"),
    ((), {"key": ("rsa:1024",)}, "x509.certificate.unsupported_key"),
    (("-sha1",), {}, "x509.request.weak_signature"),
])
def test_a_request_for_what_is_not_granted(ca, options, make, code):
    request = make_request(ca.home, *options, **make)
    done = ca.run("issue", "--csr", request, code=2)
    assert f"code {code}\n" in done.err, done.said
    assert ca.run("list", "--json").text == "[]\n"


def test_a_request_that_was_altered_or_is_none(ca):
    request = make_request(ca.home)
    der = run(peer("openssl"), "req", "-in", request, "-outform", "DER").out
    request.write_bytes(der[:-1] + bytes([der[-1] ^ 1]))
    assert "code x509.request.bad_signature\n" in ca.run("issue", "--csr", request, code=2).err
    request.write_bytes(der)
    ca.run("issue", "--csr", request)
    for text in [b"", b"rubbish", der[:40]]:
        request.write_bytes(text)
        done = ca.padlock.run("ca", "issue", "--csr", request)
        assert done.code in (1, 2) and "  rule  " in done.err and str(request) in done.err, done.said
    assert "code net.file.missing\n" in ca.run("issue", "--csr", ca.home / "none.csr", code=2).err
    for wrong in [["issue"], ["issue", "a.test", "--csr", request], ["issue", "--csr", request, "--rsa"]]:
        assert "code cli.ca.issue_option\n" in ca.run(*wrong, code=2).err


def test_twice_is_fine_and_without_a_url_it_says_what_to_do(fresh_padlock):
    fresh_padlock.run("ca", "create")
    fresh_padlock.run("ca", "issue", "a.test")
    done = fresh_padlock.run("ca", "revoke", "a.test")
    assert done.code == 0 and "padlock ca crl" in done.text, done.said
    again = fresh_padlock.run("ca", "revoke", "a.test")
    assert again.code == 0 and "revoked already" in again.text, again.said
