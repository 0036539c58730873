"""Sites whose certificates come by ACME, with Pebble as the CA."""

import json
import re
import shutil
import time

import pytest

from peers.pebble import MAC_KEY, Pebble
from peers.process import peer, run

CERTIFIED = r"^certificate for {} by localhost_\d+, valid until"


@pytest.fixture
def pebble(tmp_path):
    peer("pebble")
    return Pebble(tmp_path / "pebble")


def page_of(padlock, pebble, host="shop.test"):
    return padlock.get("--cacert", pebble.issuing_root(), "--resolve", f"{host}:{pebble.https_port}:127.0.0.1",
                       f"https://{host}:{pebble.https_port}/")


def leaf_of(pebble, host="shop.test"):
    """What openssl says of the certificate that is shown."""
    shown = run(peer("openssl"), "s_client", "-connect", f"127.0.0.1:{pebble.https_port}", "-servername", host, "-showcerts")
    done = run(peer("openssl"), "x509", "-noout", "-text", "-serial", stdin=shown.out)
    assert done.code == 0, shown.said + done.said
    return done.text


def serial_of(pebble, host="shop.test"):
    return re.search(r"^serial=(\w+)", leaf_of(pebble, host), re.MULTILINE)[1]


def is_certified(serving, host="shop.test"):
    serving.running.until_says(CERTIFIED.format(re.escape(host)))


@pytest.mark.parametrize("challenge", ["http-01", "tls-alpn-01"])
def test_a_site_gets_its_certificate_by_each_challenge(fresh_padlock, pebble, challenge):
    config = pebble.config({"shop.test": 'names = ["www.shop.test"]'}, f'challenge = "{challenge}"')
    with pebble.running(), fresh_padlock.serve_config(config) as serving:
        is_certified(serving)
        for host in ("shop.test", "www.shop.test"):
            done = page_of(fresh_padlock, pebble, host)
            assert done.code == 0 and done.text == "<p>page</p>", done.said
        stored = [file for file in fresh_padlock.home.rglob("entry") if "shop.test" in str(file)]
        assert stored and all(file.stat().st_mode & 0o077 == 0 for file in stored)


def test_nonces_that_are_refused_and_slow_validations_are_borne(fresh_padlock, pebble):
    with pebble.running(gentle=False), fresh_padlock.serve_config(pebble.config({"shop.test": ""})) as serving:
        is_certified(serving)
        assert page_of(fresh_padlock, pebble).text == "<p>page</p>"


def test_what_was_had_serves_on_while_the_ca_is_away(fresh_padlock, pebble):
    config = pebble.config({"shop.test": ""})
    with pebble.running():
        with fresh_padlock.serve_config(config) as serving:
            is_certified(serving)
            serial = serial_of(pebble)
    with fresh_padlock.serve_config(config) as serving:
        assert serial_of(pebble) == serial
        assert "valid until" not in serving.running.said, "nothing was ordered"


def test_a_new_name_leaves_the_others_served(fresh_padlock, pebble):
    with pebble.running():
        with fresh_padlock.serve_config(pebble.config({"shop.test": ""})) as serving:
            is_certified(serving)
            root = pebble.issuing_root()
    with fresh_padlock.serve_config(pebble.config({"shop.test": 'names = ["www.shop.test"]'})):  # the CA is away
        for host, code in (("shop.test", 0), ("www.shop.test", 35)):
            done = fresh_padlock.get("--cacert", root, "--resolve", f"{host}:{pebble.https_port}:127.0.0.1",
                                     f"https://{host}:{pebble.https_port}/")
            assert done.code == code, done.said


def test_until_the_first_certificate_clients_are_refused_and_told(fresh_padlock, pebble):
    with fresh_padlock.serve_config(pebble.config({"shop.test": ""})) as serving:  # the CA is away
        serving.running.until_says(r"shop\.test: .*")
        refused = run(peer("openssl"), "s_client", "-connect", f"127.0.0.1:{pebble.https_port}", "-servername", "shop.test")
        assert refused.code != 0 and "unrecognized name" in refused.said, refused.said
        done = run(peer("curl"), "-s", "-o", "/dev/null", "-w", "%{http_code}", "--resolve",
                   f"shop.test:{pebble.http_port}:127.0.0.1", f"http://shop.test:{pebble.http_port}/")
        assert done.text == "308"
        # No challenge is pending: its protocol is not spoken.
        unasked = run(peer("openssl"), "s_client", "-connect", f"127.0.0.1:{pebble.https_port}", "-servername", "shop.test",
                      "-alpn", "acme-tls/1")
        assert unasked.code != 0 and "no application protocol" in unasked.said, unasked.said


@pytest.fixture
def binding_pebble(tmp_path):
    peer("pebble")
    return Pebble(tmp_path / "pebble", externalAccountBindingRequired=True, externalAccountMACKeys={"kid-1": MAC_KEY})


def test_an_account_is_bound_where_the_ca_wants_it(fresh_padlock, binding_pebble):
    config = binding_pebble.config({"shop.test": ""}, f'[acme.eab]\nkey_id = "kid-1"\nmac_key = "{MAC_KEY}"')
    with binding_pebble.running(), fresh_padlock.serve_config(config) as serving:
        is_certified(serving)


def test_a_user_hears_that_a_ca_wants_accounts_bound(fresh_padlock, binding_pebble):
    with binding_pebble.running(), fresh_padlock.serve_config(binding_pebble.config({"shop.test": ""})) as serving:
        serving.running.until_says(r"acme\.account\.binding_required")


def test_a_profile_is_asked_for(fresh_padlock, pebble):
    with pebble.running():
        with fresh_padlock.serve_config(pebble.config({"shop.test": ""}, 'profile = "shortlived"')) as serving:
            is_certified(serving)
            text = leaf_of(pebble)
            before, after = (time.mktime(time.strptime(one, "%b %d %H:%M:%S %Y GMT"))
                             for one in re.findall(r"Not (?:Before|After) ?: (.*)", text))
            assert after - before < 7 * 86400, text


@pytest.mark.parametrize("challenge", ["http-01", "tls-alpn-01"])
def test_an_address_is_certified_too(fresh_padlock, pebble, challenge):
    config = pebble.config({"127.0.0.1": "acme = true"}, f'challenge = "{challenge}"')
    with pebble.running(), fresh_padlock.serve_config(config) as serving:
        is_certified(serving, "127.0.0.1")
        done = fresh_padlock.get("--cacert", pebble.issuing_root(), f"https://127.0.0.1:{pebble.https_port}/")
        assert done.code == 0 and done.text == "<p>page</p>", done.said


def test_a_wildcard_is_proved_by_acme_dns(fresh_padlock, pebble):
    with pebble.running(), pebble.acme_dns(user="shop.test") as url:
        accounts = pebble.folder / "acme-dns.json"
        accounts.write_text(json.dumps({"shop.test": {"server_url": url, "username": "user", "password": "password",
                                                      "subdomain": "sub"}}), "utf-8")
        accounts.chmod(0o600)
        config = pebble.config({"*.shop.test": "", "www.other.test": ""}, 'acme_dns = "acme-dns.json"')
        with fresh_padlock.serve_config(config) as serving:
            is_certified(serving, "*.shop.test")
            is_certified(serving, "www.other.test")  # by another challenge
            done = page_of(fresh_padlock, pebble, "any.shop.test")
            assert done.code == 0 and done.text == "<p>page</p>", done.said


def test_a_certificate_is_renewed_when_the_ca_wants_it(fresh_padlock, pebble):
    config = pebble.config({"shop.test": ""})
    with pebble.running() as ca:
        with fresh_padlock.serve_config(config) as serving:
            is_certified(serving)
            serial = serial_of(pebble)
            shown = run(peer("openssl"), "s_client", "-connect", f"127.0.0.1:{pebble.https_port}", "-servername", "shop.test")
        leaf = re.search(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", shown.text, re.DOTALL)[0]
        window = {"suggestedWindow": {"start": "2020-01-01T00:00:00Z", "end": "2020-01-02T00:00:00Z"}}
        pebble.manage("/set-renewal-info/", json.dumps({"certificate": leaf, "ariResponse": json.dumps(window)}).encode())
        for folder in fresh_padlock.home.rglob("orders"):  # when to ask next was in there
            shutil.rmtree(folder)
        with fresh_padlock.serve_config(config) as serving:
            is_certified(serving)
            assert serial_of(pebble) != serial
        assert "renewal" in ca.said.lower()


def test_sites_may_have_certificates_of_each_kind(fresh_padlock, pebble):
    config = pebble.config({"shop.test": "", "localhost": "", "inside.test": "acme = false"})
    with pebble.running(), fresh_padlock.serve_config(config) as serving:
        is_certified(serving)
        assert page_of(fresh_padlock, pebble).code == 0
        for host in ("localhost", "inside.test"):
            done = fresh_padlock.get("--resolve", f"{host}:{pebble.https_port}:127.0.0.1", f"https://{host}:{pebble.https_port}/")
            assert done.code == 0, done.said


def test_a_certificate_is_revoked_and_the_accounts_key_changed(fresh_padlock, pebble):
    config = pebble.config({"shop.test": ""})
    with pebble.running() as ca:
        with fresh_padlock.serve_config(config) as serving:
            is_certified(serving)
            serial = serial_of(pebble)
        done = fresh_padlock.run("acme", "roll-key", "--config", config)
        assert done.code == 0, done.said
        for _ in range(2):  # the second has nothing to revoke
            done = fresh_padlock.run("acme", "revoke", "shop.test", "--reason", "superseded", "--config", config)
        assert done.code == 2 and "cli.acme.no_certificate" in done.said, done.said
        status = json.loads(pebble.manage(f"/cert-status-by-serial/{serial}"))
        assert status["Status"] == "Revoked" and status["Reason"] == 4, (status, ca.said)
        with fresh_padlock.serve_config(config) as serving:  # with the new key
            is_certified(serving)
            assert serial_of(pebble) != serial
