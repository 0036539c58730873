"""`padlock get` and servers that break HTTP/2: an error with curl's number and the next step, and no file that is not whole."""

import json

import pytest

from peers import http2
from peers.http2 import data, frame, head, number, saying

FIVE = ("content-length", "5")

CASES = {
    "shorter than it says": (head(FIVE) + data(b"1234", True), 92),
    "longer than it says": (head(FIVE) + data(b"123456", True), 92),
    "said to be something and nothing": (head(FIVE, end_stream=True), 92),
    "cut off": (head(FIVE) + data(b"123"), 18),
    "cut off without a length": (head() + data(b"123"), 18),
    "cut off in a frame": (head() + data(b"12345", True)[:-1], 18),
    "given up": (head() + data(b"123") + frame(http2.RST_STREAM, payload=number(2)), 92),
    "nothing": (b"", 52),
    "not HTTP/2": (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 16),
    "a push": (frame(http2.PUSH_PROMISE, http2.END_HEADERS, payload=number(2) + http2.fields((":method", "GET"))), 16),
    "a head without end": (frame(http2.HEADERS) + frame(http2.CONTINUATION) * 100, 16),
    "a field with a line break": (head(("x", "a\r\nb")), 92),
    "a reproach": (frame(http2.GOAWAY, stream=0, payload=number(0) + number(11) + b"\x1b[31mslow"), 16),
}


def fetch(padlock, pki, port, *flags):
    return padlock.get("--cacert", pki.roots, f"https://localhost:{port}/", *flags)


@pytest.mark.parametrize("answer, code", CASES.values(), ids=CASES)
def test_what_is_not_whole_is_an_error(padlock, pki, tmp_path, answer, code):
    with saying(pki.credential("good-ecdsa"), answer) as port:
        done = fetch(padlock, pki, port, "-o", tmp_path / "page")
    assert (done.code, done.out) == (code, b""), done.said
    assert "next " in done.err and "\x1b" not in done.err, done.err
    assert list(tmp_path.iterdir()) == []


def test_a_refused_request_goes_once_more(padlock, pki):
    refused = frame(http2.RST_STREAM, payload=number(http2.REFUSED_STREAM))
    with saying(pki.credential("good-ecdsa"), refused, head() + data(b"whole", True)) as port:
        done = fetch(padlock, pki, port, "-d", "x=1", "-v")
    assert (done.code, done.text) == (0, "whole"), done.err
    assert "goes once more" in done.err, done.err
    with saying(pki.credential("good-ecdsa"), refused, refused) as port:
        done = fetch(padlock, pki, port, "--json")
    assert json.loads(done.err.splitlines()[-1])["error"]["code"] == "client.http2.refused" and done.code == 92


def test_the_ladder_stops_where_the_fetch_did(padlock, pki):
    with saying(pki.credential("good-ecdsa"), head(FIVE) + data(b"1234", True)) as port:
        done = padlock.run("explain", "--cacert", pki.roots, f"https://localhost:{port}/")
    assert done.code == 92 and "stopped here: content-length is 5, and 4 bytes came" in done.text, done.said
