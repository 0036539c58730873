"""Knot DNS, a name server that takes updates (RFC 2136) signed by TSIG."""

import base64
import os

from contextlib import contextmanager

from peers.ports import free_port
from peers.process import Running, fake_clock, peer, run

SECRET = base64.b64encode(b"a secret of some sixty-four octets, as hmac-sha512 would have it").decode("ascii")
ZONE = """$ORIGIN {zone}.
$TTL 60
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
ns A 127.0.0.1
@ A 127.0.0.1
www A 127.0.0.1
{more}
"""


class Knot:
    """`zones`: their names, with more lines of their files. A key may change TXT records of all of them."""

    def __init__(self, folder, algorithm="hmac-sha256", primary=None, **zones):
        peer("knotd")
        folder.mkdir()
        for part in ("run", "db"):
            (folder / part).mkdir()
        self.folder, self.port, self.algorithm = folder, free_port(), algorithm
        self.address = f"127.0.0.1:{self.port}"
        self.zones = {name.replace("_", "."): more for name, more in zones.items()}
        for name, more in self.zones.items():
            if primary is None:
                (folder / f"{name}.zone").write_text(ZONE.format(zone=name, more=more), "utf-8")
        remote = "" if primary is None else f"remote:\n  - id: primary\n    address: 127.0.0.1@{primary.port}\n"
        master = "" if primary is None else "    master: primary\n"
        zones = "".join(f"  - domain: {name}\n    storage: {folder}\n    file: {name}.zone\n    acl: [update, addresses, transfer]\n{master}"
                        for name in self.zones)
        (folder / "knot.conf").write_text(
            f"server:\n    listen: 127.0.0.1@{self.port}\n    rundir: {folder / 'run'}\n"
            f"log:\n  - target: stderr\n    any: info\n"
            f"database:\n    storage: {folder / 'db'}\n"
            f"key:\n  - id: padlock-key\n    algorithm: {algorithm}\n    secret: {SECRET}\n"
            f"  - id: other-key\n    algorithm: {algorithm}\n    secret: {SECRET}\n{remote}"
            f"acl:\n  - id: update\n    key: padlock-key\n    action: update\n    update-type: [TXT]\n"
            f"  - id: addresses\n    key: other-key\n    action: update\n    update-type: [A]\n"
            f"  - id: transfer\n    address: 127.0.0.1\n    action: transfer\n"
            f"zone:\n{zones}", "utf-8")

    @contextmanager
    def running(self, clock=None):
        """`clock`: another one, as faketime says it."""
        with Running(peer("knotd"), "-c", self.folder / "knot.conf", folder=self.folder, env=self._environment(clock)) as running:
            running.until_accepts(self.port)
            running.until(lambda: all(self.records(zone) is not None for zone in self.zones), "its zones are loaded")
            yield running

    def _environment(self, clock):
        return None if clock is None else dict(os.environ) | fake_clock(clock)

    def control(self, *arguments):
        return run(peer("knotc"), "-c", self.folder / "knot.conf", "-s", self.folder / "run" / "knot.sock", *arguments)

    def records(self, zone, owner="@", kind=None):
        """What stands there; nothing: the zone is not there yet."""
        done = self.control("zone-read", zone, owner, *([kind] if kind else []))
        if done.code != 0:
            return [] if "no such node" in done.said else None
        return [line.split(maxsplit=4)[-1] for line in done.text.splitlines() if line.strip()]

    def key_file(self, name="padlock-key", secret=SECRET, generated=False):
        file = self.folder / f"{name}.key"
        text = f"{self.algorithm}:{name}:{secret}\n"
        if generated:  # as tsig-keygen prints it
            text = f'key "{name}" {{\n\talgorithm {self.algorithm};\n\tsecret "{secret}";\n}};\n'
        file.write_text(text, "utf-8")
        file.chmod(0o600)
        return file

    def settings(self, key=None, **more):
        """[acme.rfc2136] of a server that sets its records here."""
        values = {"server": self.address, "key": str(key or self.key_file())} | more
        return "[acme.rfc2136]\n" + "".join(f"{name} = {_toml(value)}\n" for name, value in values.items())


def _toml(value):
    return "[" + ", ".join(f'"{one}"' for one in value) + "]" if isinstance(value, list) else f'"{value}"'
