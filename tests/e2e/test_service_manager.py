"""`padlock serve` under a service manager: what it is told, what it tells, and the unit that ships."""

import re
import shutil
import socket
import sys
from contextlib import contextmanager

import pytest

from peers.padlock import Serving
from peers.process import ROOT, Running, run
from peers.site import HELLO
from peers.wire import ask, exchange

# The process that starts the program puts the sockets where sd_listen_fds(3) has them, and says whose they are.
LAUNCHER = """
import fcntl, os, sys
count = int(sys.argv[1])
moved = [fcntl.fcntl(int(one), fcntl.F_DUPFD, 100) for one in sys.argv[2:2 + count]]
for at, one in enumerate(moved):
    os.dup2(one, 3 + at)
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(sys.argv[2 + count], sys.argv[2 + count:])
"""


@pytest.fixture
def notified(tmp_path):
    """Where a service says how it fares, and its name."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(tmp_path / "notify"))
        sock.settimeout(60)
        yield sock


def hear(sock):
    return sock.recv(4096).decode("utf-8")


@contextmanager
def started_with(padlock, sockets, names, *arguments):
    numbers = [sock.fileno() for sock in sockets]
    with Running(sys.executable, "-c", LAUNCHER, len(numbers), *numbers, padlock.program, "serve", *arguments,
                 folder=padlock.home, cwd=padlock.home, pass_fds=numbers,
                 env=padlock.environment(LISTEN_FDS=str(len(numbers)), LISTEN_FDNAMES=":".join(names))) as running:
        yield running


def listening(count=1):
    return [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]


# ---- what it tells ---------------------------------------------------------------------------------------------------

def test_it_says_when_it_is_ready_reloads_and_stops(fresh_padlock, notified, tmp_path, site):
    config = tmp_path / "padlock.toml"
    config.write_text(f'listen = "127.0.0.1"\nhttps_port = 0\nhttp_port = 0\n[sites."a.test"]\ndir = "{site}"\n', "utf-8")
    with fresh_padlock.serve_config(config, NOTIFY_SOCKET=notified.getsockname()) as serving:
        assert hear(notified) == f"READY=1\nSTATUS=serving 1 site on 127.0.0.1:{serving.port}"
        assert fresh_padlock.run("reload").code == 0
        assert re.fullmatch(r"RELOADING=1\nMONOTONIC_USEC=\d+", hear(notified))
        assert hear(notified).startswith("READY=1\n")
        assert serving.running.stop() == 0
        assert hear(notified) == "STOPPING=1\nSTATUS=stopping"


def test_it_feeds_the_watchdog(fresh_padlock, notified, site):
    with fresh_padlock.serve(site, NOTIFY_SOCKET=notified.getsockname(), WATCHDOG_USEC="200000"):
        said = [hear(notified) for _ in range(4)]
        assert sum(one.startswith("READY=1\n") for one in said) == 1 and said.count("WATCHDOG=1") == 3


def test_a_keeper_says_what_its_worker_says(fresh_padlock, notified, site):
    with fresh_padlock.serve(site, "--keeper", NOTIFY_SOCKET=notified.getsockname(), WATCHDOG_USEC="200000",
                             WATCHDOG_PID="1") as serving:
        assert hear(notified).startswith("READY=1\n")
        assert fresh_padlock.run("restart").code == 0
        assert hear(notified).startswith("READY=1\n"), "of the next one; the one before it says no more"
        assert serving.running.stop() == 0
        assert hear(notified) == "STOPPING=1\nSTATUS=stopping"


# ---- what it is told -------------------------------------------------------------------------------------------------

def test_it_serves_on_sockets_that_it_is_given(fresh_padlock, site):
    https, http = listening(2)
    with https, http, started_with(fresh_padlock, [http, https], ["http", "https"], site) as running:
        serving = Serving(fresh_padlock, running)
        assert serving.port == https.getsockname()[1] and serving.http_port == http.getsockname()[1]
        assert ask(serving, "/hello.txt").body.decode("ascii") == HELLO
        assert ask(serving, "/a", secure=False).fields["Location"] == serving.url("/a")


def test_clients_that_came_before_it_are_served(fresh_padlock, site):
    https, http = listening(2)
    with https, http, socket.create_connection(http.getsockname()) as early:
        early.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        with started_with(fresh_padlock, [https, http], ["https", "http"], site):
            early.settimeout(60)
            assert early.recv(4096).startswith(b"HTTP/1.1 308 ")


def test_a_keeper_passes_on_what_it_is_given(fresh_padlock, site):
    https, http = listening(2)
    with https, http, started_with(fresh_padlock, [https, http], ["https", "http"], site, "--keeper") as running:
        serving = Serving(fresh_padlock, running)
        assert serving.port == https.getsockname()[1]
        assert ask(serving, "/hello.txt").body.decode("ascii") == HELLO
        assert running.stop() == 0


def test_sockets_go_by_their_ports_too(fresh_padlock, site):
    https, = listening()
    with https, started_with(fresh_padlock, [https], [""], site, "--port", https.getsockname()[1], "--http-port", "0") as running:
        serving = Serving(fresh_padlock, running)
        assert serving.port == https.getsockname()[1]
        assert HELLO in exchange(serving.port, serving.root, b"GET /hello.txt HTTP/1.1\r\nHost: localhost\r\n"
                                 b"Connection: close\r\n\r\n", "localhost").decode("ascii")


def test_sockets_that_do_not_fit_stop_the_start(fresh_padlock, site):
    other, = listening()
    with other, started_with(fresh_padlock, [other], ["web"], site) as running:
        assert running.wait() == 2
        assert f"the socket 127.0.0.1:{other.getsockname()[1]} (web) fits neither https (port 8443)" in running.err
        assert "code cli.serve.passed_socket_unmatched" in running.err
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams, \
            started_with(fresh_padlock, [datagrams], ["https"], site) as running:
        assert running.wait() == 1 and "code net.listen.passed_socket_unfit" in running.err


# ---- the unit --------------------------------------------------------------------------------------------------------

def test_the_unit_is_one_that_systemd_takes(padlock, tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze absent (apt-get install systemd)")
    unit = (padlock.program.parent / "padlock.service").read_text("utf-8")
    unit = re.sub(r"^(Exec\w+=)\S+/padlock ", rf"\1{padlock.program} ", unit, flags=re.MULTILINE)
    for name in ("padlock.socket", "padlock-http.socket"):
        shutil.copy(ROOT / "packaging" / name, tmp_path / name)
    (tmp_path / "padlock.service").write_text(unit.replace("User=padlock\n", ""), "utf-8")  # the user is made at installation
    units = [tmp_path / name for name in ("padlock.service", "padlock.socket", "padlock-http.socket")]
    done = run("systemd-analyze", "verify", "--man=no", *units)
    ours = [line for line in done.said.splitlines() if "padlock" in line]
    assert ours == [] and done.code == 0, done.said
    rating = run("systemd-analyze", "security", "--offline=yes", units[0])
    exposure = float(re.search(r"exposure level for padlock\.service: ([\d.]+)", rating.said)[1])
    assert exposure < 2.5, rating.said
