"""Wires and peers that misbehave: scripted servers, raw clients and a proxy that may touch what it carries."""

import http.client
import socket
import ssl
import threading
from contextlib import closing, contextmanager
from dataclasses import dataclass

from peers.process import LIMIT_SECONDS

CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, APPLICATION_DATA = 20, 21, 22, 23  # kinds of records; encrypted ones say 23


def connect(port, host="127.0.0.1"):
    return socket.create_connection((host, port), timeout=LIMIT_SECONDS)


def read_all(sock):
    """What comes until the peer closes; a reset is an end too."""
    parts = []
    try:
        while part := sock.recv(65536):
            parts.append(part)
    except (ConnectionError, ssl.SSLError):
        pass
    return b"".join(parts)


def client_context(root):
    return ssl.create_default_context(cafile=str(root))


def tls_connect(port, root, name="localhost"):
    return client_context(root).wrap_socket(connect(port), server_hostname=name)


def exchange(port, root, data, name="localhost"):
    """Sends bytes over TLS and reads until the server closes."""
    with tls_connect(port, root, name) as sock:
        sock.sendall(data)
        return read_all(sock)


def client_hello():
    """A whole ClientHello record, as Python's ssl would send it."""
    out = ssl.MemoryBIO()
    tls = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), out, server_hostname="localhost")
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return out.read()


@contextmanager
def listening(serve_one):
    """A TCP server on 127.0.0.1: `serve_one(socket)` runs in a thread of its own for each connection; yields the port."""
    listener = socket.create_server(("127.0.0.1", 0))
    threads = []

    def serve(sock):
        with sock:
            try:
                serve_one(sock)
            except OSError:
                pass  # the client went away first

    def accept():
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return  # closed below
            sock.settimeout(LIMIT_SECONDS)
            threads.append(threading.Thread(target=serve, args=(sock,)))
            threads[-1].start()

    acceptor = threading.Thread(target=accept)
    acceptor.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        acceptor.join()
        for thread in threads:
            thread.join()


def read_exactly(sock, count):
    data = b""
    while len(data) < count:
        part = sock.recv(count - len(data))
        if not part:
            return None
        data += part
    return data


def read_record(sock):
    """One TLS record with its header; None at the end."""
    header = read_exactly(sock, 5)
    body = header and read_exactly(sock, int.from_bytes(header[3:5], "big"))
    return None if body is None else header + body


class Proxy:
    """Carries TLS records between a client and a server. Subclasses say what becomes of each."""

    def __init__(self, port):
        self.port = port

    def from_client(self, record):
        return record

    def from_server(self, record):
        return record

    def __call__(self, client):
        with connect(self.port) as server:
            back = threading.Thread(target=self._carry, args=(server, client, lambda one: self.from_server(one)))
            back.start()
            self._carry(client, server, lambda one: self.from_client(one))
            back.join()

    @staticmethod
    def _carry(source, target, change):
        try:
            while (record := read_record(source)) is not None:
                target.sendall(change(record))
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # one side is gone; the other reads its end


class Recording(Proxy):
    """Keeps what the client says."""

    def __init__(self, port):
        super().__init__(port)
        self.flight = []

    def from_client(self, record):
        self.flight.append(record)
        return record


class Recorder:
    """Keeps what each client says, and can say it again to the server."""

    def __init__(self, port):
        self.port, self.flights = port, []

    def __call__(self, client):
        recording = Recording(self.port)
        self.flights.append(recording.flight)
        recording(client)

    def say_again(self):
        for flight in self.flights:
            with connect(self.port) as server:
                server.sendall(b"".join(flight))
                server.shutdown(socket.SHUT_WR)
                read_all(server)


def flip_last_bit(record):
    return record[:-1] + bytes([record[-1] ^ 1])


class Tamper(Proxy):
    """Turns one bit over in the `number`th encrypted record of one side ("client" or "server"), counted from 1.

    With `after_request` the server's records count from the client's second on: its Finished, then its request.
    """

    def __init__(self, port, side, number, after_request=False):
        super().__init__(port)
        self.side, self.number = side, number
        self.counts = {"client": 0, "server": 0}
        self.after_request = after_request

    def _pass(self, side, record):
        if record[0] != APPLICATION_DATA:
            return record
        waiting = side == "server" and self.after_request and self.counts["client"] < 2
        self.counts[side] += 0 if waiting else 1
        hit = side == self.side and self.counts[side] == self.number and not waiting
        return flip_last_bit(record) if hit else record

    def from_client(self, record):
        return self._pass("client", record)

    def from_server(self, record):
        return self._pass("server", record)


class OneByteAtATime(Proxy):
    """Sends each byte on in a segment of its own."""

    @staticmethod
    def _carry(source, target, change):
        try:
            target.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while data := source.recv(65536):
                for byte in data:
                    target.sendall(bytes([byte]))
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass


@dataclass
class Answer:
    status: int
    fields: http.client.HTTPMessage
    body: bytes


def ask(serving, path="/", method="GET", fields=None, secure=True):
    """One request on a connection of its own."""
    if secure:
        connection = http.client.HTTPSConnection("localhost", serving.port, timeout=LIMIT_SECONDS,
                                                 context=client_context(serving.root))
    else:
        connection = http.client.HTTPConnection("localhost", serving.http_port, timeout=LIMIT_SECONDS)
    with closing(connection):
        connection.request(method, path, headers=fields or {})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
