"""[on_event]: a program and a server are told what happens to certificates. Pebble is the CA."""

import json
import os
import re
import shutil
import socket
import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from peers.padlock import Serving
from peers.pebble import Pebble
from peers.ports import free_port
from peers.process import Running, fake_clock, peer, run

PROGRAM = """#!/bin/sh
event=$(cat)
env >> {log}.env
printf '%s %s\\n' "$1" "$event" >> {log}
{more}
"""


@pytest.fixture
def pebble(tmp_path):
    peer("pebble")
    return Pebble(tmp_path / "pebble")


@pytest.fixture
def program(tmp_path):
    """Makes a program that notes what it is told."""

    def make(more=""):
        file = tmp_path / "on-event"
        file.write_text(PROGRAM.format(log=tmp_path / "told", more=more), "utf-8")
        file.chmod(0o700)
        return file

    return make


def told(tmp_path):
    """What the program was told, in order."""
    file = tmp_path / "told"
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    events = []
    for line in lines:
        kind, event = line.split(" ", 1)
        events.append(json.loads(event))
        assert events[-1]["event"] == kind
    return events


@contextmanager
def server(pebble, answers=(), secure=True):
    """A server that is told events: its URL, and the requests that came. `answers`: its first statuses, then 200."""
    requests, statuses = [], list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            requests.append((self.path, self.headers["Content-Type"], json.loads(body)))
            self.send_response(statuses.pop(0) if statuses else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if secure:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pebble.folder / "leaf.pem", pebble.folder / "leaf.key")
        listening.socket = context.wrap_socket(listening.socket, server_side=True)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    try:
        yield f"{'https' if secure else 'http'}://localhost:{listening.server_port}/hook?key=secret", requests
    finally:
        listening.shutdown()
        listening.server_close()


def config_of(pebble, on_event, sites=None, more=""):
    return pebble.config(sites or {"shop.test": 'names = ["www.shop.test"]'}, f"{more}\n[on_event]\n{on_event}")


@contextmanager
def kept(padlock, config):
    with Running(padlock.program, "serve", "--keeper", "--config", config, folder=padlock.home, env=padlock.environment(),
                 cwd=padlock.home) as running:
        yield Serving(padlock, running)


def metric(port, line):
    return f"\npadlock_{line}\n" in run(peer("curl"), "-s", f"http://127.0.0.1:{port}/metrics").text


@pytest.mark.parametrize("how", ["alone", "kept"])
def test_a_program_is_told_what_happens(fresh_padlock, tmp_path, pebble, program, how):
    config = config_of(pebble, f'exec = "{program()}"')
    serve = fresh_padlock.serve_config if how == "alone" else lambda file: kept(fresh_padlock, file)
    with pebble.running():
        with serve(config) as serving:
            serving.running.until(lambda: told(tmp_path), "the program is told")
            shown = run(peer("openssl"), "s_client", "-connect", f"127.0.0.1:{pebble.https_port}", "-servername", "shop.test")
            assert serving.running.stop() == 0, serving.running.said
        leaf = re.search(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", shown.text, re.DOTALL)[0]
        window = {"suggestedWindow": {"start": "2020-01-01T00:00:00Z", "end": "2020-01-02T00:00:00Z"},
                  "explanationURL": "https://ca.test/why"}
        pebble.manage("/set-renewal-info/", json.dumps({"certificate": leaf, "ariResponse": json.dumps(window)}).encode())
        for folder in fresh_padlock.home.rglob("orders"):  # when to ask next was in there
            shutil.rmtree(folder)
        with serve(config) as serving:
            serving.running.until(lambda: len(told(tmp_path)) == 3, "the program is told of the renewal")
    obtained, recalled, renewed = told(tmp_path)
    assert obtained["event"] == "cert_obtained" and obtained["name"] == "shop.test", obtained
    assert obtained["names"] == ["shop.test", "www.shop.test"] and obtained["ca"] == f"localhost_{pebble.port}"
    assert obtained["host"] == socket.gethostname()
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", obtained[key]) for key in ("time", "not_after"))
    assert recalled["event"] == "cert_recalled" and recalled["explanation"] == "https://ca.test/why", recalled
    assert renewed["event"] == "cert_renewed" and renewed["not_after"] > renewed["time"], renewed
    assert "XDG_STATE_HOME" not in (tmp_path / "told.env").read_text("utf-8")


def test_a_program_that_fails_is_said_and_counted(fresh_padlock, tmp_path, pebble, program):
    admin = free_port()
    config = config_of(pebble, f'exec = "{program("echo nobody listens >&2; exit 3")}"',
                       more=f'[admin]\nlisten = "127.0.0.1:{admin}"')
    with pebble.running(), fresh_padlock.serve_config(config) as serving:
        serving.running.until_says(r"with 3: nobody listens(?s:.*)certs\.on_event\.exec")
        serving.running.until(lambda: metric(admin, 'events_total{receiver="exec",result="failed"} 1'), "it is counted")
        assert len(told(tmp_path)) == 1, "it is not run again"
        assert re.search(r"^  events         exec: delivered 0, failed 1, dropped 0$", fresh_padlock.run("status").text, re.MULTILINE)


def test_a_failure_is_told_with_its_reason_and_the_next_try(fresh_padlock, tmp_path, pebble, program):
    admin = free_port()
    config = config_of(pebble, f'exec = "{program()}"\nevents = ["cert_failed"]', more=f'[admin]\nlisten = "127.0.0.1:{admin}"')
    with fresh_padlock.serve_config(config) as serving:  # the CA is away
        serving.running.until(lambda: told(tmp_path), "the program is told")
        failed, = told(tmp_path)
        assert failed["event"] == "cert_failed" and failed["code"] == "net.connect.refused", failed
        assert "refused" in failed["reason"] and failed["advice"] and failed["failures"] == 1
        assert failed["next_try"] > failed["time"] and "not_after" not in failed
        assert metric(admin, 'cert_order_failures_total{rule="net.connect.refused"} 1')
        assert metric(admin, 'cert_states{state="missing"} 1')


def test_a_ca_that_is_passed_over_is_told_once(fresh_padlock, tmp_path, pebble, program):
    second = Pebble(tmp_path / "second", httpPort=pebble.http_port, tlsPort=pebble.https_port)
    shutil.copy(second.root, pebble.folder / "second.pem")
    fallback = f'[[acme.fallback]]\ndirectory = "{second.directory}"\nca_file = "second.pem"\nagree = true'
    sites = {"shop.test": "", "blog.test": ""}
    with second.running(), fresh_padlock.serve_config(config_of(pebble, f'exec = "{program()}"', sites, fallback)) as serving:
        serving.running.until(lambda: len(told(tmp_path)) == 3, "the program is told")
    away, *obtained = sorted(told(tmp_path), key=lambda one: one["event"])
    assert away["event"] == "ca_passed_over" and away["ca"] == f"localhost_{pebble.port}" and "name" not in away, away
    assert {one["name"] for one in obtained} == set(sites) and {one["ca"] for one in obtained} == {f"localhost_{second.port}"}


def own_certificate(folder, age):
    """A certificate of ninety days that was made so many days ago."""
    done = run(peer("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "90",
               "-subj", "/CN=own.test", "-addext", "subjectAltName=DNS:own.test", "-keyout", folder / "own.key", "-out",
               folder / "own.pem", env=dict(os.environ) | fake_clock(f"-{age}d"))
    assert done.code == 0, done.said


@pytest.mark.parametrize(("age", "kind"), [(80, "cert_expiring"), (95, "cert_expired")])
def test_a_certificate_that_nobody_renews_is_told_of(fresh_padlock, tmp_path, pebble, program, age, kind):
    own_certificate(pebble.folder, age)
    config = config_of(pebble, f'exec = "{program()}"', {"own.test": 'certificate = "own.pem"\nkey = "own.key"'})
    with fresh_padlock.serve_config(config) as serving:
        serving.running.until(lambda: told(tmp_path), "the program is told")
        event, = told(tmp_path)
        assert event["event"] == kind and event["name"] == "own.test" and event["not_after"], event
        done = fresh_padlock.run("cert", "status")
        assert done.code == 3 and done.text.startswith("late " if age == 80 else "expired "), done.said


@pytest.mark.parametrize("secure", [True, False], ids=["https", "loopback"])
def test_a_server_is_told_by_a_post_until_it_takes_it(fresh_padlock, pebble, secure):
    admin = free_port()
    with server(pebble, answers=[503], secure=secure) as (url, requests):
        keys = f'webhook = "{url}"\n' + ('ca_file = "ca.pem"' if secure else "")
        config = config_of(pebble, keys, more=f'[admin]\nlisten = "127.0.0.1:{admin}"')
        with pebble.running(), fresh_padlock.serve_config(config) as serving:
            serving.running.until_says(r"an event did not reach https?://localhost:\d+: it answers 503")
            serving.running.until(lambda: len(requests) == 2, "it is told again")
            serving.running.until(lambda: metric(admin, 'events_total{receiver="webhook",result="delivered"} 1'), "it is counted")
            assert "secret" not in serving.running.said, "what stands behind the origin may be one"
    first, second = requests
    assert first == second and first[:2] == ("/hook?key=secret", "application/json")
    assert first[2]["event"] == "cert_obtained" and first[2]["name"] == "shop.test"


def test_a_server_that_nobody_trusts_is_told_nothing(fresh_padlock, pebble):
    with server(pebble) as (url, requests), pebble.running(), \
            fresh_padlock.serve_config(config_of(pebble, f'webhook = "{url}"')) as serving:
        serving.running.until_says(r"an event did not reach https://localhost:\d+: (?s:.*)certs\.on_event\.webhook")
        assert not requests


def test_receivers_that_hang_hold_up_nothing(fresh_padlock, tmp_path, pebble, program):
    """dns-01 by a program beside one that does not end, and a server that takes connections and says nothing."""
    hook = tmp_path / "hook"
    hook.write_text('#!/bin/sh\ncase "$1" in present) exec curl -sS -d "{\\"host\\": \\"$2\\", \\"value\\": \\"$3\\"}" '
                    f"http://127.0.0.1:{pebble.dns_management}/set-txt ;; esac\n", "utf-8")
    hook.chmod(0o700)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        config = config_of(pebble, f'exec = "{program("exec sleep 25")}"\nwebhook = "{url}"',
                           {name: "" for name in ("a.test", "b.test")}, f'exec = "{hook}"\nchallenge = "dns-01"')
        with pebble.running(), fresh_padlock.serve_config(config) as serving:
            serving.running.until(lambda: told(tmp_path), "the program is told of the first")
            with config.open("a", encoding="utf-8") as file:
                file.write('[sites."c.test"]\ndir = "www"\n')
            assert fresh_padlock.run("reload").code == 0
            serving.running.until_says(r"^certificate for c\.test by")
            assert len(told(tmp_path)) == 1, "the program is at the first still"
            done = fresh_padlock.get("--cacert", pebble.issuing_root(), "--resolve", f"c.test:{pebble.https_port}:127.0.0.1",
                                     f"https://c.test:{pebble.https_port}/")
            assert done.code == 0 and done.text == "<p>page</p>", done.said


def test_a_wrong_table_says_what_to_write(fresh_padlock, pebble):
    for command in (["config", "check"], ["serve", "--config"]):
        done = fresh_padlock.run(*command, config_of(pebble, 'webhook = "http://192.0.2.1/"\nevents = "cert_lost"'))
        assert done.code == 2 and re.search(r'padlock\.toml:\d+:11: "http://192\.0\.2\.1/" is plain http to another machine\n'
                                            r".*\n +\| +\^+ write https", done.err), done.said
        assert 'there is no event "cert_lost"' in done.err


def test_receivers_that_cannot_be_told_stop_the_start(fresh_padlock, pebble, program):
    file = program()
    file.chmod(0o720)
    for on_event, wanted in ((f'exec = "{file}"', "others may write to it: run `chmod go-w` on it"),
                             ('exec = "none"', "No such file or directory"),
                             ('webhook = "https://localhost/"\nca_file = "none.pem"', "none.pem")):
        for flags in ([], ["--dry-run"], ["--keeper"]):
            done = fresh_padlock.run("serve", *flags, "--config", config_of(pebble, on_event))
            assert done.code == 2 and wanted in done.err, done.said
