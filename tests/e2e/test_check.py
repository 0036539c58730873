"""`padlock check` before good servers and bad ones, and `padlock cert show` of files and servers."""

import json
import re

import pytest

from peers.ports import free_port
from peers.process import peer, run
from peers.scripts import say
from peers.wire import listening

TOPICS = ["chain", "names", "validity", "revocation", "key", "signatures", "protocol", "suite", "key exchange"]
LINE = re.compile(r"(ok|warning|bad) +(key exchange|\w+) +(\S.*)")


@pytest.fixture
def check(faulty, fresh_padlock):
    """`padlock check` of a faulty server, by its name: how it ended, and its URL's HOST:PORT."""
    def run_it(server, *flags):
        with faulty.serving(server) as url:
            authority = url.removeprefix("https://").rstrip("/")
            return fresh_padlock.run("check", "--cacert", faulty.root, *flags, authority), authority
    return run_it


def findings_of(done):
    """(topic, grade, text) of each line but the last, and the last."""
    *lines, last = done.text.splitlines()
    found = [LINE.fullmatch(line) for line in lines]
    assert all(found), done.said
    return [(one[2], one[1], one[3]) for one in found], last


def of_grade(findings, grade):
    return [topic for topic, its, _ in findings if its == grade]


# ---- servers ---------------------------------------------------------------------------------------------------------

def test_a_good_server(check):
    done, authority = check("responder says good")
    findings, last = findings_of(done)
    assert (done.code, done.err, last) == (0, "", f"{authority}: nothing is wrong"), done.said
    assert [topic for topic, _, _ in findings] == TOPICS and of_grade(findings, "ok") == TOPICS, done.said
    texts = {topic: text for topic, _, text in findings}
    assert texts["chain"] == "responder says good <- issuing CA <- root (a given file)"
    assert texts["names"] == "localhost" and texts["validity"].startswith("until 2126-01-01 00:00:00 UTC, ")
    assert texts["revocation"].startswith("good, says the OCSP response of ")
    assert (texts["key"], texts["protocol"]) == ("ECDSA P-256", "TLS 1.3")


@pytest.mark.parametrize("server, wrong", [
    ("expired", ["validity"]),
    ("not yet valid", ["validity"]),
    ("wrong host", ["names"]),
    ("self-signed", ["chain"]),
    ("below unknown root", ["chain"]),
    ("intermediate left out", ["chain"]),
    ("outside constraints", ["chain"]),
    ("SHA-1", ["chain", "signatures"]),
    ("unknown critical", ["chain"]),
    ("listed", ["revocation"]),
    ("responder says revoked", ["revocation"]),
    ("revoked staple", ["revocation"]),
    ("must-staple, none", ["revocation"]),
])
def test_a_bad_server(check, server, wrong):
    done, authority = check(server)
    findings, last = findings_of(done)
    bad = of_grade(findings, "bad")
    assert done.code == 3 and done.err == "", done.said
    assert bad == wrong, done.said
    assert last.startswith(f"{authority}: {len(bad)} fault{'s' if len(bad) > 1 else ''}, "), done.said


def test_the_lines_of_an_expired_and_of_a_revoked_one(check):
    done, _ = check("expired")
    assert re.search(r"^bad      validity      its certificate expired \d+ days ago \(notAfter 2021-01-01 00:00:00 UTC\); "
                     r"renew the certificate on the server$", done.text, re.MULTILINE), done.said
    done, _ = check("listed")
    assert re.search(r"^bad      revocation    revoked [\d-]+ \(keyCompromise\), says the CRL of CN=issuing CA, of [\d-]+$",
                     done.text, re.MULTILINE), done.said


def test_a_key_that_is_too_weak(check):
    done, _ = check("RSA of 1024 bits")
    assert done.code == 3 and "an RSA key of 1024 bits" in done.text, done.said


def test_no_answer_where_one_is_demanded(check):
    done, _ = check("silent list", "--revocation", "hard")
    findings, _ = findings_of(done)
    assert done.code == 3 and set(of_grade(findings, "bad")) == {"revocation"}, done.said


def test_an_issuer_left_out_is_said(check):
    done, _ = check("intermediate left out, named")
    assert done.code == 0 and of_grade(findings_of(done)[0], "bad") == [], done.said
    assert re.fullmatch(r"padlock: the server leaves out the intermediate issuing CA, which was fetched from "
                        r"http://127\.0\.0\.1:\d+/issuing_CA\.crt; it should send its whole chain\n", done.err), done.err


@pytest.mark.parametrize("server, bad, warning, nothing", [("responder says good", 0, 0, 0), ("good", 0, 3, 0),
                                                           ("expired", 3, 3, 0)])
def test_what_makes_it_fail(check, server, bad, warning, nothing):
    """Of the good one nobody knows whether it is revoked: a warning."""
    for fail_on, code in {"bad": bad, "warning": warning, "nothing": nothing}.items():
        done, _ = check(server, "--fail-on", fail_on)
        assert done.code == code, done.said


@pytest.mark.parametrize("server, code, grade", [("good", 0, "warning"), ("listed", 3, "bad")])
def test_json(check, server, code, grade):
    done, authority = check(server, "--json")
    report = json.loads(done.text)
    assert (done.code, report["host"], done.err) == (code, authority, ""), done.said
    assert [one["topic"] for one in report["findings"]] == TOPICS
    assert {one["topic"]: one["grade"] for one in report["findings"]}["revocation"] == grade
    verdict = report["security"]["verdict"]
    path, = verdict["paths"]
    assert verdict["trusted"] == (code == 0)
    assert [one["subject"] for one in path["certificates"]] == [f"CN={server}", "CN=issuing CA", "CN=root"]
    assert path["anchor"] == "a given file"
    assert path["revocation"][0]["state"] == {"good": "unknown", "listed": "revoked"}[server]


# ---- no server -------------------------------------------------------------------------------------------------------

def assert_told(done, code, rule):
    assert (done.code, done.out) == (code, b"") and f"code {rule}\n" in done.err, done.said
    assert done.err.startswith("padlock: ") and done.err.count("padlock: ") == 1, done.err


def test_nobody_there(fresh_padlock):
    authority = f"localhost:{free_port()}"
    assert_told(fresh_padlock.run("check", authority), 1, "net.connect.refused")
    assert_told(fresh_padlock.run("cert", "show", authority), 1, "net.connect.refused")


def test_somebody_who_speaks_no_tls(fresh_padlock):
    with listening(say(b"hello, I speak no TLS\r\n")) as port:
        done = fresh_padlock.run("check", f"localhost:{port}")
    findings, last = findings_of(done)
    assert done.code == 3 and of_grade(findings, "bad") == ["handshake"] and last.endswith(": 1 fault, 0 warnings"), done.said


@pytest.mark.parametrize("arguments, code, rule", [
    (["ftp://localhost"], 2, "http.url.scheme"),
    (["--cacert", "/none.pem", "localhost:1"], 2, "net.file.missing"),
])
def test_bad_usage(fresh_padlock, arguments, code, rule):
    assert_told(fresh_padlock.run("check", *arguments), code, rule)


@pytest.mark.parametrize("arguments", [[], ["-k", "localhost:1"], ["--fail-on", "everything", "localhost:1"]])
def test_bad_flags(fresh_padlock, arguments):
    done = fresh_padlock.run("check", *arguments)
    assert (done.code, done.out) == (2, b"") and done.err.startswith("padlock: "), done.said


# ---- padlock cert show -----------------------------------------------------------------------------------------------

def subjects(done):
    assert done.code == 0 and done.err == "", done.said
    return re.findall(r"^  subject      (.*)$", done.text, re.MULTILINE)


def test_show_of_pem_of_der_and_of_a_server(faulty, fresh_padlock):
    pem, der = faulty.credential("good").chain, faulty.folder / "published" / "issuing_CA.crt"
    assert pem.read_bytes().startswith(b"-----BEGIN ") and der.read_bytes().startswith(b"\x30\x82")
    assert subjects(fresh_padlock.run("cert", "show", pem)) == ["CN=good", "CN=issuing CA"]
    assert subjects(fresh_padlock.run("cert", "show", der)) == ["CN=issuing CA"]
    with faulty.serving("expired") as url:  # trusted or not: this is a look at it
        assert subjects(fresh_padlock.run("cert", "show", url)) == ["CN=expired", "CN=issuing CA"]


def test_show_says_what_openssl_says(faulty, fresh_padlock):
    file = faulty.credential("must-staple, good").leaf
    done = fresh_padlock.run("cert", "show", "--json", file)
    shown, = json.loads(done.text)["certificates"]
    said = run(peer("openssl"), "x509", "-in", file, "-noout", "-serial", "-fingerprint", "-sha256").text
    serial, fingerprint = re.search(r"serial=(\w+)", said)[1], re.search(r"Fingerprint=(\S+)", said)[1]
    assert done.code == 0 and (shown["serial"].replace(":", ""), shown["sha256"]) == (serial, fingerprint), done.said
    assert (shown["names"], shown["issuer"], shown["ca"]) == (["localhost"], "CN=issuing CA", False)
    assert (shown["not_before"], shown["not_after"]) == ("2026-01-01 00:00:00 UTC", "2126-01-01 00:00:00 UTC")
    assert shown["must_staple"] and shown["key_usage"] == ["digitalSignature"] and shown["purposes"] == ["serverAuth"]


def test_show_of_urls(faulty, fresh_padlock):
    done = fresh_padlock.run("cert", "show", "--json", faulty.credential("listed").leaf)
    assert json.loads(done.text)["certificates"][0]["crl_urls"] == [f"{faulty.published}/list.crl"], done.said


@pytest.mark.parametrize("name, code, rule", [("none.pem", 2, "net.file.missing"), ("published", 2, "net.file.unreadable"),
                                              ("good.key", 1, "cli.cert.no_certificate")])
def test_show_of_no_certificate(faulty, fresh_padlock, name, code, rule):
    assert_told(fresh_padlock.run("cert", "show", faulty.folder / name), code, rule)


def test_show_of_what_cannot_be_read(faulty, fresh_padlock):
    """The others are shown all the same."""
    done = fresh_padlock.run("cert", "show", faulty.credential("RSA of 1024 bits").chain)
    assert done.code == 1 and "  unreadable   an RSA key of 1024 bits" in done.text, done.said
    assert "  subject      CN=issuing CA" in done.text, done.said
