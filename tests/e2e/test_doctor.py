"""`padlock doctor`: each fault that keeps a CA from certifying a name has its line, and what to do. Pebble is the CA, and its
test server the name server."""

import http.server
import json
import re
import socket
import ssl
import threading
import time
import urllib.request

import pytest

from peers.pebble import Pebble
from peers.process import free_port, peer

GOOD = """\
ok       store     {state} is this user's alone
ok       ca        localhost_{ca} answers
ok       clock     this machine's clock agrees with that of localhost_{ca}
ok       dns       shop.test leads to 127.0.0.1
ok       caa       there are no CAA records: every CA may certify the name
ok       port {http} this machine answers at 127.0.0.1:{http}
ok       port {https} this machine answers at 127.0.0.1:{https}
shop.test: nothing stands in the way of a certificate
"""


@pytest.fixture
def pebble(tmp_path):
    peer("pebble")
    one = Pebble(tmp_path / "pebble", caaIdentities=["ca.test"])
    with one.running():
        yield one


@pytest.fixture
def state(fresh_padlock):
    """The state folder, as a server has made it."""
    folder = fresh_padlock.state
    folder.mkdir(parents=True)
    folder.chmod(0o700)
    return folder


class Doctor:
    def __init__(self, padlock, pebble, state):
        self.padlock, self.pebble, self.state = padlock, pebble, state
        self.config = pebble.config({"shop.test": ""})

    def __call__(self, *more, name="shop.test", code=3, dns=None):
        done = self.padlock.run("doctor", name, "--config", self.config, "--dns", f"127.0.0.1:{dns or self.pebble.dns}",
                                "--http-port", self.pebble.http_port, "--https-port", self.pebble.https_port, *more)
        assert done.code == code, done.said
        return done.text

    def dns(self, path, **what):
        """Has the name server answer something else."""
        urllib.request.urlopen(f"http://127.0.0.1:{self.pebble.dns_management}/{path}", json.dumps(what).encode())

    def line(self, grade, topic, *more, **how):
        """The rest of the one line of this grade and topic."""
        text = self(*more, **how)
        found = re.findall(rf"^{grade} +{topic} +(.*)$", text, re.MULTILINE)
        assert len(found) == 1, text
        return found[0]


@pytest.fixture
def doctor(fresh_padlock, pebble, state):
    return Doctor(fresh_padlock, pebble, state)


def test_finds_nothing_where_nothing_is_wrong(doctor, pebble, state):
    assert doctor(code=0) == GOOD.format(state=state, ca=pebble.port, http=pebble.http_port, https=pebble.https_port)


def test_says_what_dns_lacks(doctor):
    doctor.dns("set-default-ipv4", ip="")
    assert doctor.line("bad", "dns") == ("shop.test has neither A nor AAAA records (NoError): add one with this machine's public "
                                         "address")
    doctor.dns("set-servfail", host="shop.test.")
    assert doctor.line("bad", "dns") == ("the question for A records of shop.test is answered ServFail: look at the zone's servers, "
                                         "and at DNSSEC if it is signed")


def test_says_that_no_name_server_answers(doctor):
    port = free_port()
    assert doctor.line("bad", "dns", dns=port) == (
        f"the name server 127.0.0.1:{port} cannot be asked: Connection refused: check the network, or name another by --dns")


def test_says_which_caa_records_forbid_the_ca(doctor, pebble):
    doctor.dns("add-caa", host="test.", policies=[{"tag": "issue", "value": "other.test"}])
    assert doctor.line("bad", "caa") == (
        f"the CAA records of test allow only other.test, and localhost_{pebble.port} is ca.test: add the record `test. CAA 0 issue "
        '"ca.test"`, or take another CA')
    doctor.dns("add-caa", host="shop.test.", policies=[{"tag": "issue", "value": "ca.test; a=b"}])
    assert doctor.line("ok", "caa", code=0) == f"the CAA records of shop.test allow only ca.test, which localhost_{pebble.port} is"
    doctor.dns("clear-caa", host="shop.test.")
    doctor.dns("add-caa", host="shop.test.", policies=[{"tag": "issue", "value": ";"}])
    assert "allow no CA" in doctor.line("bad", "caa")


def test_wildcards_have_caa_records_of_their_own(doctor, pebble):
    doctor.dns("add-caa", host="shop.test.", policies=[{"tag": "issue", "value": "ca.test"}, {"tag": "issuewild", "value": ";"}])
    assert "allow no CA" in doctor.line("bad", "caa", name="*.shop.test")
    assert doctor.line("ok", "caa", code=0)


def test_says_that_a_name_leads_elsewhere(doctor, pebble):
    doctor.dns("add-a", host="shop.test.", addresses=["127.0.0.1", "127.0.0.2"])
    text = doctor()
    for port, local in ((pebble.http_port, pebble.http_port), (pebble.https_port, pebble.https_port)):
        assert re.search(rf"^bad +port {port} +nothing answers at 127\.0\.0\.2:{port} \(net\.connect\.refused\): lead that port to port "
                         rf"{local} of this machine, and let firewalls pass it$", text, re.MULTILINE), text
    assert text.endswith("shop.test: 2 faults\n")


@pytest.mark.parametrize("which", ["http_port", "https_port"])
def test_says_that_another_server_answers(doctor, pebble, which):
    """At the name's address, where the port leads to somebody else."""
    with socket.create_server(("127.0.0.2", getattr(pebble, which))) as other:
        threading.Thread(target=answer_all, args=(other,), daemon=True).start()
        doctor.dns("add-a", host="shop.test.", addresses=["127.0.0.2"])
        port = getattr(pebble, which)
        assert doctor.line("bad", f"port {port}") == (
            f"another server answers at 127.0.0.2:{port}: let the name lead to this machine, and the port to its port {port}")


def answer_all(server):
    while True:
        try:
            client, _ = server.accept()
        except OSError:
            return
        with client:
            client.settimeout(2)
            try:
                client.recv(4096)
            except OSError:
                pass
            client.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


@pytest.mark.parametrize("which", ["http_port", "https_port"])
def test_says_that_a_port_is_taken(doctor, pebble, which):
    with socket.create_server(("127.0.0.1", getattr(pebble, which))):
        doctor.line("bad", f"port {getattr(pebble, which)}")


def test_a_server_that_runs_answers_itself(doctor, pebble, fresh_padlock):
    with fresh_padlock.serve_config(doctor.config):
        assert f"this machine answers at 127.0.0.1:{pebble.http_port}" == doctor.line("ok", f"port {pebble.http_port}", code=0)


def test_says_what_is_wrong_with_the_store(doctor, state):
    state.chmod(0o750)
    assert doctor.line("bad", "store") == f"{state} is open to others, and holds private keys: run `chmod 700 {state}`"
    state.chmod(0o700)
    entry = state / "accounts" / "ca.test" / "account" / "entry"
    entry.parent.mkdir(parents=True)
    for folder in (state / "accounts", entry.parent.parent, entry.parent):
        folder.chmod(0o700)
    entry.write_text("damaged", "utf-8")
    entry.chmod(0o644)
    assert "chmod 600" in doctor.line("bad", "store")


def test_says_that_the_ca_is_away(doctor, pebble):
    port = free_port()
    doctor.config.write_text(doctor.config.read_text("utf-8").replace(f"localhost:{pebble.port}", f"localhost:{port}"), "utf-8")
    assert doctor.line("bad", "ca").startswith(f"the CA localhost_{port} is not there: cannot connect to localhost")


def test_says_what_the_ca_wants(doctor, pebble):
    doctor.config.write_text(doctor.config.read_text("utf-8").replace("agree = true", 'profile = "forever"'), "utf-8")
    assert re.fullmatch(rf"localhost_{pebble.port} has terms of service, data:text/plain,.*: read them, and say `agree = true` in "
                        r"\[acme\]", doctor.line("bad", "ca"))
    doctor.config.write_text(doctor.config.read_text("utf-8").replace("profile", "agree = true\nprofile"), "utf-8")
    assert doctor.line("bad", "ca") == f'localhost_{pebble.port} has no profile "forever": take one that it offers'


@pytest.fixture
def wrong_clock(tmp_path, pebble):
    """An ACME directory whose server's clock is an hour behind."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            here = f"https://localhost:{self.server.server_port}/"
            body = json.dumps({name: here + name for name in ("newNonce", "newAccount", "newOrder", "revokeCert", "keyChange")})
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def date_time_string(self, timestamp=None):
            return super().date_time_string(time.time() - 3600)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pebble.folder / "leaf.pem", pebble.folder / "leaf.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_says_that_the_clock_is_wrong(doctor, pebble, wrong_clock):
    doctor.config.write_text(doctor.config.read_text("utf-8").replace(pebble.directory, f"https://localhost:{wrong_clock}/dir"), "utf-8")
    assert re.fullmatch(rf"this machine's clock is 36\d\d s ahead of that of localhost_{wrong_clock}: set it by NTP "
                        r"\(`timedatectl set-ntp true`\)", doctor.line("bad", "clock"))


def test_tries_an_order_at_the_staging_directory(doctor, pebble, state):
    assert doctor.line("ok", "try", "--staging", pebble.directory, code=0) == f"localhost_{pebble.port} gave a certificate for shop.test"
    assert not list(state.rglob("certs")), "it is dropped"
    assert doctor.line("bad", "try", "--try") == "the CA's staging directory is not known: name it by --staging"
    doctor.dns("add-a", host="other.test.", addresses=["127.0.0.3"])
    assert "other.test" in doctor.line("bad", "try", "--staging", pebble.directory, name="other.test")


def test_serve_looks_at_all_names_without_serving(fresh_padlock, doctor, pebble):
    done = fresh_padlock.run("serve", "--config", doctor.config, "--dry-run", "--dns", f"127.0.0.1:{pebble.dns}")
    # The CA would look at ports 80 and 443, where nobody leads to ours.
    assert done.code == 3 and "nothing answers at 127.0.0.1:443" in done.text, done.said
    done = fresh_padlock.run("serve", "--config", pebble.config({"localhost": ""}), "--dry-run")
    assert done.code == 0 and done.text == "this configuration can be served\n", done.said
    doctor.config.write_text("nonsense", "utf-8")
    assert fresh_padlock.run("serve", "--config", doctor.config, "--dry-run").code == 2
