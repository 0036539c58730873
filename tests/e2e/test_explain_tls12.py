"""`padlock explain` of TLS 1.2: every message in its order, beside padlock's own server and openssl's."""

import json

import pytest

from peers.servers import openssl_server

SENT_IN_THE_CLEAR = ["client_hello", "server_hello", "certificate", "server_key_exchange", "server_hello_done",
                     "client_key_exchange"]
HANDSHAKE = [*SENT_IN_THE_CLEAR, "session_keys", "change_cipher_spec", "finished", "change_cipher_spec", "finished"]
KEYS = ["pre_master_secret", "master_secret", "client_write_key", "server_write_key", "client_write_IV",
        "server_write_IV"]


def ladder(padlock, ca, url, *flags):
    done = padlock.run("explain", "--json", "--bytes", "--wiretap", "--cacert", ca, *flags, url)
    assert done.code == 0, done.said
    return json.loads(done.text)


def step(seen, name, sender=None):
    return next(one for one in seen["steps"] if one["id"] == name and sender in (None, one["sender"]))


def assert_tells_tls12(seen):
    ids = [one["id"] for one in seen["steps"]]
    begin = ids.index("client_hello")
    assert ids[begin - 3:begin] == ["syn", "syn_ack", "ack"]
    assert ids[begin:begin + len(HANDSHAKE)] == HANDSHAKE
    assert [key["label"] for key in step(seen, "session_keys")["keys"]] == KEYS
    for name in SENT_IN_THE_CLEAR:
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
