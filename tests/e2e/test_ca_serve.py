"""The local CA as an ACME server, with certbot and `padlock serve` as its clients."""

import base64
import http.client
import http.server
import json
import re
import ssl
import threading
from contextlib import contextmanager

import pytest

from peers.ca_serve import CaServing
from peers.ports import free_port
from peers.process import Running, peer, run

MAC_KEY = base64.urlsafe_b64encode(b"a MAC key of thirty-two octets!!").decode("ascii").rstrip("=")


@pytest.fixture
def ca(fresh_padlock, tmp_path):
    return CaServing(fresh_padlock, tmp_path / "ca")


@pytest.fixture
def certbot(ca):
    peer("certbot")
    return ca


def shown(file, *options):
    done = run(peer("openssl"), "x509", "-in", file, "-noout", *options)
    assert done.code == 0, done.said
    return done.text


def is_good(ca, name, domain):
    """The chain, by another verifier."""
    chain = ca.live(name)
    done = run(peer("openssl"), "verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", domain, "-CAfile",
               ca.padlock.root, "-untrusted", chain, chain)
    return done.code == 0


def serial_of(ca, name):
    return shown(ca.live(name), "-serial").strip().partition("=")[2]


# ---- certbot ---------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("kind, says", [("ecdsa", "id-ecPublicKey"), ("rsa", "rsaEncryption")])
def test_certbot_gets_a_certificate_by_http_01(certbot, kind, says):
    with certbot.all():
        done = certbot.certonly("shop.test", "www.shop.test", more=["--key-type", kind])
        assert done.code == 0, done.said
        certbot.until_logs(r"certificate for shop\.test, www\.shop\.test")
    assert says in shown(certbot.live("shop.test"), "-text")
    assert is_good(certbot, "shop.test", "www.shop.test")
    stored = [file for file in (certbot.padlock.state / "acme-server").rglob("*.json")]
    assert {file.parent.name for file in stored} == {"accounts", "orders", "certificates"}
    assert all(file.stat().st_mode & 0o077 == 0 for file in stored)


def test_certbot_gets_a_wildcard_by_dns_01(certbot):
    with certbot.all():
        set_txt, clear_txt = certbot.hook()
        how = ["--manual", "--preferred-challenges", "dns", "--manual-auth-hook", set_txt, "--manual-cleanup-hook", clear_txt]
        done = certbot.certonly("*.shop.test", "shop.test", how=how)
        assert done.code == 0, done.said
    assert is_good(certbot, "shop.test", "any.shop.test") and is_good(certbot, "shop.test", "shop.test")


def test_certbot_gets_a_certificate_for_an_address(certbot):
    with certbot.all():
        how = ["--standalone", "--http-01-port", certbot.http_port, "--http-01-address", "127.0.0.1"]
        done = certbot.certbot("certonly", *how, "--ip-address", "127.0.0.1", "--preferred-profile", "shortlived",
                               "--server", certbot.directory, "--agree-tos", "--register-unsafely-without-email")
        assert done.code == 0, done.said
    assert "IP Address:127.0.0.1" in shown(certbot.live("127.0.0.1"), "-text")


def test_certbot_renews_and_revokes_across_restarts(certbot):
    with certbot.names():
        assert certbot.padlock.run("ca", "create", "--url", "http://ca.test:8080").code == 0
        with certbot.serve():
            assert certbot.certonly("shop.test").code == 0
            first = serial_of(certbot, "shop.test")
        with certbot.serve():
            done = certbot.certbot("revoke", "--cert-path", certbot.live("shop.test", "cert.pem"), "--reason", "keycompromise",
                                   "--server", certbot.directory, "--no-delete-after-revoke")
            assert done.code == 0, done.said
            certbot.until_logs(rf"revoked {first.lower().lstrip('0')} \(keyCompromise\)")
            done = certbot.certbot("renew", "--no-random-sleep-on-renew")  # renewal information says that one which was revoked is due
            assert done.code == 0, done.said
            second = serial_of(certbot, "shop.test")
            assert second != first, done.said
            done = certbot.certbot("renew", "--no-random-sleep-on-renew")
            assert done.code == 0 and serial_of(certbot, "shop.test") == second, done.said
            done = certbot.certbot("revoke", "--cert-path", certbot.live("shop.test", "cert.pem"), "--key-path",
                                   certbot.live("shop.test", "privkey.pem"), "--server", certbot.directory,
                                   "--no-delete-after-revoke")
            assert done.code == 0, done.said
        crl = run(peer("openssl"), "crl", "-inform", "DER", "-noout", "-text",
                  stdin=certbot.padlock.run("ca", "crl").out).text
        assert first in crl and second in crl and "Key Compromise" in crl
        listed = json.loads(certbot.padlock.run("ca", "list", "--json").text)
        states = {one["serial"].upper().zfill(len(first)): one["state"] for one in listed}
        assert states[first] == states[second] == "revoked"


def test_what_was_said_outlives_a_kill(certbot):
    with certbot.names():
        with certbot.serve(code=-9):
            assert certbot.certonly("shop.test").code == 0
            certbot.running.process.kill()
            certbot.running.wait()
        with certbot.serve():
            first = serial_of(certbot, "shop.test")
            done = certbot.certbot("renew", "--force-renewal", "--no-random-sleep-on-renew")
            assert done.code == 0 and serial_of(certbot, "shop.test") != first, done.said
    records = certbot.padlock.state / "acme-server"
    assert len(list((records / "accounts").iterdir())) == 1 and len(list((records / "certificates").iterdir())) == 2


def test_certbot_updates_and_deactivates_its_account(certbot):
    with certbot.all():
        assert certbot.certonly("shop.test").code == 0
        done = certbot.certbot("update_account", "--email", "admin@shop.test", "--server", certbot.directory)
        assert done.code == 0, done.said
        accounts = list((certbot.padlock.state / "acme-server" / "accounts").iterdir())
        assert [json.loads(one.read_text("utf-8"))["contact"] for one in accounts] == [["mailto:admin@shop.test"]]
        done = certbot.certbot("unregister", "--server", certbot.directory)
        assert done.code == 0, done.said
        assert json.loads(accounts[0].read_text("utf-8"))["status"] == "deactivated"


def test_who_is_bound_gets_an_account_where_that_is_wanted(certbot):
    file = certbot.folder / "eab.json"
    file.write_text(json.dumps({"ada": MAC_KEY}), "utf-8")
    file.chmod(0o600)
    with certbot.all("--eab", file, "--eab-required"):
        refused = certbot.certonly("shop.test")
        assert refused.code != 0 and "external" in refused.said.lower(), refused.said
        wrong = certbot.certonly("shop.test", more=["--eab-kid", "ada", "--eab-hmac-key", MAC_KEY[::-1]])
        assert wrong.code != 0, wrong.said
        done = certbot.certonly("shop.test", more=["--eab-kid", "ada", "--eab-hmac-key", MAC_KEY])
        assert done.code == 0, done.said


def test_a_public_name_is_refused_in_words(certbot):
    with certbot.all("--only", "home.arpa"):
        for name in ("www.example.com", "shop.test"):
            done = certbot.certonly(name)
            assert done.code != 0 and "does not certify" in done.said, done.said
        assert certbot.certonly("shop.home.arpa").code == 0


def test_a_ca_is_made_for_another_domain(certbot):
    with certbot.all("--allow", "lan", "--name", "localhost", "--name", "ca.lan"):
        assert certbot.certonly("printer.lan").code == 0
    assert is_good(certbot, "printer.lan", "printer.lan")
    assert "lan and below" in certbot.padlock.run("ca", "create").text
    done = certbot.padlock.run("ca", "serve", "--allow", "printers")
    assert done.code == 2 and "code ca.settings.other_domains\n" in done.err, done.said


# ---- what a look sees ------------------------------------------------------------------------------------------------

def test_nobody_at_the_port(certbot):
    with certbot.all():
        how = ["--standalone", "--http-01-port", free_port(), "--http-01-address", "127.0.0.1"]
        done = certbot.certonly("shop.test", how=how)
        assert done.code != 0 and "Connection refused" in done.said, done.said
        certbot.until_logs(r"not proved shop\.test by http-01.*acme\.server\.validation\.connection")


def test_a_name_without_an_address(certbot):
    certbot.addresses = ""
    with certbot.all():
        assert certbot.certonly("shop.test").code != 0
        certbot.until_logs(r"not proved shop\.test by http-01: shop\.test: no address.*acme\.server\.validation\.dns")


def test_a_resolver_that_is_away(certbot):
    with certbot.serve():
        assert certbot.certonly("shop.test").code != 0
        certbot.until_logs(r"not proved shop\.test by http-01.*acme\.server\.validation\.dns")


@contextmanager
def web_server(port, folder, redirect):
    """A folder over http, whose challenges are looked for elsewhere first."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=folder)

        def do_GET(self):
            if self.path.startswith("/.well-known/"):
                self.send_response(302)
                self.send_header("Location", redirect + self.path.replace(".well-known", "moved"))
                self.send_header("Content-Length", "0")
                self.end_headers()
            else:
                self.path = self.path.replace("moved", ".well-known")
                super().do_GET()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def test_redirects_are_followed_to_the_ports_of_challenges_alone(certbot):
    www, other = certbot.folder / "www", free_port()
    www.mkdir()
    with certbot.all():
        how = ["--webroot", "--webroot-path", www]
        with web_server(certbot.http_port, www, f"http://127.0.0.1:{other}"):
            done = certbot.certonly("shop.test", how=how)
            assert done.code != 0 and f"sent on to port {other}" in done.said, done.said
        with web_server(certbot.http_port, www, ""):
            done = certbot.certonly("shop.test", how=how)
            assert done.code == 0, done.said


# ---- our own client --------------------------------------------------------------------------------------------------

def configuration(ca, name, challenge):
    (ca.folder / "www").mkdir(exist_ok=True)
    (ca.folder / "www" / "index.html").write_text("<p>page</p>", "utf-8")
    file = ca.folder / "padlock.toml"
    file.write_text(f'listen = "127.0.0.1"\nhttps_port = {ca.https_port}\nhttp_port = {ca.http_port}\n'
                    f'[sites."{name}"]\ndir = "www"\nacme = true\n[acme]\ndirectory = "{ca.directory}"\n'
                    f'ca_file = "{ca.padlock.root}"\nchallenge = "{challenge}"\nprofile = "shortlived"\n', "utf-8")
    return file


@pytest.mark.parametrize("challenge", ["http-01", "tls-alpn-01"])
@pytest.mark.parametrize("name", ["shop.test", "127.0.0.1"])
def test_our_server_has_its_certificate_from_our_ca(ca, challenge, name):
    with ca.all():
        with ca.padlock.serve_config(configuration(ca, name, challenge)) as serving:
            serving.running.until_says(rf"^certificate for {re.escape(name)} by localhost_\d+, valid until")
            done = ca.padlock.get("--resolve", f"shop.test:{ca.https_port}:127.0.0.1", f"https://{name}:{ca.https_port}/")
            assert done.code == 0 and done.text == "<p>page</p>", done.said
        ca.until_logs(rf"proved {re.escape(name)} by {challenge}")


def test_a_server_that_does_not_speak_the_protocol_proves_nothing(ca, pki, tmp_path):
    """The usual certificate of another server at the port of tls-alpn-01."""
    good = pki.credential("good-ecdsa")
    with ca.all(), Running(peer("openssl"), "s_server", "-accept", f"127.0.0.1:{ca.https_port}", "-cert", good.chain, "-key",
                           good.key, "-quiet", folder=tmp_path) as server:
        server.until_accepts(ca.https_port)
        config = configuration(ca, "shop.test", "tls-alpn-01")
        config.write_text(config.read_text("utf-8").replace(f"https_port = {ca.https_port}", f"https_port = {free_port()}"), "utf-8")
        with ca.padlock.serve_config(config):
            ca.until_logs(r"not proved shop\.test by tls-alpn-01.*acme\.server\.validation\.(incorrect|tls)")


def test_what_is_no_tls_proves_nothing(ca, tmp_path):
    with ca.all(), web_server(ca.https_port, tmp_path, ""):
        config = configuration(ca, "shop.test", "tls-alpn-01")
        config.write_text(config.read_text("utf-8").replace(f"https_port = {ca.https_port}", f"https_port = {free_port()}"), "utf-8")
        with ca.padlock.serve_config(config):
            ca.until_logs(r"not proved shop\.test by tls-alpn-01.*acme\.server\.validation\.tls")


# ---- the server itself -----------------------------------------------------------------------------------------------

def ask(ca, method, path, body=None, **fields):
    context = ssl.create_default_context(cafile=ca.padlock.root)
    connection = http.client.HTTPSConnection("localhost", ca.port, context=context, timeout=30)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in fields.items()})
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def test_it_answers_as_http_wants_it(ca):
    with ca.serve():
        answer, body = ask(ca, "GET", "/directory")
        assert answer.status == 200 and json.loads(body)["newOrder"] == f"https://localhost:{ca.port}/acme/new-order"
        answer, body = ask(ca, "HEAD", "/acme/new-nonce")
        assert answer.status == 200 and body == b"" and len(answer.headers["Replay-Nonce"]) == 22
        answer, _ = ask(ca, "GET", "/acme/new-order")
        assert answer.status == 405 and answer.headers["Allow"] == "POST"
        answer, _ = ask(ca, "POST", "/acme/new-order", b"{}", Content_Type="application/json")
        assert answer.status == 415
        answer, _ = ask(ca, "POST", "/acme/new-order", b"x" * 70_000, Content_Type="application/jose+json")
        assert answer.status == 413
        answer, _ = ask(ca, "GET", "/directory", Host="evil.test")
        assert answer.status == 421


def test_only_one_serves_it(ca):
    with ca.serve():
        done = ca.padlock.run("ca", "serve", "--port", "0", "--http-port", "0")
        assert done.code == 2 and "code cli.ca.served_already\n" in done.err, done.said


def test_what_is_damaged_is_set_aside(ca):
    with ca.serve():
        pass
    order = ca.padlock.state / "acme-server" / "orders" / "abc.json"
    order.write_text('{"id": "abc"', "utf-8")
    order.chmod(0o600)
    with ca.serve() as serving:
        assert "abc.json is damaged" in serving.running.err
    assert not order.exists() and order.with_name("abc.json.set-aside").exists()


@pytest.mark.parametrize("flags, code", [
    (["--listen", "localhost"], "cli.ca.serve_option"), (["--dns", "resolver"], "cli.ca.serve_option"),
    (["--challenge", "smoke-01"], "cli.ca.serve_option"), (["--only", "*"], "cli.ca.serve_option"),
    (["--allow", "com"], "ca.settings.domain"), (["--name", "example.com"], "ca.name.outside"),
    (["--eab-required"], "cli.ca.serve_option"), (["--eab", "none.json"], "net.file.missing"),
])
def test_wrong_flags(fresh_padlock, flags, code):
    done = fresh_padlock.run("ca", "serve", "--port", "0", "--http-port", "0", *flags)
    assert done.code == 2 and f"code {code}\n" in done.err and "  next  " in done.err, done.said


@pytest.mark.parametrize("text, code", [("[]", "cli.ca.external_accounts"), ('{"ada": "c2hvcnQ"}', "cli.ca.external_accounts"),
                                        ('{"ada": 1}', "cli.ca.external_accounts")])
def test_a_wrong_file_of_external_accounts(fresh_padlock, text, code):
    file = fresh_padlock.home / "eab.json"
    file.write_text(text, "utf-8")
    file.chmod(0o600)
    done = fresh_padlock.run("ca", "serve", "--port", "0", "--http-port", "0", "--eab", file)
    assert done.code == 2 and f"code {code}\n" in done.err, done.said
    file.chmod(0o644)
    done = fresh_padlock.run("ca", "serve", "--port", "0", "--http-port", "0", "--eab", file)
    assert done.code == 2 and "code net.file.key_readable_by_others\n" in done.err, done.said
