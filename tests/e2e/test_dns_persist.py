"""dns-persist-01 (draft-ietf-acme-dns-persist-01): a record that a person sets once, told by `padlock acme persist-record`, with
Pebble and with `padlock ca serve` as the CA."""

import json
import re
import shutil
import time
import urllib.request

import pytest

from peers.ca_serve import CaServing
from peers.pebble import Pebble
from peers.ports import free_port
from peers.process import peer, run

CERTIFIED = r"^certificate for {} by localhost_\d+, valid until"
PERSIST = 'challenge = "dns-persist-01"'


@pytest.fixture
def pebble(tmp_path):
    peer("pebble")
    return Pebble(tmp_path / "pebble", caaIdentities=["ca.test", "other.ca.test"])


@pytest.fixture
def ca(fresh_padlock, tmp_path):
    peer("pebble-challtestsrv")
    return CaServing(fresh_padlock, tmp_path / "ca")


def set_text(management, host, *values):
    """These TXT records and no others."""
    ask = f"http://127.0.0.1:{management}"
    urllib.request.urlopen(f"{ask}/clear-txt", json.dumps({"host": host}).encode()).close()
    for value in values:
        urllib.request.urlopen(f"{ask}/set-txt", json.dumps({"host": host, "value": value}).encode()).close()


def told(padlock, config, dns, name, *more):
    """What `persist-record` says: how it ends, whose record, and its text."""
    done = padlock.run("acme", "persist-record", name, "--config", config, "--dns", f"127.0.0.1:{dns}", *more)
    line = re.search(r"^(_validation-persist\S+) IN TXT (.+)$", done.text, re.MULTILINE)
    assert line, done.said
    return done, line[1], "".join(re.findall(r'"([^"]*)"', line[2]))


def serial_of(port, host):
    shown = run(peer("openssl"), "s_client", "-connect", f"127.0.0.1:{port}", "-servername", host)
    done = run(peer("openssl"), "x509", "-noout", "-serial", stdin=shown.out)
    assert done.code == 0, shown.said
    return done.text, shown.text


def test_a_record_that_is_set_once_proves_a_wildcard_at_each_renewal(fresh_padlock, pebble):
    config = pebble.config({"shop.test": 'names = ["*.shop.test"]'}, PERSIST)
    with pebble.running() as ca:
        done, place, text = told(fresh_padlock, config, pebble.dns, "*.shop.test")
        assert done.code == 3 and "_validation-persist.shop.test is not there" in done.err, done.said
        assert place == "_validation-persist.shop.test." and text.startswith("ca.test; accounturi=https://localhost:"), text
        assert text.endswith("; policy=wildcard")
        assert told(fresh_padlock, config, pebble.dns, "shop.test")[2] == text.removesuffix("; policy=wildcard")
        set_text(pebble.dns_management, place, "v=spf1 -all", text)
        for name in ("shop.test", "*.shop.test"):
            done = told(fresh_padlock, config, pebble.dns, name)[0]
            assert done.code == 0 and "proves the name" in done.err, done.said
        with fresh_padlock.serve_config(config) as serving:
            serving.running.until_says(CERTIFIED.format(r"shop\.test"))
            done = fresh_padlock.get("--cacert", pebble.issuing_root(), "--resolve", f"any.shop.test:{pebble.https_port}:127.0.0.1",
                                     f"https://any.shop.test:{pebble.https_port}/")
            assert done.code == 0 and done.text == "<p>page</p>", done.said
            serial, shown = serial_of(pebble.https_port, "shop.test")
        leaf = re.search(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", shown, re.DOTALL)[0]
        window = {"suggestedWindow": {"start": "2020-01-01T00:00:00Z", "end": "2020-01-02T00:00:00Z"}}
        pebble.manage("/set-renewal-info/", json.dumps({"certificate": leaf, "ariResponse": json.dumps(window)}).encode())
        for folder in fresh_padlock.home.rglob("orders"):  # when to ask next was in there
            shutil.rmtree(folder)
        with fresh_padlock.serve_config(config) as serving:
            serving.running.until_says(CERTIFIED.format(r"shop\.test"))
            assert serial_of(pebble.https_port, "shop.test")[0] != serial, ca.said


def test_without_its_record_a_user_hears_which_one_to_set(fresh_padlock, pebble):
    config = pebble.config({"shop.test": ""}, PERSIST)
    with pebble.running():
        with fresh_padlock.serve_config(config) as serving:
            said = serving.running.until_says(
                r"the TXT record that proves it is _validation-persist\.shop\.test with (\"ca\.test; accounturi=\S+\")")
        assert told(fresh_padlock, config, pebble.dns, "shop.test")[2] == said[1].strip('"'), "the same account"


def test_the_doctor_looks_at_the_record(fresh_padlock, pebble):
    config = pebble.config({"shop.test": ""}, PERSIST)

    def persist():
        done = fresh_padlock.run("doctor", "shop.test", "--config", config, "--dns", f"127.0.0.1:{pebble.dns}", "--json",
                                 "--http-port", pebble.http_port, "--https-port", pebble.https_port)
        return next(one for one in json.loads(done.out)["checks"] if one["name"] == "persist")

    with pebble.running():
        check = persist()
        assert check["verdict"] == "bad" and "no account" in check["text"] and "persist-record" in check["advice"], check
        _, place, text = told(fresh_padlock, config, pebble.dns, "shop.test")
        assert "is not there" in persist()["text"]
        for wrong, why in ((text + "4", "names another account"), (text + ";", "is malformed"),
                           (text + "; persistUntil=1", "has expired"), ("else.test" + text, "is not for this CA")):
            set_text(pebble.dns_management, place, wrong)
            check = persist()
            assert check["verdict"] == "bad" and why in check["text"], check
        set_text(pebble.dns_management, place, text)
        check = persist()
        assert check["verdict"] == "ok" and "proves the name" in check["text"], check


# ---- our own CA ------------------------------------------------------------------------------------------------------

def client_config(padlock, ca, folder):
    """A server whose CA is `ca serve`."""
    (folder / "www").mkdir(exist_ok=True)
    (folder / "www" / "index.html").write_text("page", "utf-8")
    file = folder / "padlock.toml"
    file.write_text('listen = "127.0.0.1"\nhttps_port = 0\nhttp_port = 0\n[sites."shop.test"]\ndir = "www"\nacme = true\n'
                    f'names = ["*.shop.test"]\n[acme]\ndirectory = "{ca.directory}"\nca_file = "{padlock.root}"\n{PERSIST}\n',
                    "utf-8")
    return file


def test_our_own_ca_certifies_by_the_record(ca, tmp_path):
    client = type(ca.padlock)(tmp_path / "client")
    client.home.mkdir()
    with ca.all("--challenge", "dns-persist-01", "--name", "localhost"):
        config = client_config(ca.padlock, ca, tmp_path)
        until = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 30 * 86400))
        _, place, text = told(client, config, ca.dns, "*.shop.test", "--until", until)
        good = re.fullmatch(r"localhost; accounturi=https://localhost:\d+/acme/account/\S+; policy=wildcard; persistUntil=(\d+)", text)
        assert good, text
        account = re.search(r"accounturi=([^;]+)", text)[1]
        others = ["v=spf1 -all", "public.test; accounturi=" + account + "; policy=wildcard"]
        for wrong, why in ((f"localhost; accounturi={account}", "lacks policy=wildcard"),
                           (f"localhost; accounturi={account}x; policy=wildcard", "names another account"),
                           (f"localhost; accounturi={account}; policy=wildcard; policy=wildcard", "is malformed"),
                           (text.replace(good[1], "1"), "has expired")):
            set_text(ca.dns_management, place, *others, wrong)
            with client.serve_config(config) as serving:
                ca.until_logs(rf"not proved \*\.shop\.test by dns-persist-01: .*{re.escape(why)}")
                serving.running.until_says(r"the TXT record that proves it is _validation-persist\.shop\.test with")
            for folder in client.home.rglob("orders"):  # a name that failed waits for its turn
                shutil.rmtree(folder)
        set_text(ca.dns_management, place, *others, text)
        with client.serve_config(config) as serving:
            serving.running.until_says(CERTIFIED.format(r"shop\.test"))
            done = client.get("--cacert", ca.padlock.root, "--resolve", f"any.shop.test:{serving.port}:127.0.0.1",
                              serving.url(host="any.shop.test"))
            assert done.code == 0 and done.text == "page", done.said


def test_a_ca_without_a_name_has_no_such_records(fresh_padlock):
    done = fresh_padlock.run("ca", "serve", "--port", "0", "--http-port", "0", "--challenge", "dns-persist-01", "--name", "127.0.0.1")
    assert done.code == 2 and "code cli.ca.serve_option\n" in done.err and "--name" in done.err, done.said


# ---- wrong use -------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("arguments, code", [
    (["127.0.0.1"], "cli.acme.persist_record"), (["shop test"], "cli.acme.persist_record"),
    (["shop.test", "--until", "2020-01-01"], "cli.acme.persist_record"),
    (["shop.test", "--until", "tomorrow"], "cli.acme.persist_record"),
    (["shop.test", "--dns", "a b"], "cli.doctor.option"), (["shop.test"], "cli.acme.no_configuration"),
])
def test_wrong_use_of_persist_record(fresh_padlock, arguments, code):
    file = fresh_padlock.home / "padlock.toml"
    file.write_text('[sites."localhost"]\ndir = "."\n', "utf-8")
    done = fresh_padlock.run("acme", "persist-record", *arguments, "--config", file)
    assert (done.code, done.out) == (2, b"") and f"code {code}\n" in done.err and "  next  " in done.err, done.said


def test_a_ca_that_is_away_is_told(fresh_padlock, tmp_path):
    file = tmp_path / "padlock.toml"
    file.write_text(f'[sites."shop.test"]\ndir = "."\n[acme]\ndirectory = "https://localhost:{free_port()}/dir"\n{PERSIST}\n', "utf-8")
    done = fresh_padlock.run("acme", "persist-record", "shop.test", "--config", file)
    assert done.code == 1 and "refused" in done.err and "  next  " in done.err, done.said
