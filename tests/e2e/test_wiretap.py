"""`padlock explain --wiretap`: what a listener on the way reads, beside what really went over the wire."""

import json

import pytest

from peers.capture import capturing
from peers.servers import Page, python_server

SECRET = "a secret: 4711"  # fits a line of a hex dump


class SecretPage(Page):
    page = SECRET.encode("ascii")


def wiretapped(padlock, pki, port, scheme, *flags):
    done = padlock.run("explain", "--wiretap", "--cacert", pki.roots, f"{scheme}://127.0.0.1:{port}/secret.txt", *flags)
    assert done.code == 0, done.said
    return done.text


def test_plain_http_shows_the_secret(padlock, pki, tmp_path):
    with python_server(handler=SecretPage) as server, capturing(tmp_path, server.port) as capture:
        seen = wiretapped(padlock, pki, server.port, "http")
    assert SECRET in seen and "GET /secret.txt HTTP/1.1" in seen, seen
    assert SECRET.encode("ascii") in capture.bytes()


def test_https_hides_it(padlock, pki, tmp_path):
    with python_server(pki.credential("good-ecdsa"), SecretPage) as server, capturing(tmp_path, server.port) as capture:
        seen = wiretapped(padlock, pki, server.port, "https")
        assert server.requests[0][1] == "/secret.txt"
    for hidden in [SECRET, "4711", SECRET.encode("ascii").hex(" ")[:20]]:
        assert hidden not in seen, seen
    assert SECRET.encode("ascii") not in capture.bytes() and b"secret.txt" not in capture.bytes()


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_ladder_as_json(padlock, pki, scheme):
    credential = pki.credential("good-ecdsa") if scheme == "https" else None
    with python_server(credential, SecretPage) as server:
        seen = wiretapped(padlock, pki, server.port, scheme, "--json")
    assert json.loads(seen)
    if scheme == "https":
        assert SECRET not in seen and SECRET.encode("ascii").hex() not in seen
