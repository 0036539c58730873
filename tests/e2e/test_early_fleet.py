"""Early data in a fleet: two nodes with tickets of one root share on Redis which ticket has brought its own (RFC 8446, section 8)."""

import http.server
import signal
import socket
import threading
import time
from contextlib import contextmanager

import pytest

from peers.early_upstream import EarlyUpstream
from peers.padlock import Padlock
from peers.ports import free_port
from peers.process import Running, peer, run, until

MARKS_NEED_SECONDS = 60  # a store that has just begun says no for 24 s
GET = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


class Fleet:
    """Two nodes, their Redis, and what is behind them."""

    def __init__(self, folder, nodes, redis, upstream):
        self.folder, self.nodes, self.redis, self.upstream = folder, nodes, redis, upstream
        self.sessions = 0
        self.early = folder / "early"
        self.early.write_bytes(GET)

    def ask(self, port, *arguments, saying=b""):
        return run(peer("openssl"), "s_client", "-connect", f"127.0.0.1:{port}", "-servername", "localhost", "-tls1_3",
                   "-groups", "X25519", "-ign_eof", *arguments, stdin=saying)

    def session(self, node):
        """A session of a new connection to this node, in a file."""
        self.sessions += 1
        file = self.folder / f"session-{self.sessions}"
        done = self.ask(node.port, "-sess_out", file, saying=GET)
        assert "early: no" in done.text, done.said
        return file

    def offer(self, port, session):
        """What becomes of early data; the request is answered in any case."""
        done = self.ask(port, "-sess_in", session, "-early_data", self.early, saying=GET)
        if "Early data was accepted" in done.text:
            assert done.text.count("early: 1") == 1, done.said
            return True
        assert "Early data was rejected" in done.text, done.said
        return False

    def until_marks_count(self):
        """From then on the store can say of any ticket whether it is new."""
        a, b = self.nodes
        until(lambda: self.offer(b.port, self.session(a)) or time.sleep(1), "early data is taken", limit=MARKS_NEED_SECONDS)


@pytest.fixture
def fleet(tmp_path):
    redis_port, upstream = free_port(), http.server.ThreadingHTTPServer(("127.0.0.1", 0), EarlyUpstream)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    EarlyUpstream.early = 0
    with Running(peer("redis-server"), "--port", redis_port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir",
                 tmp_path, folder=tmp_path) as redis:
        redis.until_accepts(redis_port)
        homes = [tmp_path / "a", tmp_path / "b"]
        for home in homes:
            home.mkdir()
        assert Padlock(homes[0]).run("store", "key", tmp_path / "seal.key").code == 0
        file = tmp_path / "padlock.toml"
        file.write_text('listen = "127.0.0.1"\nhttps_port = 0\nhttp_port = 0\nworkers = 2\nearly_data = true\n'
                        f'[sites."localhost"]\nproxy = "localhost:{upstream.server_port}"\n'
                        f'[store]\nredis = "redis://127.0.0.1:{redis_port}"\nseal_key = "seal.key"\n', "utf-8")
        with Padlock(homes[0]).serve_config(file) as a, Padlock(homes[1]).serve_config(file) as b:
            one = Fleet(tmp_path, [a, b], redis, upstream)
            try:
                yield one
            finally:
                redis.process.send_signal(signal.SIGCONT)
                upstream.shutdown()
                upstream.server_close()


@contextmanager
def recording(port):
    """A way to the server that keeps what a client has said before the server has answered."""
    first = bytearray()
    listener = socket.create_server(("127.0.0.1", 0))

    def carry(source, target, keep):
        answered = False
        while data := source.recv(65536):
            if keep and not heard.is_set():
                first.extend(data)
            if not keep and not answered:
                answered = True
                heard.set()
            target.sendall(data)
        try:
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def serve():
        client, _ = listener.accept()
        server = socket.create_connection(("127.0.0.1", port))
        # So that all of the first flight is there before the server has any of it.
        time.sleep(0.3)
        back = threading.Thread(target=carry, args=(server, client, False))
        back.start()
        carry(client, server, True)
        back.join()
        client.close()
        server.close()

    heard = threading.Event()
    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1], first
    finally:
        thread.join()
        listener.close()


def send_copy(port, flight):
    """As somebody does who has seen it on the way; reads until the server has ended."""
    with socket.create_connection(("127.0.0.1", port)) as copy:
        copy.settimeout(30)
        try:
            copy.sendall(flight)
            copy.shutdown(socket.SHUT_WR)
            while copy.recv(65536):
                pass
        except ConnectionError:
            pass


def test_a_flight_that_is_copied_to_all_nodes_is_served_once(fleet):
    fleet.until_marks_count()
    a, b = fleet.nodes
    session = fleet.session(a)
    EarlyUpstream.early = 0
    with recording(b.port) as (port, flight):
        assert fleet.offer(port, session)
    assert len(flight) > len(GET), "a hello and what came with it"
    assert EarlyUpstream.early == 1
    copies = [threading.Thread(target=lambda node=node: [send_copy(node.port, flight) for _ in range(125)])
              for node in (a, b) for _ in range(4)]
    for one in copies:
        one.start()
    for one in copies:
        one.join()
    assert EarlyUpstream.early == 1, "once, however often and wherever it comes"


def test_copies_that_come_at_once_are_served_once(fleet):
    """Here no node has seen the flight before: the copies race for the mark."""
    fleet.until_marks_count()
    a, b = fleet.nodes
    session = fleet.session(a)
    with recording(free_port_without_server()) as (port, flight):
        fleet.ask(port, "-sess_in", session, "-early_data", fleet.early)
    assert len(flight) > len(GET)
    EarlyUpstream.early = 0
    copies = [threading.Thread(target=send_copy, args=(node.port, flight)) for _ in range(20) for node in (a, b)]
    for one in copies:
        one.start()
    for one in copies:
        one.join()
    assert EarlyUpstream.early == 1


def free_port_without_server():
    """Somebody who takes connections and says nothing but goodbye."""
    silent = socket.create_server(("127.0.0.1", 0))

    def serve():
        one, _ = silent.accept()
        one.settimeout(0.5)
        try:
            while one.recv(65536):
                pass
        except OSError:
            pass
        one.close()
        silent.close()

    threading.Thread(target=serve, daemon=True).start()
    return silent.getsockname()[1]


def test_a_store_that_hangs_or_dies_takes_early_data_and_nothing_else(fleet):
    fleet.until_marks_count()
    a, b = fleet.nodes
    sessions = [fleet.session(a) for _ in range(8)]
    fleet.redis.process.send_signal(signal.SIGSTOP)
    for session in sessions[:4]:
        begin = time.monotonic()
        assert not fleet.offer(b.port, session)
        assert time.monotonic() - begin < 10
    fleet.redis.process.send_signal(signal.SIGCONT)
    until(lambda: fleet.offer(b.port, fleet.session(a)), "early data is taken again")
    fleet.redis.stop()
    for session in sessions[4:]:
        assert not fleet.offer(a.port, session)
