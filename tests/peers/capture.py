"""Packets on the loopback interface, as an eavesdropper on the way would record them."""

import re
import secrets
import socket
from contextlib import contextmanager

import pytest

from peers.process import Running, peer, run


class Capture:
    def __init__(self, path, port):
        self.path, self.port = path, port

    def bytes(self):
        return self.path.read_bytes()

    def follow(self, key_log=None):
        """The first TLS stream as tshark shows it: decrypted, if the key log holds its keys."""
        keys = ["-o", f"tls.keylog_file:{key_log}"] if key_log else []
        done = run(peer("tshark"), "-r", self.path, "-d", f"tcp.port=={self.port},tls", *keys, "-q", "-z",
                   "follow,tls,ascii,0")
        assert done.code == 0, done.said
        return done.text


@contextmanager
def capturing(folder, port):
    """Records what goes over `port`; whole when it is left. Skips the test where that is not permitted."""
    program, path, marker = peer("dumpcap"), folder / "capture.pcap", secrets.token_bytes(16)
    with Running(program, "-q", "-P", "-i", "lo", "-f", f"port {port}", "-w", path, folder=folder) as running:
        running.until(lambda: "File: " in running.err or re.search("permi|privilege|not permitted", running.err),
                      "it records")
        if "File: " not in running.err:
            pytest.skip("packets on lo may not be captured by this user")
        yield Capture(path, port)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.sendto(marker, ("127.0.0.1", port))  # the last packet: once it is in the file, all are
        running.until(lambda: marker in path.read_bytes(), "the last packet is recorded")
        running.stop()
