"""Services are added to a running server and have HTTPS at once: `padlock host`, its files and its JSON."""

import http.client
import http.server
import json
import os
import random
import re
import socket
import ssl
import threading
import time
from contextlib import contextmanager

import pytest

from peers.padlock import Serving
from peers.ports import free_port
from peers.process import Running, peer, run, until
from peers.servers import QuietHandler
from peers.wire import ask as ask_serving
from peers.wire import client_context


class App:
    """A server that says its name, what it was asked for, and how often; slowly where it is asked to, unwell on demand."""

    def __init__(self, name, port=0):
        app = self
        self.asked, self.unwell = [], False

        class Handler(QuietHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                app.asked.append(self.path)
                if self.path == "/slow":
                    time.sleep(1)
                bad = app.unwell or (self.path == "/unwell")
                data = f"{name} {self.path}".encode("ascii")
                self.send_response(500 if bad else 200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@contextmanager
def host(padlock, *arguments):
    """`padlock serve --domain localhost` on free ports, once it has said where."""
    with Running(padlock.program, "serve", "--domain", "localhost", "--port", "0", "--http-port", "0", *arguments,
                 folder=padlock.home, env=padlock.environment(), cwd=padlock.home) as running:
        yield Serving(padlock, running)


def command(padlock, *arguments, code=0):
    done = padlock.run("host", *arguments)
    assert done.code == code, done.said
    return done


def curl(serving, name, path="/", *more):
    done = run(peer("curl"), "--silent", "--show-error", "--cacert", serving.root, "--max-time", "30", "--resolve",
               f"{name}.localhost:{serving.port}:127.0.0.1", *more, f"https://{name}.localhost:{serving.port}{path}")
    return done.text if done.code == 0 else f"curl failed: {done.err}"


def file_of(padlock, name):
    return padlock.state / "hosts.d" / f"{name}.toml"


# ---- services come and go --------------------------------------------------------------------------------------------

def test_a_service_has_https_at_once(fresh_padlock):
    with host(fresh_padlock) as serving, App("shop") as app:
        none = command(fresh_padlock, "list")
        assert none.text == "no service yet; `padlock host add NAME --to PORT` makes one below localhost\n"
        began = time.monotonic()
        added = command(fresh_padlock, "add", "shop", "--to", f"localhost:{app.port}")
        assert curl(serving, "shop", "/a?b") == "shop /a?b"
        assert time.monotonic() - began < 5
        assert added.text == f"https://shop.localhost:{serving.port}/ serves http://localhost:{app.port}\n"
        assert fresh_padlock.get(f"https://shop.localhost:{serving.port}/x").out == b"shop /x"
        listed = command(fresh_padlock, "list").text
        assert listed.split() == ["shop", f"https://shop.localhost:{serving.port}/", f"http://localhost:{app.port}"]
        shown = command(fresh_padlock, "show", "shop").text
        assert f"  content      http://localhost:{app.port}\n" in shown and "days left" in shown, shown
        assert str(file_of(fresh_padlock, "shop")) in shown
        assert command(fresh_padlock, "remove", "shop").text == "removed shop\n"
        assert "unrecognized" in curl(serving, "shop") and not file_of(fresh_padlock, "shop").exists()
        assert command(fresh_padlock, "list").text == none.text


def test_plain_http_is_redirected(fresh_padlock):
    with host(fresh_padlock) as serving, App("shop") as app:
        command(fresh_padlock, "add", "shop", "--to", str(app.port), "--hsts", "1 day")
        assert "strict-transport-security: max-age=86400" in curl(serving, "shop", "/", "-i").lower()
        connection = http.client.HTTPConnection("127.0.0.1", serving.http_port, timeout=30)
        connection.request("GET", "/x?y", headers={"Host": "shop.localhost"})
        answer = connection.getresponse()
        assert (answer.status, answer.getheader("Location")) == (308, f"https://shop.localhost:{serving.port}/x?y")


def test_a_folder_and_parts_of_a_service(fresh_padlock, site):
    with host(fresh_padlock) as serving, App("shop") as app, App("api") as api:
        command(fresh_padlock, "add", "docs", "--dir", os.path.relpath(site, fresh_padlock.home))
        assert curl(serving, "docs", "/hello.txt") == (site / "hello.txt").read_text("utf-8")
        command(fresh_padlock, "add", "shop", "--to", str(app.port))
        added = command(fresh_padlock, "add", "shop", "--path", "/api", "--to", str(api.port))
        assert f"  /api        http://localhost:{api.port}\n" in added.text
        assert curl(serving, "shop", "/apix") == "shop /apix" and curl(serving, "shop", "/api/x") == "api /api/x"
        command(fresh_padlock, "add", "shop", "--path", "/api/", "--to", str(api.port), code=2)
        command(fresh_padlock, "remove", "shop", "--path", "/api/")
        assert curl(serving, "shop", "/api/x") == "shop /api/x"
        missing = command(fresh_padlock, "remove", "shop", "--path", "/api/", code=2)
        assert "the service shop has no /api/" in missing.err
        missing = command(fresh_padlock, "switch", "shop", "--path", "/api/", "--to", str(api.port), code=2)
        assert "there is no service shop/api/" in missing.err
        # A service may have parts alone; with the last of them it goes.
        command(fresh_padlock, "add", "parts", "--path", "/a/", "--to", str(api.port))
        assert curl(serving, "parts", "/a/b") == "api /a/b" and "404" in curl(serving, "parts", "/", "-i")
        assert command(fresh_padlock, "remove", "parts", "--path", "/a").text == "removed parts\n"


def test_rename(fresh_padlock):
    with host(fresh_padlock) as serving, App("shop") as app:
        command(fresh_padlock, "add", "shop", "--to", str(app.port))
        command(fresh_padlock, "add", "other", "--to", str(app.port))
        taken = command(fresh_padlock, "rename", "shop", "other", code=2)
        assert taken.err.startswith("padlock: there is a service other already\n")
        command(fresh_padlock, "rename", "shop", "bad_name", code=2)
        assert curl(serving, "shop") == "shop /"
        command(fresh_padlock, "rename", "shop", "store")
        assert curl(serving, "store") == "shop /" and "unrecognized" in curl(serving, "shop")
        assert not file_of(fresh_padlock, "shop").exists() and file_of(fresh_padlock, "store").exists()


def test_json_is_one_object(fresh_padlock):
    with host(fresh_padlock) as serving, App("shop") as app:
        added = json.loads(command(fresh_padlock, "add", "shop", "--to", str(app.port), "--health", "/well", "--json").text)
        assert (added["result"], added["name"]) == ("done", "shop")
        [one] = json.loads(command(fresh_padlock, "list", "--json").text)["hosts"]
        assert one == added["host"] == json.loads(command(fresh_padlock, "show", "shop", "--json").text)["host"]
        assert (one["name"], one["url"], one["to"], one["health"], one["paths"]) == (
            "shop", f"https://shop.localhost:{serving.port}/", [f"http://localhost:{app.port}"], "/well", [])
        assert one["certificates"][0]["days_left"] in (6, 7) and "/well" in app.asked
        status = json.loads(fresh_padlock.run("status", "--json").text)
        assert status["domain"] == "localhost" and status["sites"][0]["service"] == "shop"
        assert "  service        shop\n" in fresh_padlock.run("status").text
        refused = json.loads(command(fresh_padlock, "add", "shop", "--to", "1", "--json", code=2).text)
        assert (refused["result"], refused["code"]) == ("refused", "cli.host.exists")


# ---- what is refused -------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("arguments, said", [
    (["add", "bad_name", "--to", "1"], "\"bad_name\" is no name for a service of localhost"),
    (["add", "b\u00fccher", "--to", "1"], "xn--"),
    (["add", "../x", "--to", "1"], "is no name for a service"),
    (["add", "-x", "--to", "1"], ""),
    (["add", "shop"], "nothing is said that answers for it"),
    (["add", "shop", "--to", "http://a/b"], "\"http://a/b\" is no upstream"),
    (["add", "shop", "--to", "1", "--path", "/a/../b"], "is no beginning of a path"),
    (["add", "shop", "--to", "1", "--hsts", "soon"], "hsts is a time such as \"1 year\", not \"soon\""),
    (["add", "shop", "--dir", "none-such"], "none-such: No such file"),
    (["show", "shop"], "there is no service \"shop\""),
    (["show", "a b/c"], "there is no service"),
    (["remove", "shop"], "there is no service \"shop\""),
    (["rename", "shop", "store"], "there is no service \"shop\""),
    (["switch", "shop", "--to", "1"], "there is no service \"shop\""),
    (["add", "mine", "--to", "1", "--force"], "the name \"mine.localhost\" belongs to the site \"mine.localhost\" already"),
    (["add", "one", "two"], ""),
    ([], ""),
])
def test_bad_input_is_refused_with_what_to_do(fresh_padlock, site, tmp_path, arguments, said):
    file = tmp_path / "padlock.toml"
    file.write_text(f'listen = "127.0.0.1"\nhttps_port = 0\nhttp_port = 0\n[sites."mine.localhost"]\ndir = "{site}"\n', "utf-8")
    with fresh_padlock.serve_config(file):
        done = command(fresh_padlock, *arguments, code=2)
        assert said in done.err and "next" in done.err and done.text == "", done.said
        assert not (fresh_padlock.state / "hosts.d").exists() or not list((fresh_padlock.state / "hosts.d").iterdir())


def test_an_upstream_that_is_not_well_is_refused(fresh_padlock):
    with host(fresh_padlock) as serving, App("shop") as app:
        closed = free_port()
        refused = command(fresh_padlock, "add", "shop", "--to", str(closed), "--wait", "0", code=1)
        assert f"it does not answer: http://localhost:{closed}: " in refused.err and "--force" in refused.err
        app.unwell = True
        refused = command(fresh_padlock, "add", "shop", "--to", str(app.port), "--wait", "0", code=1)
        assert f"http://localhost:{app.port} is not well: it answers / with 500" in refused.err
        assert command(fresh_padlock, "list").text.startswith("no service yet")
        command(fresh_padlock, "add", "shop", "--to", str(app.port), "--force")
        app.unwell = False
        assert curl(serving, "shop") == "shop /"


def test_a_service_that_is_just_starting_is_waited_for(fresh_padlock):
    with host(fresh_padlock) as serving:
        port = free_port()
        adding = Running(fresh_padlock.program, "host", "add", "shop", "--to", str(port), "--wait", "30",
                         folder=fresh_padlock.home, env=fresh_padlock.environment(), cwd=fresh_padlock.home)
        with adding:
            time.sleep(0.5)
            with App("late", port):
                adding.until_says(r"^https://shop\.localhost:\d+/ serves ")
                assert curl(serving, "shop") == "late /"


def test_names_outside_of_the_local_ca_are_refused(fresh_padlock, tmp_path):
    file = tmp_path / "padlock.toml"
    file.write_text('listen = "127.0.0.1"\nhttps_port = 0\nhttp_port = 0\ndomain = "example.com"\n', "utf-8")
    with fresh_padlock.serve_config(file), App("shop") as app:
        refused = command(fresh_padlock, "add", "shop", "--to", str(app.port), code=2)
        assert "the local CA may not certify shop.example.com" in refused.err
        assert not file_of(fresh_padlock, "shop").exists(), "nothing is left of it"
        assert command(fresh_padlock, "list").text.endswith("below example.com\n")


def test_a_wildcard_from_elsewhere_serves_a_domain_of_any_kind(fresh_padlock, pki, tmp_path):
    wildcard = pki.credential("good-wildcard")
    file = tmp_path / "padlock.toml"
    file.write_text('listen = "127.0.0.1"\nhttps_port = 0\nhttp_port = 0\ndomain = "example.test"\n'
                    f'domain_certificate = "{wildcard.chain}"\ndomain_key = "{wildcard.key}"\n', "utf-8")
    with fresh_padlock.serve_config(file) as serving, App("shop") as app:
        command(fresh_padlock, "add", "shop", "--to", str(app.port))
        got = fresh_padlock.get("--cacert", pki.roots, "--resolve", f"shop.example.test:{serving.port}:127.0.0.1",
                                f"https://shop.example.test:{serving.port}/")
        assert got.out == b"shop /", got.said
        refused = command(fresh_padlock, "add", "api.shop", "--to", str(app.port), code=2)
        assert "no certificate of the site holds its name api.shop.example.test" in refused.err


def test_a_server_of_folders_alone_is_no_host(fresh_padlock, site):
    with fresh_padlock.serve(site):
        refused = command(fresh_padlock, "add", "shop", "--to", "1", code=2)
        assert "this server has no domain for services" in refused.err and "--domain" in refused.err


def test_a_folder_with_keys_of_the_server_is_refused(fresh_padlock, site):
    with host(fresh_padlock) as serving:
        command(fresh_padlock, "add", "docs", "--dir", site)  # makes the CA
        (fresh_padlock.home / "link").symlink_to(fresh_padlock.state)
        for folder in (fresh_padlock.state, fresh_padlock.state / "ca", fresh_padlock.home, "/", fresh_padlock.home / "link"):
            refused = command(fresh_padlock, "add", "bad", "--dir", folder, code=2)
            assert "holds this server's own keys" in refused.err, refused.err
        assert ask_socket(serving, "POST", "/hosts", json.dumps({"name": "a", "dir": str(fresh_padlock.home / "link")}))[0] == 400


# ---- files -----------------------------------------------------------------------------------------------------------

def test_services_survive_restarts(fresh_padlock, site):
    with App("shop") as app:
        with host(fresh_padlock):
            command(fresh_padlock, "add", "shop", "--to", str(app.port))
            command(fresh_padlock, "add", "docs", "--dir", str(site))
            assert file_of(fresh_padlock, "shop").stat().st_mode & 0o777 == 0o600
        file_of(fresh_padlock, "bad").write_text("dri = 1\n", "utf-8")
        file_of(fresh_padlock, "gone").write_text('dir = "/none/such"\n', "utf-8")
        with host(fresh_padlock) as serving:
            assert curl(serving, "shop") == "shop /" and "hello" in curl(serving, "docs", "/hello.txt").lower()
            assert 'bad.toml:1:1: there is no key "dri" here' in serving.running.err
            assert re.search(r"gone\.toml: .*/none/such", serving.running.err), serving.running.err
            command(fresh_padlock, "add", "more", "--to", str(app.port))
            assert curl(serving, "more") == "shop /"


def test_a_drop_in_file_is_served_after_a_reload(fresh_padlock, site):
    with host(fresh_padlock) as serving, App("shop") as app:
        file_of(fresh_padlock, "x").parent.mkdir()
        file_of(fresh_padlock, "shop").write_text(f'# mine\nproxy = "{app.port}"\nhsts = "1 day"\n', "utf-8")
        done = fresh_padlock.run("reload")
        assert done.code == 0 and "added    shop.localhost\n" in done.text, done.said
        assert "shop /" in curl(serving, "shop", "/", "-i") and "max-age=86400" in curl(serving, "shop", "/", "-i")
        file_of(fresh_padlock, "bad").write_text("proxy = 1\n", "utf-8")
        refused = fresh_padlock.run("reload")
        assert refused.code == 2 and "bad.toml:1:9: proxy is a whole number" in refused.err, refused.said
        file_of(fresh_padlock, "bad").unlink()
        with App("next") as other:
            command(fresh_padlock, "switch", "shop", "--to", str(other.port))
            assert "max-age=86400" in curl(serving, "shop", "/", "-i"), "what a person wrote there stays"
        file_of(fresh_padlock, "shop").unlink()
        assert "removed  shop.localhost\n" in fresh_padlock.run("reload").text


def test_a_kill_at_any_moment_leaves_services_that_work(fresh_padlock):
    chooser = random.Random(20261130)
    with App("shop") as app:
        for attempt in range(12):
            with host(fresh_padlock) as serving:
                adding = [Running(fresh_padlock.program, "host", *words, "--force", folder=fresh_padlock.home,
                                  env=fresh_padlock.environment(), cwd=fresh_padlock.home)
                          for words in (["add", f"n{attempt}", "--to", str(app.port)],
                                        ["add", f"n{attempt}", "--path", "/x/", "--to", str(app.port)],
                                        ["switch", "n0", "--to", f"127.0.0.1:{app.port}"])]
                time.sleep(chooser.uniform(0.0, 0.15))
                serving.running.process.kill()
                serving.running.process.wait()
                for one in adding:
                    one.process.wait()
        with host(fresh_padlock) as serving:
            assert "hosts.d" not in serving.running.err, serving.running.err
            for at in json.loads(command(fresh_padlock, "list", "--json").text)["hosts"]:
                whole, part = curl(serving, at["name"]), curl(serving, at["name"], "/x/")
                assert whole == "shop /" if "to" in at else part == "shop /x/", at


def test_two_who_add_the_same_name_at_once(fresh_padlock):
    with host(fresh_padlock) as serving, App("shop") as app:
        both = [Running(fresh_padlock.program, "host", "add", "shop", "--to", str(app.port), folder=fresh_padlock.home,
                        env=fresh_padlock.environment(), cwd=fresh_padlock.home) for _ in range(2)]
        assert sorted(one.process.wait() for one in both) == [0, 2]
        assert curl(serving, "shop") == "shop /"


def test_a_disk_that_takes_nothing_leaves_all_as_it_was(fresh_padlock):
    with host(fresh_padlock) as serving, App("shop") as app:
        command(fresh_padlock, "add", "shop", "--to", str(app.port))
        file_of(fresh_padlock, "more").mkdir()  # nothing can be renamed to there
        refused = command(fresh_padlock, "add", "more", "--to", str(app.port), code=2)
        assert "more.toml" in refused.err
        assert curl(serving, "shop") == "shop /" and "unrecognized" in curl(serving, "more")


def test_a_configuration_has_services_beside_its_sites(fresh_padlock, site, tmp_path):
    file = tmp_path / "padlock.toml"
    settings = 'listen = "127.0.0.1"\nhttps_port = 0\nhttp_port = 0\ndomain = "dev.test"\n'
    file.write_text(settings + f'[sites."localhost"]\ndir = "{site}"\n', "utf-8")
    with fresh_padlock.serve_config(file) as serving, App("shop") as app:
        command(fresh_padlock, "add", "shop.dev.test", "--to", str(app.port))
        assert b"shop /" in fresh_padlock.get("--resolve", f"shop.dev.test:{serving.port}:127.0.0.1",
                                              f"https://shop.dev.test:{serving.port}/").out
        assert ask_serving(serving, "/hello.txt").status == 200
        file.write_text(settings + f'[sites."shop.dev.test"]\ndir = "{site}"\n', "utf-8")
        refused = fresh_padlock.run("reload")
        assert refused.code == 2 and 'belongs to the site "shop.dev.test" already' in refused.err, refused.said


# ---- under load ------------------------------------------------------------------------------------------------------

class Load:
    """Clients that ask a service all the time, half of them on kept connections. Counts by who answered."""

    def __init__(self, serving, name, clients=4):
        self.port, self.name, self.context = serving.port, f"{name}.localhost", client_context(serving.root)
        self.answers, self.failures, self.over, self.lock = [], [], threading.Event(), threading.Lock()
        self.threads = [threading.Thread(target=self.run, args=(at % 2 == 0,)) for at in range(clients)]

    def connect(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.sock = self.context.wrap_socket(socket.create_connection(("127.0.0.1", self.port), timeout=30),
                                                   server_hostname=self.name)
        return connection

    def run(self, keep):
        connection = None
        while not self.over.is_set():
            try:
                connection = connection or self.connect()
                connection.request("GET", "/", headers={"Host": self.name})
                answer = connection.getresponse()
                body = answer.read().decode("utf-8")
                with self.lock:
                    (self.answers if answer.status == 200 else self.failures).append(body)
            except (OSError, ssl.SSLError, http.client.HTTPException) as error:
                with self.lock:
                    self.failures.append(repr(error))
                keep_now = False
            else:
                keep_now = keep
            if not keep_now:
                connection.close()
                connection = None

    def until_answered_by(self, name, count=50):
        begin = len(self.answers)
        until(lambda: sum(one.startswith(name) for one in self.answers[begin:]) >= count, f"{count} answers of {name}")

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()


def test_nothing_is_dropped_while_services_come_go_and_switch(fresh_padlock):
    with host(fresh_padlock) as serving, App("steady") as steady, App("blue") as blue:
        command(fresh_padlock, "add", "steady", "--to", str(steady.port))
        command(fresh_padlock, "add", "shop", "--to", str(blue.port))
        with Load(serving, "steady") as others, Load(serving, "shop") as load:
            load.until_answered_by("blue")
            for number in range(5):
                command(fresh_padlock, "add", f"n{number}", "--to", str(steady.port))
                command(fresh_padlock, "rename", f"n{number}", f"m{number}")
                command(fresh_padlock, "remove", f"m{number}")
            with App("green") as green:
                command(fresh_padlock, "switch", "shop", "--to", str(green.port))
                blue.__exit__()  # it is drained: nobody asks it any more, by connections that were there before neither
                load.until_answered_by("green", 200)
                others.until_answered_by("steady")
                with App("blue") as again:
                    command(fresh_padlock, "switch", "shop", "--to", str(again.port))
                    load.until_answered_by("blue")
                    load.over.set()
                    for thread in load.threads:
                        thread.join()
        assert load.failures == [] and others.failures == []
        assert {one.split()[0] for one in load.answers} == {"blue", "green"}


def test_a_switch_waits_for_the_new_and_drains_the_old(fresh_padlock):
    with host(fresh_padlock) as serving, App("old") as old, App("new") as new:
        command(fresh_padlock, "add", "shop", "--to", str(old.port))
        new.unwell = True
        refused = command(fresh_padlock, "switch", "shop", "--to", str(new.port), "--wait", "0", code=1)
        assert "is not well" in refused.err and curl(serving, "shop") == "old /"
        new.unwell = False
        slow = []
        asking = threading.Thread(target=lambda: slow.append(curl(serving, "shop", "/slow")))
        asking.start()
        until(lambda: "/slow" in old.asked, "the slow request")
        command(fresh_padlock, "switch", "shop", "--to", str(new.port))
        asking.join(timeout=0.5)
        assert slow == ["old /slow"], "the old one had answered all when the switch was said to be done"
        assert curl(serving, "shop") == "new /"


# ---- the administration's JSON ---------------------------------------------------------------------------------------

def ask_socket(serving, method, target, body=None):
    sock = socket.socket(socket.AF_UNIX)
    folder = os.open(serving.admin_socket.parent, os.O_PATH)  # a socket's address has room for short names alone
    sock.connect(f"/proc/self/fd/{folder}/{serving.admin_socket.name}")
    os.close(folder)
    connection = http.client.HTTPConnection("padlock")
    connection.sock = sock
    connection.request(method, target, body=body)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def test_the_socket_has_a_json_api(fresh_padlock):
    with host(fresh_padlock) as serving, App("shop") as app, App("next") as other:
        say = json.dumps
        assert ask_socket(serving, "GET", "/hosts") == (200, {"domain": "localhost", "hosts": []})
        status, made = ask_socket(serving, "POST", "/hosts", say({"name": "shop", "to": app.port and f"localhost:{app.port}"}))
        assert (status, made["result"]) == (201, "done")
        assert ask_socket(serving, "GET", "/hosts/shop")[1]["host"]["to"] == [f"http://localhost:{app.port}"]
        assert ask_socket(serving, "PATCH", "/hosts/shop", say({"to": [f"localhost:{other.port}"]}))[0] == 200
        assert curl(serving, "shop") == "next /"
        assert ask_socket(serving, "PATCH", "/hosts/shop", say({"name": "store"}))[0] == 200
        for method, target, body, expected in [
                ("POST", "/hosts", "{", 400), ("POST", "/hosts", "[]", 400), ("POST", "/hosts", say({"nmae": "x"}), 400),
                ("POST", "/hosts", say({"name": 7, "to": "1"}), 400), ("POST", "/hosts", say({"name": "a", "to": [1]}), 400),
                ("POST", "/hosts", say({"name": "a", "to": "1", "dir": "/"}), 400),
                ("POST", "/hosts", say({"name": "a", "dir": "relative"}), 400),
                ("POST", "/hosts", say({"name": "a", "to": "1", "force": "yes"}), 400),
                ("POST", "/hosts", say({"name": "store", "to": "1"}), 409),
                ("PATCH", "/hosts/store", None, 400), ("PATCH", "/hosts/store", say({"name": "b", "to": "1"}), 400),
                ("PATCH", "/hosts/store", say({"path": "/x/", "to": "1"}), 404),
                ("GET", "/hosts/none", None, 404), ("DELETE", "/hosts/none", None, 404), ("GET", "/hosts/", None, 404),
                ("DELETE", "/hosts", None, 405), ("PUT", "/hosts/store", None, 405)]:
            assert ask_socket(serving, method, target, body)[0] == expected, (method, target, body)
        assert ask_socket(serving, "DELETE", "/hosts/store") == (200, {"result": "done", "name": "store",
                                                                    "drained": True})


def test_a_kept_worker_has_services_too(fresh_padlock):
    with host(fresh_padlock, "--keeper") as serving, App("shop") as app:
        command(fresh_padlock, "add", "shop", "--to", str(app.port))
        done = fresh_padlock.run("restart")
        assert done.code == 0, done.said
        assert curl(serving, "shop") == "shop /"
        command(fresh_padlock, "add", "more", "--to", str(app.port))
        assert curl(serving, "more") == "shop /"


def test_a_worker_without_root_has_services_too(fresh_padlock):
    if os.getuid() != 0:
        pytest.skip("other users cannot be become without root")
    fresh_padlock.environment()  # makes its folders
    fresh_padlock.state.parent.mkdir(mode=0o755)
    for parent in (*fresh_padlock.home.parents, fresh_padlock.home, fresh_padlock.home / "run"):
        os.chmod(parent, os.stat(parent).st_mode | 0o055)
    with host(fresh_padlock, "--user", "nobody") as serving, App("shop") as app:
        command(fresh_padlock, "add", "shop", "--to", str(app.port))
        assert curl(serving, "shop") == "shop /"
        command(fresh_padlock, "rename", "shop", "store")
        assert curl(serving, "store") == "shop /" and file_of(fresh_padlock, "store").stat().st_uid == 65534
