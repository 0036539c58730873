"""Ports for programs that a test starts."""

import random
import socket
from pathlib import Path

_handed_out = set()


def free_port():
    """A port that is free on 127.0.0.1 and was not given to anybody else here: they may not have bound it yet. None of
    those that the kernel gives to connections: one of them could have it before the program binds it."""
    first_of_kernel = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text("ascii").split()[0])
    while True:
        port = random.randrange(max(first_of_kernel - 20_000, 1_024), first_of_kernel)
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in _handed_out:
            _handed_out.add(port)
            return port
