"""`padlock ca`: certificates that openssl and nginx's like can serve, a list of all of them, and no other way in."""

import json
import re

import pytest

from peers.process import peer, run
from peers.wire import tls_connect


@pytest.fixture
def ca(fresh_padlock):
    """`padlock ca ...`, with a local CA in place."""
    assert fresh_padlock.run("ca", "create").code == 0
    return lambda *arguments: fresh_padlock.run("ca", *arguments)


def openssl_verify(padlock, chain, name):
    option = "-verify_ip" if re.fullmatch(r"[0-9.]+|.*:.*", name) else "-verify_hostname"
    return run(peer("openssl"), "verify", "-x509_strict", "-purpose", "sslserver", option, name, "-CAfile", padlock.root,
               "-untrusted", chain, chain)


def shown(file, *options):
    done = run(peer("openssl"), "x509", "-in", file, "-noout", *options)
    assert done.code == 0, done.said
    return done.text


def test_create_says_where_it_is_and_what_it_may(fresh_padlock):
    first = fresh_padlock.run("ca", "create", "--name", "Ada's machine", "--url", "http://127.0.0.1:8080/")
    assert (first.code, first.err) == (0, ""), first.said
    for part in [f"a new local CA stands in {fresh_padlock.state}/ca\n", "Ada's machine, valid until ", "SHA-256 ",
                 "localhost and below", "192.168.0.0/16", "::1/128", "http://127.0.0.1:8080 knows", "padlock trust install"]:
        assert part in first.text, first.said
    assert "CN = Ada's machine" in shown(fresh_padlock.root, "-subject")
    root = fresh_padlock.root.read_bytes()

    again = fresh_padlock.run("ca", "create")
    assert again.code == 0 and "is there already" in again.text and "http://127.0.0.1:8080 knows" in again.text, again.said
    assert fresh_padlock.root.read_bytes() == root
    assert "http://ca.internal knows" in fresh_padlock.run("ca", "create", "--url", "http://ca.internal").text
    other = fresh_padlock.run("ca", "create", "--name", "Bob's")
    assert other.code == 2 and "code ca.settings.another_name" in other.err, other.said


@pytest.mark.parametrize("arguments, code", [
    (["create", "--url", "https://a.test"], "ca.settings.url"), (["create", "--url", "http://a.test/x"], "ca.settings.url"),
    (["create", "--name", "a\tb"], "ca.settings.name"), (["create", "--name", "x" * 51], "ca.settings.name"),
    (["issue", "a.test"], "cli.no_local_ca"), (["list"], "cli.no_local_ca"), (["export"], "cli.no_local_ca"),
])
def test_nothing_is_made_of_a_wrong_word(fresh_padlock, arguments, code):
    done = fresh_padlock.run("ca", *arguments)
    assert done.code == 2 and f"code {code}\n" in done.err and "  next  " in done.err, done.said
    assert not fresh_padlock.root.exists()


@pytest.mark.parametrize("arguments, code", [
    (["issue", "example.com"], "ca.name.outside"), (["issue", "a.test", "8.8.8.8"], "ca.name.outside"),
    (["issue", "a b"], "ca.name.malformed"), (["issue", "a.test", "--out", "/no/folder"], "net.file.unwritable"),
])
def test_what_it_may_not_issue(ca, fresh_padlock, arguments, code):
    done = ca(*arguments)
    assert done.code == (1 if code.startswith("net") else 2) and f"code {code}\n" in done.err, done.said
    assert not list(fresh_padlock.home.glob("*.pem"))


@pytest.mark.parametrize("days", ["0", "91", "x"])
def test_days_within_the_limits(ca, days):
    assert ca("issue", "a.test", "--days", days).code == 2


@pytest.mark.parametrize("names, stem", [
    (["localhost"], "localhost"), (["shop.test", "127.0.0.1", "fc00::1"], "shop.test"),
    (["*.app.localhost"], "_wildcard.app.localhost"), (["::1"], "__1"),
])
def test_openssl_takes_what_it_issues(ca, fresh_padlock, names, stem):
    done = ca("issue", *names)
    assert done.code == 0, done.said
    chain, key = fresh_padlock.home / f"{stem}.pem", fresh_padlock.home / f"{stem}-key.pem"
    assert f"{stem}.pem: it, and the intermediate's" in done.text
    assert key.stat().st_mode & 0o777 == 0o600 and chain.read_text("ascii").count("BEGIN") == 2
    for name in names:
        verified = openssl_verify(fresh_padlock, chain, name.replace("*", "any"))
        assert verified.code == 0, verified.said
    public = run(peer("openssl"), "pkey", "-in", key, "-pubout").text
    assert public == shown(chain, "-pubkey")


def test_it_replaces_nothing_unless_told(ca, fresh_padlock):
    folder = fresh_padlock.home / "certs"
    folder.mkdir()
    assert ca("issue", "a.test", "--out", folder).code == 0
    before = {file: file.read_bytes() for file in folder.iterdir()}
    done = ca("issue", "a.test", "--out", folder)
    assert done.code == 2 and "code cli.ca.file_exists" in done.err, done.said
    assert {file: file.read_bytes() for file in folder.iterdir()} == before
    assert ca("issue", "a.test", "--out", folder, "--force").code == 0
    assert all(file.read_bytes() != text for file, text in before.items())
    (folder / "b.test-key.pem").symlink_to("/nowhere")
    assert ca("issue", "b.test", "--out", folder).code == 2, "not through a link either"


def test_rsa_and_days(ca, fresh_padlock):
    assert ca("issue", "a.test", "--rsa", "--days", "90").code == 0
    text = shown(fresh_padlock.home / "a.test.pem", "-text")
    assert "RSA Public-Key" in text or "Public-Key: (2048 bit)" in text
    assert run(peer("openssl"), "x509", "-in", fresh_padlock.home / "a.test.pem", "-noout", "-checkend",
               str(89 * 86400)).code == 0
    assert run(peer("openssl"), "x509", "-in", fresh_padlock.home / "a.test.pem", "-noout", "-checkend",
               str(90 * 86400)).code == 1


def test_the_list_has_every_certificate_those_of_serve_too(ca, fresh_padlock, site):
    assert "no certificate has been issued" in ca("list").text
    assert ca("issue", "shop.test", "127.0.0.1").code == 0
    with fresh_padlock.serve(site) as server:
        with tls_connect(server.port, server.root) as sock:
            served = sock.getpeercert()["serialNumber"].lower().lstrip("0")
    serial = shown(fresh_padlock.home / "shop.test.pem", "-serial").split("=")[1].strip().lower().lstrip("0")
    listed = json.loads(ca("list", "--json").text)
    assert [one["serial"] for one in listed] == [serial, served]
    assert sorted(listed[0]["names"]) == ["127.0.0.1", "shop.test"]
    assert {one["state"] for one in listed} == {"valid"}
    text = ca("list").text
    assert re.search(f"^{serial} +valid +[0-9-]+ [0-9:]+ UTC +shop.test, 127.0.0.1$", text, re.MULTILINE), text
    log = fresh_padlock.state / "ca" / "issued.jsonl"
    assert log.stat().st_mode & 0o777 == 0o600


def test_the_list_says_what_expired_and_passes_over_rubbish(ca, fresh_padlock):
    assert ca("issue", "shop.test").code == 0
    log = fresh_padlock.state / "ca" / "issued.jsonl"
    entry = json.loads(log.read_text("utf-8"))
    entry["not_after"] = 0
    log.write_text(json.dumps(entry) + "\nrubbish\n", "utf-8")
    done = ca("list", "--json")
    assert done.code == 0 and [one["state"] for one in json.loads(done.text)] == ["expired"], done.said
    assert "1 lines of the log" in done.err


def test_export_of_both(ca, fresh_padlock):
    assert ca("export").text == fresh_padlock.root.read_text("ascii")
    out = fresh_padlock.home / "intermediate.der"
    assert ca("export", "--intermediate", "--der", "--out", out).code == 0
    assert out.read_bytes()[:2] == b"\x30\x82"
    text = run(peer("openssl"), "x509", "-inform", "DER", "-in", out).text
    assert text == (fresh_padlock.state / "ca" / "intermediate.pem").read_text("ascii")


def test_a_certificate_by_hand_serves(ca, fresh_padlock, site):
    assert ca("issue", "localhost").code == 0
    home = fresh_padlock.home
    with fresh_padlock.serve(site, "--cert", home / "localhost.pem", "--key", home / "localhost-key.pem") as server:
        assert fresh_padlock.get(server.url("/hello.txt")).text == "hello over https\n"
