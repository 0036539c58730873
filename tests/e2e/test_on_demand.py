"""Certificates on demand, with Pebble as the CA: a client's first handshake for a name waits until the name has one."""

import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from peers.pebble import Pebble
from peers.ports import free_port
from peers.process import peer, run

ALLOW = 'allow = ["*.shop.test"]'


@pytest.fixture
def pebble(tmp_path):
    peer("pebble")
    return Pebble(tmp_path / "pebble")


def config_of(pebble, rule, more=""):
    return pebble.config({"www.shop.test": "acme = false"}, f'[acme.on_demand]\nsite = "www.shop.test"\n{rule}\n{more}')


def page_of(padlock, pebble, host, root):
    return padlock.get("--cacert", root, "--resolve", f"{host}:{pebble.https_port}:127.0.0.1",
                       f"https://{host}:{pebble.https_port}/")


def is_served(padlock, pebble, host, root):
    done = page_of(padlock, pebble, host, root)
    return done.code == 0 and done.text == "<p>page</p>"


def shown(pebble, host):
    return run(peer("openssl"), "s_client", "-connect", f"127.0.0.1:{pebble.https_port}", "-servername", host)


def is_refused(pebble, host):
    done = shown(pebble, host)
    return done.code != 0 and "unrecognized name" in done.said


def orders(serving, host):
    return len(re.findall(rf"^certificate for {re.escape(host)} by localhost_\d+, valid until", serving.running.out, re.MULTILINE))


@contextmanager
def authority(*allowed, times=1000):
    """Whoever says which names are allowed, each so many times: his URL, and the names that he was asked about."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            url = urlsplit(self.path)
            name = parse_qs(url.query).get("domain", [""])[0]
            asked.append(name)
            good = url.path == "/allowed" and parse_qs(url.query)["key"] == ["1"] and name in allowed and asked.count(name) <= times
            self.send_response(200 if good else 302)
            self.send_header("Location", "/allowed?key=1&domain=" + next(iter(allowed), ""))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/allowed?key=1", asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("challenge", ["http-01", "tls-alpn-01"])
def test_a_first_handshake_waits_for_its_certificate(fresh_padlock, pebble, challenge):
    config = config_of(pebble, ALLOW)
    config.write_text(config.read_text("utf-8").replace("agree = true\n", f'agree = true\nchallenge = "{challenge}"\n'), "utf-8")
    with pebble.running() as ca, fresh_padlock.serve_config(config) as serving:
        root = pebble.issuing_root()
        with ThreadPoolExecutor() as clients:
            pages = [clients.submit(is_served, fresh_padlock, pebble, "a.shop.test", root) for _ in range(4)]
            assert all(page.result() for page in pages), serving.running.said
        assert orders(serving, "a.shop.test") == 1
        for host in ("b.a.shop.test", "other.test", "shop.test"):
            assert is_refused(pebble, host)
            assert f'Value:"{host}"' not in ca.said, "the CA has heard of it"
        done = run(peer("curl"), "-s", "-o", "/dev/null", "-w", "%{http_code} %{redirect_url}", "--resolve",
                   f"b.shop.test:{pebble.http_port}:127.0.0.1", f"http://b.shop.test:{pebble.http_port}/x")
        assert done.text == f"308 https://b.shop.test:{pebble.https_port}/x"


def test_what_was_had_is_found_again(fresh_padlock, pebble):
    with authority("a.example") as (url, asked):
        config = config_of(pebble, f'{ALLOW}\nask = "{url}"')
        with pebble.running():
            root = pebble.issuing_root()
            with fresh_padlock.serve_config(config) as serving:
                assert is_served(fresh_padlock, pebble, "a.shop.test", root), serving.running.said
                assert is_served(fresh_padlock, pebble, "a.example", root), serving.running.said
        assert asked == ["a.example"], "not about what is allowed in any case"
    with fresh_padlock.serve_config(config) as serving:  # the CA is away, and whoever could be asked
        assert is_served(fresh_padlock, pebble, "a.shop.test", root), serving.running.said
        assert is_served(fresh_padlock, pebble, "a.example", root), serving.running.said
        assert orders(serving, "a.shop.test") == orders(serving, "a.example") == 0
        assert is_refused(pebble, "b.example")
        done = fresh_padlock.run("reload", "--socket", serving.admin_socket)
        assert done.code == 0, done.said
        assert is_served(fresh_padlock, pebble, "a.example", root), serving.running.said
        assert orders(serving, "a.example") == 0


def test_somebody_is_asked_which_names_are_allowed(fresh_padlock, pebble):
    admin = free_port()
    with authority("a.example") as (url, asked):
        config = config_of(pebble, f'ask = "{url}"', f'[admin]\nlisten = "127.0.0.1:{admin}"')
        with pebble.running() as ca, fresh_padlock.serve_config(config) as serving:
            assert is_served(fresh_padlock, pebble, "a.example", pebble.issuing_root()), serving.running.said
            for _ in range(2):
                assert is_refused(pebble, "b.example")
            assert asked == ["a.example", "b.example"], "once each"
            assert "b.example" not in ca.said
            for host in ("192.0.2.1", "example", "a_b.example"):
                assert is_refused(pebble, host)
            assert len(asked) == 2, "these are no names that it could be"
            metrics = run(peer("curl"), "-s", f"http://127.0.0.1:{admin}/metrics").text
            for line in ('on_demand_certificates 1', 'on_demand_orders_total{result="certified"} 1',
                         'on_demand_questions_total{answer="no"} 1',
                         'handshake_failures_total{rule="server.on_demand.not_allowed"} 2'):
                assert f"\npadlock_{line}\n" in metrics, metrics


def test_a_name_that_the_ca_does_not_certify_is_not_asked_for_again(fresh_padlock, pebble):
    with fresh_padlock.serve_config(config_of(pebble, ALLOW)) as serving:  # the CA is away
        assert is_refused(pebble, "a.shop.test")
        serving.running.until_says(r"a\.shop\.test: .*refused")
        with pebble.running() as ca:
            assert is_refused(pebble, "a.shop.test")
            serving.until_logs(r"server\.on_demand\.failed")
            assert "a.shop.test" not in ca.said


def test_one_client_cannot_have_the_ca_asked_without_end(fresh_padlock, pebble):  # docs/threats.md, A11
    with authority() as (url, asked):
        with pebble.running() as ca, fresh_padlock.serve_config(config_of(pebble, f'ask = "{url}"')) as serving:
            for number in range(40):
                assert is_refused(pebble, f"n{number}.d{number}.example")
            assert len(asked) == 10, "so many new names an hour"
            assert ".example" not in ca.said
            serving.until_logs(r"server\.on_demand\.client")


def have_renewed(pebble, host):
    """The CA wants this certificate to be renewed now; it as PEM."""
    leaf = re.search(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", shown(pebble, host).text, re.DOTALL)[0]
    window = {"suggestedWindow": {"start": "2020-01-01T00:00:00Z", "end": "2020-01-02T00:00:00Z"}}
    pebble.manage("/set-renewal-info/", json.dumps({"certificate": leaf, "ariResponse": json.dumps(window)}).encode())
    return leaf


def test_a_certificate_on_demand_is_renewed(fresh_padlock, pebble):
    config = config_of(pebble, ALLOW)
    with pebble.running():
        root = pebble.issuing_root()
        with fresh_padlock.serve_config(config) as serving:
            assert is_served(fresh_padlock, pebble, "a.shop.test", root), serving.running.said
            before = have_renewed(pebble, "a.shop.test")
        with fresh_padlock.serve_config(config) as serving:
            assert before in shown(pebble, "a.shop.test").text
            serving.running.until_says(r"^certificate for a\.shop\.test by localhost_\d+, valid until")
            assert before not in shown(pebble, "a.shop.test").text
            assert is_served(fresh_padlock, pebble, "a.shop.test", root)


def test_a_name_becomes_a_sites(fresh_padlock, pebble):
    with pebble.running() as ca:
        root = pebble.issuing_root()
        with fresh_padlock.serve_config(config_of(pebble, ALLOW)) as serving:
            assert is_served(fresh_padlock, pebble, "a.shop.test", root), serving.running.said
            before = shown(pebble, "a.shop.test").text
            issued = ca.said.count("Issued certificate serial")
            for sites, answer in (('[sites."a.shop.test"]\nrespond = "own"\n', "own"), ("", "<p>page</p>")):
                file = config_of(pebble, ALLOW)
                file.write_text(file.read_text("utf-8") + sites, "utf-8")
                done = fresh_padlock.run("reload", "--socket", serving.admin_socket)
                assert done.code == 0, done.said
                assert page_of(fresh_padlock, pebble, "a.shop.test", root).text == answer
                assert re.search(r"-----BEGIN.*?-----END", before, re.DOTALL)[0] in shown(pebble, "a.shop.test").text
            assert ca.said.count("Issued certificate serial") == issued


def test_what_is_not_allowed_any_more_is_not_renewed(fresh_padlock, pebble):
    with authority("a.example", times=2) as (url, asked), pebble.running() as ca:
        config = config_of(pebble, f'ask = "{url}"')
        root = pebble.issuing_root()
        with fresh_padlock.serve_config(config) as serving:
            assert is_served(fresh_padlock, pebble, "a.example", root), serving.running.said
            have_renewed(pebble, "a.example")
        issued = ca.said.count("Issued certificate serial")
        with fresh_padlock.serve_config(config) as serving:
            assert is_served(fresh_padlock, pebble, "a.example", root), serving.running.said
            serving.running.until(lambda: len(asked) == 3, "it asks before it renews")
            serving.running.until(lambda: is_refused(pebble, "a.example"), "it is let go")
            assert ca.said.count("Issued certificate serial") == issued


def test_names_on_demand_need_a_rule(fresh_padlock, pebble):
    for command in (["config", "check"], ["serve", "--config"]):
        done = fresh_padlock.run(*command, config_of(pebble, ""))
        assert done.code == 2 and "nothing says which names may have a certificate" in done.err, done.said
