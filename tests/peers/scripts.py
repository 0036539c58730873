"""Servers that play one odd part: each takes the accepted socket, for peers.wire.listening."""

import socket
import struct


def close_at_once(sock):
    """Closes its direction, and hears the rest: bytes left unread would make the end a reset."""
    sock.shutdown(socket.SHUT_WR)
    stall(sock)


def say(data):
    """Hears the first bytes, says `data`, closes."""

    def serve(sock):
        sock.recv(65536)
        sock.sendall(data)
        close_at_once(sock)

    return serve


def reset(sock):
    """Hears the first bytes and cuts the connection."""
    sock.recv(65536)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def stall(sock):
    """Hears all and says nothing."""
    while sock.recv(65536):
        pass


def say_then_stall(data):
    def serve(sock):
        sock.recv(65536)
        sock.sendall(data)
        stall(sock)

    return serve
