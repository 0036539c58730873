"""dns-01 by updates of a zone (RFC 2136, RFC 8945): Knot DNS holds it, and Pebble looks there."""

import pytest

from peers.knot import Knot
from peers.pebble import Pebble
from peers.process import peer

CERTIFIED = r"^certificate for {} by localhost_\d+, valid until"
CHALLENGE = "_acme-challenge"


@pytest.fixture
def pebble(tmp_path):
    peer("pebble")
    return Pebble(tmp_path / "pebble")


def config_of(pebble, knot, sites=("*.shop.test",), **settings):
    return pebble.config({name: "" for name in sites}, 'challenge = "dns-01"\n' + knot.settings(**settings))


def is_certified(serving, name=r"\*\.shop\.test"):
    serving.running.until_says(CERTIFIED.format(name))


@pytest.mark.parametrize("algorithm", ["hmac-sha256", "hmac-sha384", "hmac-sha512"])
def test_a_wildcard_is_proved_by_updates_that_take_away_what_they_added(fresh_padlock, tmp_path, pebble, algorithm):
    knot = Knot(tmp_path / "knot", algorithm, shop_test=f'{CHALLENGE} TXT "of somebody else"')
    key = knot.key_file(generated=algorithm == "hmac-sha512")
    with knot.running() as names, pebble.running(dns=knot.address):
        with fresh_padlock.serve_config(config_of(pebble, knot, key=key)) as serving:
            is_certified(serving)
            done = fresh_padlock.get("--cacert", pebble.issuing_root(), "--resolve", f"a.shop.test:{pebble.https_port}:127.0.0.1",
                                     f"https://a.shop.test:{pebble.https_port}/")
            assert done.code == 0 and done.text == "<p>page</p>", done.said
        assert knot.records("shop.test", CHALLENGE, "TXT") == ['"of somebody else"'], names.said
        assert "DDNS" in names.said, names.said


def test_both_names_of_a_wildcard_are_proved_at_one_place(fresh_padlock, tmp_path, pebble):
    knot = Knot(tmp_path / "knot", shop_test="")
    with knot.running(), pebble.running(dns=knot.address):
        config = pebble.config({"*.shop.test": 'names = ["shop.test"]'}, 'challenge = "dns-01"\n' + knot.settings(zone="shop.test"))
        with fresh_padlock.serve_config(config) as serving:
            is_certified(serving)
        assert knot.records("shop.test", CHALLENGE, "TXT") == []


def test_the_record_is_set_where_an_alias_ends(fresh_padlock, tmp_path, pebble):
    """In the same zone, as Pebble asks no other server for the rest of an alias."""
    knot = Knot(tmp_path / "knot", shop_test=f"{CHALLENGE} CNAME to.proofs\nto.proofs CNAME end.proofs\n")
    with knot.running(), pebble.running(dns=knot.address):
        with fresh_padlock.serve_config(config_of(pebble, knot)) as serving:
            is_certified(serving)
        assert knot.records("shop.test", "end.proofs", "TXT") == []


def test_the_record_is_set_in_the_zone_that_an_alias_leads_to(fresh_padlock, tmp_path, pebble):
    knot = Knot(tmp_path / "knot", shop_test=f"{CHALLENGE} CNAME to.proofs.test.", proofs_test="to CNAME end\n")
    with knot.running() as names, pebble.running(dns=knot.address), fresh_padlock.serve_config(config_of(pebble, knot)):
        names.until(lambda: names.said.count("[proofs.test.] DDNS, finished, serial") == 2, "the record is set and taken away")
        assert "[shop.test.] DDNS" not in names.said, names.said
        assert knot.records("proofs.test", "end", "TXT") == []


def test_the_ca_looks_when_all_servers_of_the_zone_show_it(fresh_padlock, tmp_path, pebble):
    primary = Knot(tmp_path / "primary", shop_test="")
    secondary = Knot(tmp_path / "secondary", primary=primary, shop_test="")  # nobody tells it of changes
    with primary.running() as names, secondary.running(), pebble.running(dns=secondary.address) as ca:
        config = config_of(pebble, primary, authoritative=[primary.address, secondary.address])
        with fresh_padlock.serve_config(config) as serving:
            names.until(lambda: primary.records("shop.test", CHALLENGE, "TXT"), "the record is set")
            assert "Pulled a task" not in ca.said, "the CA was told too early"
            assert secondary.control("zone-refresh", "shop.test").code == 0
            is_certified(serving)


def test_a_record_that_no_server_shows_in_time_is_said(fresh_padlock, tmp_path, pebble):
    primary = Knot(tmp_path / "primary", shop_test="")
    secondary = Knot(tmp_path / "secondary", primary=primary, shop_test="")
    with primary.running(), secondary.running(), pebble.running(dns=secondary.address):
        config = config_of(pebble, primary, authoritative=[primary.address, secondary.address], patience="3 s")
        with fresh_padlock.serve_config(config) as serving:
            serving.running.until_says(rf"is not shown by {secondary.address}(?s:.*)certs\.dns_update\.not_shown")
            serving.running.until(lambda: primary.records("shop.test", CHALLENGE, "TXT") == [], "the record is taken away")


def test_an_answer_too_long_for_udp_is_had_by_tcp(fresh_padlock, tmp_path, pebble):
    many = "\n".join(f'{CHALLENGE} TXT "{number} {"x" * 200}"' for number in range(20))
    knot = Knot(tmp_path / "knot", shop_test=many)
    with knot.running(), pebble.running(dns=knot.address), fresh_padlock.serve_config(config_of(pebble, knot)) as serving:
        is_certified(serving)


@pytest.mark.parametrize("key, code", [
    ({"secret": "d3Jvbmc="}, "dns.tsig.bad_signature"),
    ({"name": "unknown-key"}, "dns.tsig.bad_key"),
    ({"name": "other-key"}, r"dns\.(update\.|tsig\.bad_key)"),  # that may not change TXT records
    ({"secret": "no base64"}, "dns.tsig.key"),
])
def test_what_is_wrong_with_a_key_is_said(fresh_padlock, tmp_path, pebble, key, code):
    knot = Knot(tmp_path / "knot", shop_test="")
    with knot.running(), pebble.running(dns=knot.address):
        with fresh_padlock.serve_config(config_of(pebble, knot, key=knot.key_file(**key))) as serving:
            serving.running.until_says(code)
            assert "c2VjcmV0" not in serving.running.said and "d3Jvbmc" not in serving.running.said


def test_a_key_that_others_may_read_is_refused(fresh_padlock, tmp_path, pebble):
    knot = Knot(tmp_path / "knot", shop_test="")
    key = knot.key_file()
    key.chmod(0o644)
    with knot.running(), pebble.running(dns=knot.address):
        with fresh_padlock.serve_config(config_of(pebble, knot, key=key)) as serving:
            serving.running.until_says(r"net\.file\.key_readable_by_others")


@pytest.mark.parametrize("clock", ["+1h", "-1h"])
def test_clocks_that_differ_are_said(fresh_padlock, tmp_path, pebble, clock):
    knot = Knot(tmp_path / "knot", shop_test="")
    with knot.running(clock), pebble.running():
        with fresh_padlock.serve_config(config_of(pebble, knot)) as serving:
            serving.running.until_says(r"dns\.tsig\.bad_time")


@pytest.mark.parametrize("zone, code", [("other.test", r"certs\.dns_update\.zone"), ("test", r"dns\.(update|tsig)\.")])
def test_a_zone_that_the_server_does_not_hold_is_said(fresh_padlock, tmp_path, pebble, zone, code):
    knot = Knot(tmp_path / "knot", shop_test="")
    with knot.running(), pebble.running(dns=knot.address):
        with fresh_padlock.serve_config(config_of(pebble, knot, zone=zone)) as serving:
            serving.running.until_says(code)


def test_a_server_that_holds_no_zone_of_the_name_is_said(fresh_padlock, tmp_path, pebble):
    knot = Knot(tmp_path / "knot", other_test="")
    with knot.running(), pebble.running(dns=knot.address):
        with fresh_padlock.serve_config(config_of(pebble, knot)) as serving:
            serving.running.until_says(r"certs\.dns_update\.zone")


def test_orders_beside_each_other_wait_for_their_own_records_alone(fresh_padlock, tmp_path, pebble):
    knot = Knot(tmp_path / "knot", shop_test="")
    sites = ["*.shop.test", "shop.test", *(f"*.{letter}.shop.test" for letter in "abcd")]
    with knot.running(), pebble.running(gentle=False, dns=knot.address):  # they end at different times
        with fresh_padlock.serve_config(config_of(pebble, knot, sites, patience="20 s")) as serving:
            for name in sites:
                is_certified(serving, name.replace("*", r"\*").replace(".", r"\."))
            assert "certs.dns_update" not in serving.running.said, serving.running.said
        assert knot.records("shop.test", CHALLENGE, "TXT") == []
