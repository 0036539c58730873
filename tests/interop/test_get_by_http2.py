"""`padlock get` and `padlock explain` over HTTP/2, from servers that nobody here wrote."""

import json

import pytest

from peers.servers import h2o_server, nghttpd_server, nginx_server

TEXT = "hello from the other side\n"
BIG = bytes(range(256)) * 4096 * 5


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("pages")
    (path / "hello.txt").write_text(TEXT, "ascii")
    (path / "big.bin").write_bytes(BIG)
    (path / "empty.txt").write_bytes(b"")
    return path


def started(name, pki, folder, work, go_peer):
    credential = pki.credential("good-ecdsa")
    return {"nginx": lambda: nginx_server(credential, folder, work, http2=True),
            "h2o": lambda: h2o_server(credential, folder, work),
            "nghttpd": lambda: nghttpd_server(credential, folder, work),
            "go": lambda: go_peer.serving(credential, folder, work)}[name]()


@pytest.fixture(scope="module", params=["nginx", "h2o", "nghttpd", "go"])
def server(request, pki, folder, go_peer, tmp_path_factory):
    with started(request.param, pki, folder, tmp_path_factory.mktemp(request.param), go_peer) as one:
        one.name = request.param
        yield one


@pytest.fixture(scope="module")
def go(pki, folder, go_peer, tmp_path_factory):
    with go_peer.serving(pki.credential("good-ecdsa"), folder, tmp_path_factory.mktemp("go")) as one:
        yield one


def fetch(padlock, pki, server, path, *flags):
    return padlock.get("--cacert", pki.roots, f"https://localhost:{server.port}{path}", *flags)


def report_of(done):
    return json.loads(done.err.splitlines()[-1])


@pytest.mark.parametrize("flag", [[], ["--http2"]], ids=["default", "--http2"])
def test_a_page(padlock, pki, server, flag):
    done = fetch(padlock, pki, server, "/hello.txt", "--json", *flag)
    assert (done.code, done.text) == (0, TEXT), done.err
    report = report_of(done)
    assert (report["http_version"], report["security"]["tls"]["alpn"]) == ("2", "h2")


def test_http_1_1_where_it_is_wanted(padlock, pki, server):
    done = fetch(padlock, pki, server, "/hello.txt", "--json", "--http1.1")
    if server.name == "nghttpd":  # it speaks HTTP/2 alone
        assert done.code in (35, 52, 56) and done.out == b"", done.said
        return
    assert (done.code, done.text) == (0, TEXT), done.err
    assert report_of(done)["http_version"] == "1.1"


def test_a_large_page_is_whole(padlock, pki, server, tmp_path):
    out = tmp_path / "big.bin"
    done = fetch(padlock, pki, server, "/big.bin", "-o", out)
    assert done.code == 0, done.err
    assert out.read_bytes() == BIG


def test_heads_and_pages_without_content(padlock, pki, server):
    head = fetch(padlock, pki, server, "/hello.txt", "-I")
    assert head.code == 0 and head.text.startswith("HTTP/2 200\r\n"), head.said
    assert f"content-length: {len(TEXT)}" in head.text
    empty = fetch(padlock, pki, server, "/empty.txt")
    assert (empty.code, empty.out) == (0, b""), empty.err


def test_errors_with_f(padlock, pki, server, tmp_path):
    done = fetch(padlock, pki, server, "/none", "-f", "-o", tmp_path / "page")
    assert done.code == 22 and "404" in done.err, done.said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name, path", [("nginx", "/found"), ("nginx", "/far"), ("h2o", "/found")])
def test_redirects(padlock, pki, folder, tmp_path, go_peer, name, path):
    with started(name, pki, folder, tmp_path, go_peer) as one:
        done = fetch(padlock, pki, one, path, "-L", "--json")
        assert (done.code, done.text) == (0, TEXT), done.err
        assert report_of(done)["http_version"] == "2"
        assert fetch(padlock, pki, one, path, "-i").text.startswith("HTTP/2 30")


def explained(padlock, pki, server, path, *flags):
    done = padlock.run("explain", "--json", "--wiretap", "--cacert", pki.roots, *flags,
                       f"https://localhost:{server.port}{path}")
    assert done.code == 0, done.said
    return json.loads(done.text)


def test_the_ladder_has_every_byte(padlock, pki, server):
    seen = explained(padlock, pki, server, "/big.bin")
    ids = [step["id"] for step in seen["steps"]]
    for name in ["http2_settings", "http2_settings_ack", "http2_window_update", "request", "response", "content",
                 "http2_goaway"]:
        assert name in ids, ids
    assert "unread" not in ids
    for sender in ["client", "server"]:
        steps = [one for one in seen["steps"] if one["sender"] == sender]
        of_tcp = ["syn", "syn_ack", "ack", "close"]
        assert sum(one["wire_bytes"] for one in steps if one["id"] not in of_tcp) == seen["sent_bytes"][sender]
    facts = {fact["name"]: fact["value"] for step in seen["steps"] if step["id"] == "request" for fact in step["facts"]}
    assert (facts[":method"], facts[":path"]) == ("GET", "/big.bin")


# ---- bodies that we send

def posted(tmp_path, size=5_000_000):
    file = tmp_path / "form"
    file.write_bytes(b"p" * size)
    return file


def test_nghttpd_sends_back_what_was_posted(padlock, pki, folder, tmp_path):
    with nghttpd_server(pki.credential("good-ecdsa"), folder, tmp_path) as one:
        done = fetch(padlock, pki, one, "/echo", "-d", f"@{posted(tmp_path)}", "-o", tmp_path / "back")
    assert done.code == 0, done.err
    assert (tmp_path / "back").read_bytes() == posted(tmp_path).read_bytes()


def test_go_sends_back_while_it_reads(padlock, pki, go, tmp_path):
    done = fetch(padlock, pki, go, "/echo", "-d", f"@{posted(tmp_path)}", "-o", tmp_path / "back", "-v")
    assert done.code == 0, done.err
    assert (tmp_path / "back").read_bytes() == posted(tmp_path).read_bytes()
    assert "< x-bytes: 5000000" in done.err, done.err


def test_go_answers_before_it_has_all(padlock, pki, go, tmp_path):
    done = fetch(padlock, pki, go, "/refuse", "-d", f"@{posted(tmp_path)}", "-i")
    assert done.code == 0 and done.text.startswith("HTTP/2 413") and "too large" in done.text, done.said


def test_go_says_something_in_between(padlock, pki, go):
    done = fetch(padlock, pki, go, "/hints", "-v")
    assert (done.code, done.text) == (0, "hinted"), done.err
    assert "< HTTP/2 103 Early Hints" in done.err, done.err


def test_go_gives_a_page_up(padlock, pki, go, tmp_path):
    done = fetch(padlock, pki, go, "/abort", "-o", tmp_path / "page")
    assert done.code == 92 and "INTERNAL_ERROR" in done.err and "next " in done.err, done.said
    assert list(tmp_path.iterdir()) == []
