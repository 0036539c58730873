"""Several CAs: the next one is asked when one is away, and renewal returns to the first. Two Pebbles."""

import json
import re
import shutil

import pytest

from peers.pebble import Pebble
from peers.process import peer, run

CERTIFIED = r"^certificate for shop\.test by localhost_{}, valid until"


@pytest.fixture
def first(tmp_path):
    peer("pebble")
    return Pebble(tmp_path / "first")


@pytest.fixture
def second(tmp_path, first):
    return Pebble(tmp_path / "second", httpPort=first.http_port, tlsPort=first.https_port)


def config_of(first, second):
    shutil.copy(second.root, first.folder / "second.pem")
    return first.config({"shop.test": ""},
                        f'[[acme.fallback]]\ndirectory = "{second.directory}"\nca_file = "second.pem"\nagree = true')


def test_the_next_ca_is_asked_when_one_is_away_and_renewal_returns_to_the_first(fresh_padlock, first, second):
    config = config_of(first, second)
    with second.running():
        with fresh_padlock.serve_config(config) as serving:
            serving.running.until_says(CERTIFIED.format(second.port))
            serving.running.until_says(rf"the CA localhost_{first.port} is passed over")
            done = fresh_padlock.get("--cacert", second.issuing_root(), "--resolve", f"shop.test:{first.https_port}:127.0.0.1",
                                     f"https://shop.test:{first.https_port}/")
            assert done.code == 0, done.said
            shown = run(peer("openssl"), "s_client", "-connect", f"127.0.0.1:{first.https_port}", "-servername", "shop.test")
        leaf = re.search(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", shown.text, re.DOTALL)[0]
        window = {"suggestedWindow": {"start": "2020-01-01T00:00:00Z", "end": "2020-01-02T00:00:00Z"}}
        second.manage("/set-renewal-info/", json.dumps({"certificate": leaf, "ariResponse": json.dumps(window)}).encode())
        for folder in fresh_padlock.home.rglob("orders"):  # when to ask next was in there
            shutil.rmtree(folder)
        with first.running(), fresh_padlock.serve_config(config) as serving:
            serving.running.until_says(CERTIFIED.format(first.port))
            done = fresh_padlock.get("--cacert", first.issuing_root(), "--resolve", f"shop.test:{first.https_port}:127.0.0.1",
                                     f"https://shop.test:{first.https_port}/")
            assert done.code == 0, done.said


def test_what_every_ca_says_is_told(fresh_padlock, first, second):
    with fresh_padlock.serve_config(config_of(first, second)) as serving:
        serving.running.until_says(rf"shop\.test: localhost_{first.port}: .*; localhost_{second.port}: ")


def test_the_first_ca_is_asked_alone_while_it_answers(fresh_padlock, first, second):
    with first.running(), second.running(), fresh_padlock.serve_config(config_of(first, second)) as serving:
        serving.running.until_says(CERTIFIED.format(first.port))
        assert not list(fresh_padlock.home.rglob(f"accounts/localhost_{second.port}"))


def test_certificates_of_each_ca_can_be_revoked(fresh_padlock, first, second):
    config = config_of(first, second)
    with second.running():
        with fresh_padlock.serve_config(config) as serving:
            serving.running.until_says(CERTIFIED.format(second.port))
        done = fresh_padlock.run("acme", "revoke", "shop.test", "--config", config)
        assert done.code == 0 and f"by localhost_{second.port} is revoked" in done.text, done.said
