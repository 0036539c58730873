"""`padlock explain` of TLS 1.2: every message in its order, beside padlock's own server and openssl's, for each key
exchange."""

import json
import re

import pytest

from peers.pki import self_signed
from peers.servers import openssl_server

CERTIFICATES = ["client_hello", "server_hello", "certificate"]
SENT_IN_THE_CLEAR = {  # by key exchange: static RSA has no ServerKeyExchange (RFC 5246, section 7.4.3)
    "ecdhe": [*CERTIFICATES, "server_key_exchange", "server_hello_done", "client_key_exchange"],
    "dhe": [*CERTIFICATES, "server_key_exchange", "server_hello_done", "client_key_exchange"],
    "rsa": [*CERTIFICATES, "server_hello_done", "client_key_exchange"],
}
AFTER_IT = ["session_keys", "change_cipher_spec", "finished", "change_cipher_spec", "finished", "request", "response"]
KEYS = ["pre_master_secret", "master_secret", "client_write_key", "server_write_key", "client_write_IV",
        "server_write_IV"]


def ladder(padlock, ca, url, *flags):
    done = padlock.run("explain", "--json", "--bytes", "--wiretap", "--cacert", ca, *flags, url)
    assert done.code == 0, done.said
    return json.loads(done.text)


def step(seen, name, sender=None):
    return next(one for one in seen["steps"] if one["id"] == name and sender in (None, one["sender"]))


def assert_tells_tls12(seen, kx="ecdhe"):
    expected = ["syn", "syn_ack", "ack", *SENT_IN_THE_CLEAR[kx], *AFTER_IT]
    ids = [one["id"] for one in seen["steps"] if not one["id"].startswith("http2_")]
    begin = ids.index("syn")
    assert ids[begin:begin + len(expected)] == expected
    assert [key["label"] for key in step(seen, "session_keys")["keys"]] == KEYS
    for name in SENT_IN_THE_CLEAR[kx]:
        one = step(seen, name)
        assert one["listener"]["readable"] and one["message_hex"] in one["listener"]["wire_hex"], name
        assert one["fields"] and not one["fields_missing"], name
    for sender in ["client", "server"]:
        assert not step(seen, "finished", sender)["listener"]["readable"]
    for name in ["request", "response", "content"]:
        assert step(seen, name)["protection"] == "application keys"
    assert "TLS 1.2" in seen["outcome"]["verdict"]
    assert_every_byte_has_one_step(seen)


def assert_every_byte_has_one_step(seen):
    for sender in ["client", "server"]:
        of_tcp = ["syn", "syn_ack", "ack", "close"]
        steps = [one for one in seen["steps"] if one["sender"] == sender and one["id"] not in of_tcp]
        assert sum(one["wire_bytes"] for one in steps) == seen["sent_bytes"][sender]


def point_of(seen, name, field):
    """A point as the parser took it out of its message."""
    one = step(seen, name)
    place = next(each for each in one["fields"] if each["name"] == field)
    return one["message_hex"][2 * place["offset"]:2 * (place["offset"] + place["length"])]


@pytest.fixture(scope="module")
def intermediate(padlock, site):
    with padlock.serve(site, "--policy", "intermediate") as server:
        yield server


def test_of_padlocks_own_server(padlock, intermediate):
    seen = ladder(padlock, intermediate.root, intermediate.url("/hello.txt"), "--tls", "1.2")
    assert_tells_tls12(seen)
    for name, field in [("server_key_exchange", "public"), ("client_key_exchange", "ecdh_Yc")]:
        point = point_of(seen, name, field)
        assert len(point) == 64 and any(point in fact["value"] for fact in step(seen, name)["facts"]), name


def test_takes_tls_1_3_where_nothing_is_said(padlock, intermediate):
    seen = ladder(padlock, intermediate.root, intermediate.url("/hello.txt"))
    assert "TLS 1.3" in seen["outcome"]["verdict"]
    assert "encrypted_extensions" in [one["id"] for one in seen["steps"]]
    assert_every_byte_has_one_step(seen)


SUITES = [("good-ecdsa", "ECDHE-ECDSA-AES128-GCM-SHA256"), ("good-ecdsa", "ECDHE-ECDSA-CHACHA20-POLY1305"),
          ("good-rsa", "ECDHE-RSA-AES256-GCM-SHA384")]


@pytest.mark.parametrize("flags", [(), ("--tls", "1.2")], ids=["either", "1.2"])
@pytest.mark.parametrize("credential, suite", SUITES, ids=[suite for _, suite in SUITES])
def test_of_openssls_server(padlock, pki, tmp_path, credential, suite, flags):
    (tmp_path / "hello.txt").write_text("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "ascii", newline="")
    with openssl_server(pki.credential(credential), tmp_path, "-tls1_2", "-HTTP", "-cipher", suite) as server:
        seen = ladder(padlock, pki.roots, f"https://127.0.0.1:{server.port}/hello.txt", *flags)
    assert_tells_tls12(seen)


@pytest.fixture(scope="module")
def legacy(padlock, site):
    with padlock.serve(site, "--policy", "legacy") as server:
        yield server


@pytest.fixture(scope="module")
def lone(tmp_path_factory):
    """openssl's server with a self-signed certificate: its file and the server's URL."""
    folder = tmp_path_factory.mktemp("lone")
    credential = self_signed(folder)
    (folder / "hello.txt").write_text("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "ascii", newline="")
    with openssl_server(credential, folder, "-tls1_2", "-HTTP") as server:
        yield credential.leaf, f"https://localhost:{server.port}/hello.txt"


@pytest.fixture(params=["padlock", "openssl"])
def old_server(request):
    """The CA file and the URL of a server that takes each key exchange."""
    if request.param == "openssl":
        return request.getfixturevalue("lone")
    server = request.getfixturevalue("legacy")
    return server.root, server.url("/hello.txt")


def facts(seen, name):
    return {fact["name"]: fact["value"] for fact in step(seen, name)["facts"]}


def choices(seen, name):
    return {choice["what"]: choice["value"] for choice in step(seen, name)["choices"]}


OLD = ("--policy", "legacy", "--tls", "1.2", "--kx")


@pytest.mark.parametrize("kx, suite", [("rsa", "TLS_RSA_"), ("dhe", "TLS_DHE_RSA_"), ("ecdhe", "TLS_ECDHE_")])
def test_of_each_key_exchange(padlock, old_server, kx, suite):
    seen = ladder(padlock, *old_server, *OLD, kx)
    assert_tells_tls12(seen, kx)
    assert choices(seen, "server_hello")["cipher_suite"].startswith(suite)


def test_of_static_rsa_there_is_no_server_key_exchange(padlock, old_server):
    """Not even the word. What the client sends is as long as the server's modulus (RFC 5246, section 7.4.7.1)."""
    root, url = old_server
    seen = ladder(padlock, root, url, *OLD, "rsa")
    assert facts(seen, "client_key_exchange") == {"encrypted pre_master_secret": "256 bytes",
                                                  "in it": "48 bytes: the client's version and 46 random ones"}
    text = padlock.run("explain", "--bytes", "--wiretap", "--cacert", root, *OLD, "rsa", url)
    assert text.code == 0, text.said
    for said in [json.dumps(seen), text.said]:
        assert not re.search("server_?key_?exchange", said, re.IGNORECASE)


def test_of_dhe_each_end_sends_its_number(padlock, old_server):
    seen = ladder(padlock, *old_server, *OLD, "dhe")
    assert choices(seen, "server_key_exchange")["group"] in ["ffdhe2048", "modp2048"]
    assert facts(seen, "server_key_exchange")["dh_p"] == "a prime of 2,048 bits"
    for name, field in [("server_key_exchange", "dh_Ys"), ("client_key_exchange", "dh_Yc")]:
        number = point_of(seen, name, field)
        assert len(number) == 512 and facts(seen, name)[field] == "256 bytes", name


def test_of_ecdhe_each_end_sends_its_point(padlock, old_server):
    seen = ladder(padlock, *old_server, *OLD, "ecdhe")
    for name, field in [("server_key_exchange", "public"), ("client_key_exchange", "ecdh_Yc")]:
        assert point_of(seen, name, field) in facts(seen, name)[field], name


@pytest.mark.parametrize("suite, agreed", [("TLS_RSA_WITH_AES_128_CBC_SHA", True),
                                           ("TLS_RSA_WITH_AES_128_GCM_SHA256", False)])
def test_of_cbc_the_mac_is_over_what_is_encrypted(padlock, old_server, suite, agreed):
    seen = ladder(padlock, *old_server, *OLD, "rsa", "--cipher-suites", suite)
    assert ("encrypt_then_mac" in facts(seen, "server_hello")) == agreed
    labels = [key["label"] for key in step(seen, "session_keys")["keys"]]
    assert ("client_write_MAC_key" in labels) == ("server_write_MAC_key" in labels) == agreed


@pytest.mark.parametrize("kx", ["rsa", "dhe"])
@pytest.mark.parametrize("verb", ["explain", "get"])
def test_old_key_exchanges_need_the_policy(padlock, verb, kx):
    done = padlock.run(verb, "--tls", "1.2", "--kx", kx, "https://localhost:9/")
    assert done.code == 2 and not done.out
    assert f"--kx {kx} is for old peers alone: add --policy legacy" in done.err


@pytest.mark.parametrize("kx", ["rsa", "dhe", "ecdhe"])
@pytest.mark.parametrize("version", [(), ("--tls", "1.3")], ids=["either", "1.3"])
def test_a_key_exchange_is_named_in_tls_1_2_alone(padlock, version, kx):
    done = padlock.run("explain", "--policy", "legacy", *version, "--kx", kx, "https://localhost:9/")
    assert done.code == 2 and not done.out
    assert "--kx is for TLS 1.2, whose cipher suites name it: add --tls 1.2" in done.err


@pytest.mark.parametrize("flags, hint", [
    (["--policy", "modern", "--tls", "1.2"], "--policy modern speaks TLS 1.3 alone"),
    (["--policy", "legacy", "--tls", "1.2", "--kx", "dhe", "--cipher-suites", "TLS_RSA_WITH_AES_128_GCM_SHA256"],
     "none of the --cipher-suites has the key exchange dhe"),
    (["--policy", "ancient"], "--policy"), (["--tls", "1.2", "--kx", "psk"], "--kx")],
    ids=["policy without the version", "suites without the key exchange", "unknown policy", "unknown key exchange"])
@pytest.mark.parametrize("verb", ["get", "explain"])
def test_flags_that_contradict_each_other_or_are_unknown(padlock, verb, flags, hint):
    done = padlock.run(verb, *flags, "https://localhost:9/")
    assert done.code == 2 and not done.out
    assert hint in done.err
