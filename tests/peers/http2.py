"""HTTP/2 by hand: frames, and a server that says them over TLS whatever it is asked."""

import ssl
import struct
from contextlib import contextmanager

from peers.scripts import stall
from peers.wire import listening

DATA, HEADERS, RST_STREAM, SETTINGS, PUSH_PROMISE, GOAWAY, CONTINUATION = 0, 1, 3, 4, 5, 7, 9
END_STREAM, ACK, END_HEADERS = 1, 1, 4
REFUSED_STREAM = 7


def frame(kind, flags=0, stream=1, payload=b""):
    """RFC 9113, section 4.1."""
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def number(value):
    return struct.pack(">I", value)


def fields(*pairs):
    """Literals without indexing (RFC 7541, section 6.2.2), each part shorter than 127 bytes."""
    def text(part):
        return bytes([len(part)]) + part.encode("ascii")
    return b"".join(b"\0" + text(name) + text(value) for name, value in pairs)


def head(*pairs, end_stream=False):
    return frame(HEADERS, END_HEADERS | (END_STREAM if end_stream else 0), payload=fields((":status", "200"), *pairs))


def data(content, end_stream=False):
    return frame(DATA, END_STREAM if end_stream else 0, payload=content)


@contextmanager
def saying(credential, *answers):
    """A server that chooses h2 and says each connection its own of `answers`, behind its SETTINGS; yields the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(credential.chain, credential.key)
    context.set_alpn_protocols(["h2"])
    left = list(answers)

    def serve(sock):
        answer = left.pop(0)
        with context.wrap_socket(sock, server_side=True) as tls:
            tls.recv(65536)
            tls.sendall(frame(SETTINGS, stream=0) + frame(SETTINGS, ACK, stream=0) + answer)
            tls.unwrap()  # it says that this is all: what is missing is no accident of the network
            stall(tls)

    with listening(serve) as port:
        yield port
