"""Paths of a site and what holds for them, seen by curl over both versions of HTTP."""

import http.server
import json
import threading
from contextlib import contextmanager

import pytest

from peers.process import peer, run
from peers.servers import QuietHandler


class Echo(QuietHandler):
    """Says what it was asked."""

    def do_GET(self):
        said = json.dumps({"target": self.path, "fields": {name.lower(): value for name, value in self.headers.items()}}).encode("utf-8")
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.send_header("X-Powered-By", "an application")
        self.end_headers()
        self.wfile.write(said)


@contextmanager
def application():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


CONFIG = """
listen = "127.0.0.1"
https_port = 0
http_port = 0
trusted_proxies = "127.0.0.1"

[sites."localhost"]
dir = "www"
error_pages = {{ 404 = "errors/404.html", 502 = "errors/502.html" }}
[sites."localhost".response_headers]
set = {{ X-Frame-Options = "DENY" }}
remove = ["Server", "X-Powered-By"]

[sites."localhost".paths."/api/"]
proxy = "{port}"
strip_prefix = true
request_headers = {{ set = {{ X-Part = "api" }}, remove = "Cookie" }}
[sites."localhost".paths."/down/"]
proxy = "1"
[sites."localhost".paths."/files/"]
dir = "files"
strip_prefix = true
[sites."localhost".paths."/hello"]
respond = '{{"hello": "world"}}'
content_type = "application/json"
[sites."localhost".paths."/old/"]
redirect = "/files"
redirect_status = 301
strip_prefix = true
[sites."localhost".paths."/moved/"]
dir = "www"
rewrite = {{ from = "/moved", to = "/pages" }}
[sites."localhost".paths."/closed/"]
maintenance = "back at noon"
[sites."localhost".paths."/staff/"]
respond = "staff"
allow = ["192.0.2.0/24"]
[sites."localhost".paths."/small/"]
respond = "ok"
max_body = "10 B"
[sites."localhost".paths."/slow/"]
respond = "ok"
rate_limit = {{ requests = 1, per = "1 h", burst = 3 }}
[sites."localhost".paths."/secret/"]
proxy = "{port}"
auth = {{ realm = "staff only", users = "users" }}
[sites."localhost".paths."/secret/passed/"]
proxy = "{port}"
auth = {{ users = "users", pass = true }}
[sites."localhost".paths."/secret/own/"]
dir = "files"
strip_prefix = true
auth = {{ users = "users" }}
[sites."localhost".paths."/shared/"]
respond = "shared"
cors = {{ origins = ["https://shop.test"], methods = ["PUT"], headers = ["X-Token"], max_age = "1 h" }}
"""


@pytest.fixture(scope="module")
def served(padlock, tmp_path_factory):
    home = tmp_path_factory.mktemp("routes")
    for folder in ("www/pages", "files/sub", "errors"):
        (home / folder).mkdir(parents=True)
    (home / "www" / "index.html").write_text("the site", "ascii")
    (home / "www" / "pages" / "a.txt").write_text("a page", "ascii")
    (home / "files" / "index.html").write_text("the files", "ascii")
    (home / "files" / "sub" / "index.html").write_text("below", "ascii")
    (home / "errors" / "404.html").write_text("nothing found here", "ascii")
    (home / "errors" / "502.html").write_text("come back later", "ascii")
    made = run(peer("htpasswd"), "-nbB", "-C", "5", "ann", "open: sesame")
    (home / "users").write_text(made.text, "ascii")
    with application() as port:
        config = home / "padlock.toml"
        config.write_text(CONFIG.format(port=port), "utf-8")
        assert padlock.run("config", "check", config).code == 0
        with padlock.serve_config(config) as server:
            yield server
            assert server.running.stop() == 0, server.running.said


class Got:
    def __init__(self, text):
        head, self.body = text.replace("\r\n", "\n").split("\n\n", 1)
        first, *lines = head.split("\n")
        self.status = int(first.split()[1])
        self.fields = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}


def ask(served, path, version, *flags):
    done = run(peer("curl"), "-q", "-sS", "-i", "--path-as-is", "--noproxy", "*", "--cacert", served.root, "--max-time", "30",
               version, *flags, served.url(path))
    assert done.code == 0, done.said
    return Got(done.text)


VERSIONS = pytest.mark.parametrize("version", ["--http1.1", "--http2"])


@VERSIONS
def test_each_path_has_its_content(served, version):
    assert ask(served, "/", version).body == "the site"
    assert ask(served, "/files/", version).body == "the files"
    assert ask(served, "/files/sub", version).fields["location"] == "/files/sub/"
    assert ask(served, "/moved/a.txt", version).body == "a page"
    hello = ask(served, "/hello", version)
    assert (hello.body, hello.fields["content-type"]) == ('{"hello": "world"}', "application/json")
    old = ask(served, "/old/sub/?q=1", version)
    assert (old.status, old.fields["location"]) == (301, "/files/sub/?q=1")


@VERSIONS
def test_what_is_passed_on_keeps_its_form(served, version):
    got = ask(served, "/api/a%2Fb//c?d=%41", version, "-H", "Cookie: secret=1")
    said = json.loads(got.body)
    assert said["target"] == "/a%2Fb//c?d=%41"
    assert said["fields"]["x-part"] == "api" and "cookie" not in said["fields"]
    assert got.fields["x-frame-options"] == "DENY"
    assert "x-powered-by" not in got.fields and "server" not in got.fields
    for path in ("/api/../hello", "/hello/../api/x", "/api/..%2fhello", "/api%2Fx", "//api/x"):
        got = ask(served, path, version)
        assert got.status == (200 if path == "/api/../hello" else 400), path


@VERSIONS
def test_errors_are_in_the_words_of_the_site(served, version):
    for path, status, text in (("/absent", 404, "nothing found here"), ("/down/", 502, "come back later")):
        got = ask(served, path, version)
        assert (got.status, got.body) == (status, text)
        assert got.fields["x-frame-options"] == "DENY"


@VERSIONS
def test_a_path_that_is_worked_on(served, version):
    got = ask(served, "/closed/x", version)
    assert (got.status, got.body, got.fields["retry-after"]) == (503, "back at noon", "300")


@VERSIONS
def test_only_some_addresses_are_let_in(served, version):
    assert ask(served, "/staff/", version).status == 403
    assert ask(served, "/staff/", version, "-H", "X-Forwarded-For: 192.0.2.9").body == "staff"
    assert ask(served, "/staff/", version, "-H", "X-Forwarded-For: 192.0.2.9, 203.0.113.1").status == 403
    assert ask(served, "/x/../%73taff/", version).status == 403, "however it is written"


def test_bodies_have_a_limit(served):
    """Over HTTP/2 some versions of curl lose an answer that comes before they have said all; unit tests ask that."""
    assert ask(served, "/small/", "--http1.1", "-d", "0123456789").status == 200
    assert ask(served, "/small/", "--http1.1", "-d", "0123456789a").status == 413


@VERSIONS
def test_a_client_that_asks_too_often_has_to_wait(served, version):
    address = f"198.51.100.{len(version)}"
    statuses = [ask(served, "/slow/", version, "-H", f"X-Forwarded-For: {address}", "-d", "x").status for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    got = ask(served, "/slow/", version, "-H", f"X-Forwarded-For: {address}")
    assert got.status == 429 and 0 < int(got.fields["retry-after"]) <= 3600
    assert ask(served, "/slow/", version, "-H", f"X-Forwarded-For: 203.0.113.{len(version)}").status == 200


@VERSIONS
def test_pages_of_other_origins(served, version):
    asked = ["-X", "OPTIONS", "-H", "Origin: https://shop.test", "-H", "Access-Control-Request-Method: PUT"]
    got = ask(served, "/shared/", version, *asked)
    assert got.status == 204
    assert {name: value for name, value in got.fields.items() if name.startswith("access-control")} == {
        "access-control-allow-origin": "https://shop.test", "access-control-allow-methods": "PUT",
        "access-control-allow-headers": "X-Token", "access-control-max-age": "3600"}
    assert ask(served, "/shared/", version, "-H", "Origin: https://shop.test").fields["vary"] == "Origin"
    assert "access-control-allow-origin" not in ask(served, "/shared/", version, "-H", "Origin: https://x.test").fields


@VERSIONS
def test_a_name_and_a_password(served, version):
    got = ask(served, "/secret/x", version)
    assert (got.status, got.fields["www-authenticate"]) == (401, 'Basic realm="staff only", charset="UTF-8"')
    good = ["--user", "ann:open: sesame"]
    said = json.loads(ask(served, "/secret/x", version, *good).body)
    assert said["target"] == "/secret/x" and "authorization" not in said["fields"]
    assert "authorization" in json.loads(ask(served, "/secret/passed/", version, *good).body)["fields"]
    assert ask(served, "/secret/own/", version, *good).body == "the files"
    assert ask(served, "/secret/own/", version, "--user", "ann:open").status == 401
    assert ask(served, "/x/..%2fsecret/own/", version).status == 400
    assert "sesame" not in served.running.said and "YW5uOm9wZW" not in served.running.said


def test_who_guesses_passwords_has_to_wait(served):
    who = ["-H", "X-Forwarded-For: 198.51.100.77", "--user"]
    statuses = [ask(served, "/secret/own/", "--http1.1", *who, f"ann:{number}").status for number in range(11)]
    assert statuses == [401] * 10 + [429]
