"""A running server is looked at and told what to do: `padlock status`, `padlock reload`, its socket and its metrics."""

import json
import os
import re
import signal
import socket
import subprocess

import pytest

from peers.ports import free_port
from peers.process import until
from peers.wire import exchange

SITES = '[sites."one.test"]\ndir = "one"\n[sites."two.test"]\nnames = "*.two.test"\ndir = "two"\n'


class Configured:
    def __init__(self, parent):
        self.file = parent / "padlock.toml"
        for name in ("one", "two", "three"):
            (parent / name).mkdir(parents=True)
            (parent / name / "index.html").write_text(f"<p>{name}</p>", "utf-8")

    def write(self, text, settings=""):
        self.file.write_text('listen = "127.0.0.1"\nhttps_port = 0\nhttp_port = 0\n' + settings + text, "utf-8")
        return self.file


@pytest.fixture
def configured(tmp_path):
    return Configured(tmp_path / "etc")


def page(serving, host):
    return exchange(serving.port, serving.root,
                    f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode("ascii"), host).decode("utf-8")


def status_of(padlock, *arguments):
    done = padlock.run("status", "--json", *arguments)
    assert done.code == 0, done.said
    return json.loads(done.text)


def talk(sock, text):
    with sock:
        sock.sendall(text.encode("ascii"))
        answer = b""
        while piece := sock.recv(65536):
            answer += piece
    return answer.decode("utf-8")


def ask_unix(path, method, target, more=""):
    sock = socket.socket(socket.AF_UNIX)
    folder = os.open(path.parent, os.O_PATH)  # a socket's address has room for short names alone
    sock.connect(f"/proc/self/fd/{folder}/{path.name}")
    os.close(folder)
    return talk(sock, f"{method} {target} HTTP/1.1\r\nHost: padlock\r\nConnection: close\r\n{more}\r\n")


def ask_loopback(port, method, target, host="127.0.0.1", more=""):
    return talk(socket.create_connection(("127.0.0.1", port)),
                f"{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{more}\r\n")


# ---- status ----------------------------------------------------------------------------------------------------------

def test_status_says_what_is_served_and_what_was_done(fresh_padlock, configured):
    configured.write(SITES)
    with fresh_padlock.serve_config(configured.file) as serving:
        assert page(serving, "one.test").endswith("<p>one</p>")
        assert page(serving, "one.test").endswith("<p>one</p>")
        status = status_of(fresh_padlock)
        assert (status["state"], status["process"]) == ("serving", serving.running.process.pid)
        assert status["configuration"] == str(configured.file)
        assert status["listeners"]["https"] == [f"127.0.0.1:{serving.port}"]
        assert [site["name"] for site in status["sites"]] == ["one.test", "two.test"]
        assert status["sites"][1]["names"] == ["two.test", "*.two.test"]
        assert status["sites"][0]["certificates"][0]["days_left"] in (6, 7)
        assert status["handshakes"]["completed"] == 2 and status["handshakes"]["by_version"] == {"TLS 1.3": 2}
        assert status["requests"]["by_status"] == {"2xx": 2}
        text = fresh_padlock.run("status")
        assert text.code == 0 and text.err == ""
        assert re.search(r"^padlock \S+, process \d+, serving for \d+ s with \d+ worker", text.text), text.text
        assert re.search(r"^two\.test\n  content        \S+/two\n  names          two\.test, \*\.two\.test\n"
                         r"  certificate    [67] days left, until \S+ \S+ UTC, by .*Padlock", text.text, re.MULTILINE), text.text
        assert "  requests       2 with 20 B of bodies\n" in text.text


def test_status_without_a_server_says_where_it_looked(fresh_padlock):
    done = fresh_padlock.run("status")
    assert done.code == 1 and done.err.startswith("padlock: no server runs that this user may administer: there is no "
                                                  f"live admin-*.sock in {fresh_padlock.home}/run/padlock, "), done.err
    named = fresh_padlock.run("status", "--socket", "none.sock")
    assert named.code == 1 and named.err.startswith("padlock: cannot connect to none.sock: "), named.err


def test_of_several_servers_one_is_named(fresh_padlock, site):
    with fresh_padlock.serve(site) as one, fresh_padlock.serve(site, "--admin-socket", "own/admin.sock") as named, \
            fresh_padlock.serve(site) as other:
        done = fresh_padlock.run("status")
        assert done.code == 1 and str(one.admin_socket) in done.err and str(other.admin_socket) in done.err
        assert "--socket" in done.err
        assert status_of(fresh_padlock, "--socket", other.admin_socket)["process"] == other.running.process.pid
        assert status_of(fresh_padlock, "--socket", "own/admin.sock")["process"] == named.running.process.pid


def test_watch_adds_a_line_a_second_and_ends_with_the_server(fresh_padlock, site):
    with fresh_padlock.serve(site) as serving:
        watching = subprocess.Popen([fresh_padlock.program, "status", "--watch"], env=fresh_padlock.environment(),
                                    cwd=fresh_padlock.home, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        lines = [watching.stdout.readline() for _ in range(2)]
        assert re.fullmatch(r"\S+ \S+ UTC connections 0, handshakes 0, requests 0, failures 0\n", lines[0]), lines
        assert re.fullmatch(r"\S+ \S+ UTC connections 0, handshakes 0 \(\+0\), requests 0 \(\+0\), failures 0 \(\+0\)\n",
                            lines[1]), lines
        serving.running.stop()
        _, err = watching.communicate(timeout=60)
        assert watching.returncode == 1 and "cannot connect to" in err


# ---- reload ----------------------------------------------------------------------------------------------------------

def test_reload_says_what_changed_when_it_is_in_place(fresh_padlock, configured):
    configured.write(SITES)
    with fresh_padlock.serve_config(configured.file) as serving:
        configured.write('[sites."two.test"]\ndir = "two"\n[sites."three.test"]\ndir = "three"\n')
        done = fresh_padlock.run("reload")
        assert page(serving, "three.test").endswith("<p>three</p>")
        assert (done.code, done.err) == (0, ""), done.said
        assert done.text == ("added    three.test\nremoved  one.test\nchanged  two.test\nreloaded: 0 sites are as before\n")
        again = fresh_padlock.run("reload", "--json")
        assert again.code == 0
        assert json.loads(again.text) == {"result": "done", "added": [], "removed": [], "changed": [], "unchanged": 2}
        reloads = status_of(fresh_padlock)["reloads"]
        assert (reloads["done"], reloads["refused"], reloads["last_result"]) == (2, 0, "done")


def test_a_refused_reload_says_why_and_changes_nothing(fresh_padlock, configured):
    configured.write(SITES)
    with fresh_padlock.serve_config(configured.file) as serving:
        configured.write('[sites."one.test"]\ndri = "one"\n')
        done = fresh_padlock.run("reload")
        assert done.code == 2
        assert f'padlock: {configured.file}:5:1: there is no key "dri" here\n    5 | dri = "one"\n' in done.err
        assert f"padlock: nothing was changed: {configured.file} has 2 problems\n" in done.err
        configured.write(SITES, settings="workers = 7\n")
        done = fresh_padlock.run("reload")
        assert done.code == 2 and "code cli.serve.restart_needed" in done.err
        assert page(serving, "one.test").endswith("<p>one</p>")
        reloads = status_of(fresh_padlock)["reloads"]
        assert (reloads["done"], reloads["refused"], reloads["last_result"]) == (0, 2, "refused")


def test_a_server_of_flags_has_nothing_to_reload(fresh_padlock, site):
    with fresh_padlock.serve(site):
        done = fresh_padlock.run("reload")
        assert (done.code, done.err) == (2, "padlock: this server has no file of configuration to read again\n")


# ---- the socket ------------------------------------------------------------------------------------------------------

def test_the_socket_is_for_its_user_alone(fresh_padlock, site):  # docs/threats.md, P9
    with fresh_padlock.serve(site) as serving:
        assert serving.admin_socket.stat().st_mode & 0o777 == 0o600
        assert serving.admin_socket.parent.stat().st_mode & 0o777 == 0o700
        if os.getuid() != 0:
            pytest.skip("other users cannot be tried without root")
        for folder in (serving.admin_socket.parent, *serving.admin_socket.parents[1:]):
            os.chmod(folder, os.stat(folder).st_mode | 0o711)
        os.chmod(serving.admin_socket, 0o666)  # if the file system let it in, the server would not
        code = ("import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]);"
                "s.sendall(b'GET /status HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n'); print(s.recv(9999))")
        done = subprocess.run(["python3", "-c", code, serving.admin_socket.name], user=65534, group=65534,
                              cwd=serving.admin_socket.parent,
                              capture_output=True, text=True, check=False)
        assert "HTTP/1.1 403 " in done.stdout and "server.admin.stranger" in done.stdout, done


def test_the_socket_is_shut_to_others_by_the_file_system(fresh_padlock, site):
    if os.getuid() != 0:
        pytest.skip("other users cannot be tried without root")
    with fresh_padlock.serve(site) as serving:
        done = subprocess.run([fresh_padlock.program, "status", "--socket", serving.admin_socket], user=65534, group=65534,
                              cwd="/", capture_output=True, text=True, check=False, env=fresh_padlock.environment())
        assert done.returncode != 0 and "HTTP" not in done.stdout


def test_a_dead_servers_socket_is_replaced_and_a_live_ones_is_not(fresh_padlock, site):
    with fresh_padlock.serve(site, "--admin-socket", "admin.d/a.sock") as serving:
        done = fresh_padlock.run("serve", site, "--port", "0", "--http-port", "0", "--admin-socket", "admin.d/a.sock")
        assert done.code == 1 and "another server answers on " in done.err and "code net.unix.in_use" in done.err
        serving.running.stop(signal.SIGKILL)
    with fresh_padlock.serve(site, "--admin-socket", "admin.d/a.sock") as serving:
        assert status_of(fresh_padlock, "--socket", "admin.d/a.sock")["process"] == serving.running.process.pid
        assert serving.running.stop() == 0
    assert not (fresh_padlock.home / "admin.d" / "a.sock").exists()


def test_no_socket_is_possible(fresh_padlock, site):
    with fresh_padlock.serve(site, "--admin-socket", "off") as serving:
        assert not serving.admin_socket.exists()
        assert fresh_padlock.run("status").code == 1


def test_what_is_not_there_is_said(fresh_padlock, site):
    with fresh_padlock.serve(site) as serving:
        assert ask_unix(serving.admin_socket, "GET", "/none").startswith("HTTP/1.1 404 ")
        wrong = ask_unix(serving.admin_socket, "GET", "/reload")
        assert wrong.startswith("HTTP/1.1 405 ") and "\r\nAllow: POST\r\n" in wrong


# ---- loopback --------------------------------------------------------------------------------------------------------

def test_metrics_and_health_are_on_loopback_and_nothing_else(fresh_padlock, configured):  # docs/threats.md, P9
    port = free_port()
    configured.write(f'[admin]\nlisten = "127.0.0.1:{port}"\n' + SITES)
    with fresh_padlock.serve_config(configured.file) as serving:
        page(serving, "one.test")
        metrics = ask_loopback(port, "GET", "/metrics")
        assert metrics.startswith("HTTP/1.1 200 OK\r\n")
        assert "\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n" in metrics
        assert re.search(r'^padlock_cert_not_after_seconds\{site="one\.test"\} \d+$', metrics, re.MULTILINE)
        assert re.search(r'^padlock_handshakes_total\{version="TLS 1\.3",.*\} 1$', metrics, re.MULTILINE)
        check_format(metrics.split("\r\n\r\n", 1)[1])
        assert ask_loopback(port, "GET", "/healthz", host="localhost").endswith("\r\n\r\nok\n")
        assert ask_loopback(port, "GET", "/metrics", host="rebound.test").startswith("HTTP/1.1 403 ")
        assert ask_loopback(port, "GET", "/metrics", more="Origin: https://evil.test\r\n").startswith("HTTP/1.1 403 ")
        assert ask_loopback(port, "POST", "/metrics", more="Content-Length: 0\r\n").startswith("HTTP/1.1 405 ")
        for method, target in (("GET", "/status"), ("POST", "/reload"), ("GET", "/")):
            assert ask_loopback(port, method, target, more="Content-Length: 0\r\n").startswith("HTTP/1.1 404 ")


def check_format(text):
    """Each family has HELP and TYPE before its samples, once, and each sample is a name, labels and a number."""
    family, seen = None, set()
    for line in text.splitlines():
        if line.startswith("# HELP "):
            family = line.split()[2]
            assert family not in seen and family.startswith("padlock_")
            seen.add(family)
        elif line.startswith("# TYPE "):
            assert line.split()[2:] in ([family, "gauge"], [family, "counter"]) and \
                family.endswith("_total") == line.endswith("counter")
        else:
            assert re.fullmatch(rf'{family}(\{{\w+="[^"]*"(,\w+="[^"]*")*\}})? \d+', line), line


def test_a_loopback_address_in_use_stops_the_start(fresh_padlock, configured):
    with socket.create_server(("127.0.0.1", 0)) as other:
        configured.write(f'[admin]\nlisten = "127.0.0.1:{other.getsockname()[1]}"\n' + SITES)
        done = fresh_padlock.run("serve", "--config", configured.file)
        assert done.code == 1 and "code net.listen.port_in_use" in done.err


def test_health_says_that_it_stops(fresh_padlock, configured):
    port = free_port()
    configured.write(f'[admin]\nlisten = "127.0.0.1:{port}"\n' + SITES)
    with fresh_padlock.serve_config(configured.file) as serving:
        with socket.create_connection(("127.0.0.1", serving.http_port)) as sock:
            sock.sendall(b"GET / HT")  # a request that is on its way keeps the server
            until(lambda: status_of(fresh_padlock)["connections"]["open"] == 1, "it is there", serving.running.process)
            serving.running.process.send_signal(signal.SIGTERM)
            until(lambda: "503" in ask_loopback(port, "GET", "/healthz"), "it says so", serving.running.process)
            assert status_of(fresh_padlock)["state"] == "stopping"
