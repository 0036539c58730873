"""`padlock doctor`: each fault that keeps a CA from certifying a name has its lines, and what to do. Pebble is the CA, and its
test server the name server.

What is said stands in doctor/NAME.txt, with words for what differs from run to run; PADLOCK_UPDATE_GOLDEN=1 writes them anew.
"""

import http.server
import json
import os
import re
import socket
import ssl
import threading
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from peers.pebble import Pebble
from peers.ports import free_port
from peers.process import fake_clock, peer, run

GOLDEN = Path(__file__).resolve().parent / "doctor"


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
    """`padlock doctor shop.test`, beside the CA. `words`: patterns of what differs, and what the golden texts have for it."""

    def __init__(self, padlock, pebble, state):
        self.padlock, self.pebble = padlock, pebble
        self.config = pebble.config({"shop.test": ""})
        self.words = {re.escape(str(state)): "STATE", pebble.port: "CA", pebble.http_port: "HTTP", pebble.https_port: "HTTPS",
                      pebble.dns: "DNS"}

    def __call__(self, *more, name="shop.test", dns=None, http_port=None, https_port=None, around=(), environment=None):
        """How it ends. The ports: where the CA would look. `around`: a program that runs it."""
        return run(*around, self.padlock.program, "doctor", name, "--config", self.config,
                   "--dns", f"127.0.0.1:{dns or self.pebble.dns}", "--http-port", http_port or self.pebble.http_port,
                   "--https-port", https_port or self.pebble.https_port, *more, cwd=self.padlock.home,
                   env=self.padlock.environment(**(environment or {})))

    def says(self, golden, *more, **how):
        """That it says what stands in this file, and ends as that tells."""
        done = self(*more, **how)
        text = done.text
        for pattern, word in self.words.items():
            text = re.sub(rf"(?<![0-9]){pattern}(?![0-9])", word, text)
        file = GOLDEN / f"{golden}.txt"
        if os.environ.get("PADLOCK_UPDATE_GOLDEN"):
            file.write_text(text, "utf-8")
        assert text == file.read_text("utf-8")
        assert done.err == ""
        assert done.code == (3 if re.search(r"^bad ", text, re.MULTILINE) or '"verdict": "bad"' in text else 0)

    def dns(self, path, **what):
        """Has the name server answer something else."""
        urllib.request.urlopen(f"http://127.0.0.1:{self.pebble.dns_management}/{path}", json.dumps(what).encode())

    def configure(self, old, new):
        text = self.config.read_text("utf-8")
        assert old in text
        self.config.write_text(text.replace(old, new), "utf-8")

    def closed_port(self, word):
        """One where nobody listens, and its word."""
        port = free_port()
        self.words[port] = word
        return port


@pytest.fixture
def doctor(fresh_padlock, pebble, state):
    return Doctor(fresh_padlock, pebble, state)


def test_finds_nothing_where_nothing_is_wrong(doctor):
    doctor.says("good")


# ---- DNS ------------------------------------------------------------------------------------------------------------


@contextmanager
def name_server(answer):
    """One that answers each question so: a function from what was asked to what is sent, or to nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def serve():
            while True:
                query, who = server.recvfrom(4096)
                if query == b"end":
                    return
                if reply := answer(query):
                    server.sendto(reply, who)

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as teller:
            teller.sendto(b"end", server.getsockname())
        thread.join()


def name_error(query):
    """NXDomain (RFC 1035, section 4.1.1), with the question and nothing else."""
    flags, no_records = b"\x81\x83", bytes(6)
    end = query.index(b"\0", 12) + 5  # the name, its type and its class
    return query[:2] + flags + query[4:6] + no_records + query[12:end]


def test_a_name_without_an_address(doctor):
    doctor.dns("set-default-ipv4", ip="")
    doctor.says("no_address")


def test_a_name_that_does_not_exist(doctor):
    with name_server(name_error) as port:
        doctor.words[port] = "DNS"
        doctor.says("no_name", dns=port)


def test_a_zone_whose_servers_fail(doctor):
    doctor.dns("set-servfail", host="shop.test.")
    doctor.says("zone_fails")


def test_a_name_server_that_is_silent(doctor):
    with name_server(lambda query: None) as port:
        doctor.words[port] = "SILENT"
        doctor.says("name_server_silent", dns=port)


def test_a_name_server_that_is_not_there(doctor):
    doctor.says("name_server_absent", dns=doctor.closed_port("CLOSED"))


def test_caa_records_that_forbid_the_ca(doctor):
    doctor.dns("add-caa", host="test.", policies=[{"tag": "issue", "value": "other.test"}])
    doctor.says("caa_names_another")
    doctor.dns("add-caa", host="shop.test.", policies=[{"tag": "issue", "value": "ca.test; a=b"}])
    doctor.says("caa_names_the_ca")
    doctor.dns("clear-caa", host="shop.test.")
    doctor.dns("add-caa", host="shop.test.", policies=[{"tag": "issue", "value": ";"}])
    doctor.says("caa_names_nobody")


def test_wildcards_have_caa_records_of_their_own(doctor):
    doctor.dns("add-caa", host="shop.test.", policies=[{"tag": "issue", "value": "ca.test"}, {"tag": "issuewild", "value": ";"}])
    doctor.says("caa_forbids_wildcards", name="*.shop.test")
    doctor.says("caa_names_the_ca_for_names")


# ---- ports ----------------------------------------------------------------------------------------------------------


def test_a_name_that_leads_elsewhere(doctor):
    doctor.dns("add-a", host="shop.test.", addresses=["127.0.0.1", "127.0.0.2"])
    doctor.says("leads_elsewhere")


def test_port_80_that_leads_nowhere(doctor):
    doctor.says("port_80_closed", http_port=doctor.closed_port("OUTSIDE"))


def test_port_443_that_leads_nowhere(doctor):
    doctor.says("port_443_closed", https_port=doctor.closed_port("OUTSIDE"))


@pytest.mark.parametrize("which", ["80", "443"])
def test_another_server_that_answers(doctor, which):
    """At an address of the name, where it is not this machine that is reached."""
    port = doctor.pebble.http_port if which == "80" else doctor.pebble.https_port
    with socket.create_server(("127.0.0.2", port)) as other:
        threading.Thread(target=answer_all, args=(other,), daemon=True).start()
        doctor.dns("add-a", host="shop.test.", addresses=["127.0.0.2"])
        doctor.says(f"port_{which}_of_another")


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


@pytest.mark.parametrize("which", ["80", "443"])
def test_a_port_that_another_program_has(doctor, which):
    with socket.create_server(("127.0.0.1", doctor.pebble.http_port if which == "80" else doctor.pebble.https_port)):
        doctor.words[re.escape(str(doctor.padlock.home / "run"))] = "RUN"
        doctor.says(f"port_{which}_taken")


def test_a_server_that_runs_answers_itself(doctor, fresh_padlock):
    with fresh_padlock.serve_config(doctor.config):
        doctor.says("served")


# ---- the clock ------------------------------------------------------------------------------------------------------


def test_a_clock_that_is_ahead(doctor):
    doctor.words[r"3[56]\d\d s"] = "3600 s"
    doctor.says("clock_ahead", environment=fake_clock("+1h"))


def test_a_clock_by_which_no_certificate_is_valid(doctor):
    doctor.words[r"\d\d days"] = "some days"
    doctor.words[r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? UTC"] = "TIME"
    doctor.says("clock_far_ahead", environment=fake_clock("+30d"))
    doctor.says("clock_far_behind", environment=fake_clock("-30d"))


# ---- the state folder -----------------------------------------------------------------------------------------------


def test_a_state_folder_that_is_open_to_others(doctor, state):
    state.chmod(0o750)
    doctor.says("store_open_to_others")


def test_a_state_folder_that_is_yet_to_be_made(doctor, state):
    state.rmdir()
    doctor.says("store_absent")


def test_what_is_damaged_in_the_state_folder(doctor, state):
    entry = state / "accounts" / "ca.test" / "account" / "entry"
    entry.parent.mkdir(parents=True)
    for folder in (state / "accounts", entry.parent.parent, entry.parent):
        folder.chmod(0o700)
    entry.write_text("damaged", "utf-8")
    entry.chmod(0o644)
    doctor.says("store_entry_open_to_others")
    entry.chmod(0o600)
    doctor.says("store_entry_damaged")


def test_a_state_folder_that_cannot_be_written(doctor, state):
    state.chmod(0o500)
    # Root may write everywhere, unless this capability of its is taken.
    around = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    doctor.says("store_not_writable", around=around)
    state.chmod(0o700)


def with_mount(state, options):
    """Runs a program where a file system of its own is mounted as the state folder."""
    around = ["unshare", "--mount", "--map-root-user", "sh", "-c",
              f"mount -t tmpfs -o mode=700,{options} tmpfs {state} && exec \"$@\"", "sh"]
    if run(*around, "true").code != 0:
        pytest.skip("mounts of its own absent (root, or user namespaces for everybody)")
    return around


def test_a_state_folder_on_a_full_disk(doctor, state):
    doctor.says("store_full", around=with_mount(state, "size=1m"))
    doctor.says("store_without_inodes", around=with_mount(state, "size=64m,nr_inodes=1"))


def test_a_state_folder_on_a_read_only_disk(doctor, state):
    doctor.says("store_read_only", around=with_mount(state, "ro"))


# ---- the CA ---------------------------------------------------------------------------------------------------------


def test_a_ca_that_is_away(doctor):
    doctor.configure(f"localhost:{doctor.pebble.port}", f"localhost:{doctor.closed_port('AWAY')}")
    doctor.says("ca_away")


def test_a_ca_that_nobody_vouches_for(doctor):
    doctor.configure('ca_file = "ca.pem"\n', "")
    doctor.says("ca_unknown_issuer")


@contextmanager
def directory_server(pebble, address="127.0.0.1", status=200, late=0, body=None):
    """An ACME directory with Pebble's certificate. `late`: how many seconds its clock is behind."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            here = f"https://localhost:{self.server.server_port}/"
            names = ("newNonce", "newAccount", "newOrder", "revokeCert", "keyChange")
            content = (body or json.dumps({name: here + name for name in names})).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def date_time_string(self, timestamp=None):
            return super().date_time_string(time.time() - late)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer((address, 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pebble.folder / "leaf.pem", pebble.folder / "leaf.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def ask_there(doctor, port, host="localhost"):
    """Has that be the CA."""
    doctor.configure(doctor.pebble.directory, f"https://{host}:{port}/dir")
    doctor.words[port] = "CA"


def test_a_ca_whose_clock_is_behind(doctor):
    with directory_server(doctor.pebble, late=3600) as port:
        ask_there(doctor, port)
        doctor.words[r"36\d\d s"] = "3600 s"
        doctor.says("clock_ahead_of_the_ca")


def test_a_ca_with_the_certificate_of_another(doctor):
    with directory_server(doctor.pebble, address="127.0.0.2") as port:
        ask_there(doctor, port, "127.0.0.2")
        doctor.says("ca_other_name")


def test_a_ca_that_has_no_directory(doctor):
    with directory_server(doctor.pebble, status=404) as port:
        ask_there(doctor, port)
        doctor.says("ca_not_found")
    with directory_server(doctor.pebble, body="<html>") as other:
        doctor.configure(str(port), str(other))
        doctor.words[other] = "CA"
        doctor.says("ca_no_directory")


def test_what_the_ca_wants(doctor):
    doctor.configure("agree = true", 'profile = "forever"')
    doctor.says("ca_has_terms")
    doctor.configure("profile", "agree = true\nprofile")
    doctor.says("ca_has_no_such_profile")


def test_a_ca_that_wants_external_accounts(tmp_path, fresh_padlock, state):
    peer("pebble")
    pebble = Pebble(tmp_path / "pebble", externalAccountBindingRequired=True)
    with pebble.running():
        Doctor(fresh_padlock, pebble, state).says("ca_wants_external_account")


def test_no_ca_at_all(doctor):
    text = doctor.config.read_text("utf-8")
    doctor.config.write_text(text[:text.index("[acme]")].replace('dir = "www"', 'dir = "www"\nacme = false'), "utf-8")
    doctor.says("ca_not_named")


# ---- an order -------------------------------------------------------------------------------------------------------


def test_an_order_at_the_staging_directory(doctor, state):
    doctor.says("try", "--staging", doctor.pebble.directory)
    assert not list(state.rglob("certs")), "it is dropped"
    doctor.says("try_unknown_staging", "--try")


def test_an_order_that_the_staging_directory_refuses(doctor):
    doctor.dns("add-a", host="other.test.", addresses=["127.0.0.3"])
    doctor.words["(?<=acme-challenge/)[A-Za-z0-9_-]+"] = "TOKEN"
    doctor.says("try_refused", "--staging", doctor.pebble.directory, name="other.test")


# ---- for programs ---------------------------------------------------------------------------------------------------


def test_all_of_it_as_json(doctor):
    doctor.says("good_json", "--json")
    doctor.dns("add-a", host="shop.test.", addresses=["127.0.0.2"])
    doctor.says("leads_elsewhere_json", "--json")


def test_serve_looks_at_all_names_without_serving(fresh_padlock, doctor, pebble):
    done = fresh_padlock.run("serve", "--config", doctor.config, "--dry-run", "--dns", f"127.0.0.1:{pebble.dns}")
    # The CA would look at ports 80 and 443, where nobody leads to ours.
    assert done.code == 3 and "nothing answers at 127.0.0.1:443" in done.text, done.said
    done = fresh_padlock.run("serve", "--config", pebble.config({"localhost": ""}), "--dry-run")
    assert done.code == 0 and done.text == "this configuration can be served\n", done.said
    doctor.config.write_text("nonsense", "utf-8")
    assert fresh_padlock.run("serve", "--config", doctor.config, "--dry-run").code == 2
