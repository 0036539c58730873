#!/usr/bin/env python3
"""Servers beside each other: CPU time of the server's own processes for an operation, one worker on one core, load from
another.

server_bench.py LOAD [--json FILE] [--check] [--rounds N] [--only CASE,...] [--peers NAME,...]
  LOAD     the program of bench/server/load.cc; PADLOCK in the environment is ours
  --json   a line for each row: case, peer, cpu_ns (best) and cpu_ns_median, or bytes
  --check  a bound that is missed, or that nothing measured, makes the exit code 1
  --only   these cases, in their order
  --peers  these beside Padlock
"""
import argparse
import json
import os
import pathlib
import re
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
import servers  # noqa: E402: the path stands above
from peers.pki import Pki  # noqa: E402
from servers import LOAD_CORE, Absent, NotBuilt, on_core, serving  # noqa: E402

PEERS = ["nginx", "h2o", "haproxy", "caddy"]
LIMIT_SECONDS = 300
IDLE_CONNECTIONS = 5_000

# Clients that are set up by nothing else: TLS 1.3, X25519, AES-128-GCM, as the load program.
OPENSSL_CONFIG = """
openssl_conf = all
[all]
ssl_conf = ssl
[ssl]
system_default = client
[client]
MinProtocol = TLSv1.3
Groups = X25519
Ciphersuites = TLS_AES_128_GCM_SHA256
"""


@dataclass
class Site:
    folder: pathlib.Path
    credential: object
    upstream: int = 0  # the port to proxy to


class Failed(Exception):
    """A load that did not do what it should: a figure of it is worth nothing."""


def failed(why):
    return f"failed: {' '.join(str(why).split())[:300]}"


class Load:
    """Load for a server. Each way gives the server's CPU nanoseconds an operation."""

    def __init__(self, program, scratch):
        self.program = program
        config = scratch / "openssl.cnf"
        config.write_text(OPENSSL_CONFIG, "ascii")
        self.environment = {**os.environ, "OPENSSL_CONF": str(config), "LC_ALL": "C"}

    def wrk(self, server, seconds=2):
        before = server.cpu_ns()
        said = self._run("wrk", "-t1", "-c32", f"-d{seconds}s", f"https://127.0.0.1:{server.port}/1k")
        spent = server.cpu_ns() - before
        if "Non-2xx" in said or "Socket errors" in said:
            raise Failed(said)
        return spent / int(re.search(r"(\d+) requests in", said)[1])

    def h2load(self, server, requests=60_000):
        before = server.cpu_ns()
        said = self._run("h2load", "-t1", "-c16", "-m32", f"-n{requests}", f"https://127.0.0.1:{server.port}/1k")
        spent = server.cpu_ns() - before
        if f"{requests} succeeded" not in said or f"status codes: {requests} 2xx" not in said:
            raise Failed(said)
        return spent / requests

    def connections(self, server, mode, path="/1k", count=1_000, at_once=8):
        with self._started(mode, server, path, count, at_once) as process:
            before = server.cpu_ns()
            self._go(process)
            return (server.cpu_ns() - before) / count

    def bytes_of_idle(self, server, count=IDLE_CONNECTIONS):
        with self._started("idle", server, "/1k", count, 1) as process:
            before = server.memory_bytes()
            self._go(process)
            return (server.memory_bytes() - before) / count

    def _run(self, *command):
        done = subprocess.run([*on_core(LOAD_CORE), *command], env=self.environment, capture_output=True, text=True,
                              timeout=LIMIT_SECONDS, check=False)
        if done.returncode:
            raise Failed(done.stdout + done.stderr)
        return done.stdout

    @contextmanager
    def _started(self, *words):
        mode, server, *rest = words
        command = [*on_core(LOAD_CORE), self.program, mode, server.port, *rest]
        with subprocess.Popen([str(one) for one in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True) as process:
            try:
                self._expect(process, "ready")
                yield process
            finally:
                process.stdin.close()  # by which one that holds connections ends
                process.wait(LIMIT_SECONDS)

    def _go(self, process):
        process.stdin.write("go\n")
        process.stdin.flush()
        self._expect(process, "done")

    def _expect(self, process, word):
        if process.stdout.readline().strip() != word:
            raise Failed(process.stderr.read())


@dataclass
class Case:
    name: str
    measure: object  # of a load and a server: nanoseconds an operation
    bounds: dict  # ours as a multiple of this peer's; "": of the best
    without: set = field(default_factory=set)
    proxied: bool = False
    needs: object = lambda server: None  # raises NotBuilt


def needs_h2(server):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"])
    with socket.create_connection(("127.0.0.1", server.port)) as plain, context.wrap_socket(plain) as tls:
        if tls.selected_alpn_protocol() != "h2":
            raise NotBuilt("it does not choose h2 by ALPN")


CASES = [
    Case("h1_1k", Load.wrk, {"": 0.75}),
    Case("h2_1k", Load.h2load, {"h2o": 1.35, "haproxy": 0.6}, needs=needs_h2),
    Case("full_get_close", lambda load, server: load.connections(server, "full"), {"": 0.45}),
    Case("resumed_get_close", lambda load, server: load.connections(server, "resumed"), {"": 0.5}),
    Case("file_100m", lambda load, server: load.connections(server, "full", "/100m", 4, 1), {"": 0.75}, {"haproxy"}),
    Case("proxy_1k", Load.wrk, {"": 0.75}, proxied=True),
]
IDLE, MOST_IDLE_BYTES = "idle_rss", 8 * 1024


class Table:
    """Prints rows, keeps them for --json, and remembers whether all bounds are kept."""

    def __init__(self, file):
        self.file, self.rows, self.missed = file, [], []
        print(f"{'case (CPU ns an operation)':26} {'peer':10} {'best':>14} {'median':>14} {'ratio':>7} bound")

    def case(self, case, rounds):
        rounds = {name: times for name, times in rounds.items() if times}
        ours = min(rounds["padlock"]) if "padlock" in rounds else None
        best = min(rounds.keys() - {"padlock"}, key=lambda name: min(rounds[name]), default=None)
        bounds = {name or best: most for name, most in case.bounds.items()}
        for name, times in rounds.items():
            ratio, verdict = "", ""
            if ours and name != "padlock":
                ratio = f"{ours / min(times):.3f}"
                verdict = self._verdict(case.name, ours / min(times), bounds[name], "") if name in bounds else ""
            middle = statistics.median(times)
            print(f"{case.name:26} {name:10} {min(times):14.0f} {middle:14.0f} {ratio:>7} {verdict}", flush=True)
            self.rows.append({"case": case.name, "peer": name, "cpu_ns": min(times), "cpu_ns_median": middle})
        if ours and not bounds.keys() <= rounds.keys():
            self.missed.append(f"{case.name} (a peer that it is bound to is missing)")

    def memory(self, name, peer, count):
        verdict = self._verdict(name, count, MOST_IDLE_BYTES, " bytes") if peer == "padlock" else ""
        print(f"{name:26} {peer:10} {count:14.0f} bytes each {verdict}", flush=True)
        self.rows.append({"case": name, "peer": peer, "bytes": count})

    def left_out(self, case, peer, why):
        print(f"{case:26} {peer:10} {why}", flush=True)
        if peer == "padlock":
            self.missed.append(f"{case} ({why.split(':')[0]})")

    def _verdict(self, case, value, most, unit):
        if value > most:
            self.missed.append(case)
        return f"{'<=' if value <= most else 'OVER'} {most}{unit}"

    def end(self):
        if self.file:
            pathlib.Path(self.file).write_text("".join(json.dumps(row) + "\n" for row in self.rows), "ascii")
        print(f"a bound is missed: {', '.join(dict.fromkeys(self.missed))}" if self.missed else "every bound is kept")


class Bench:
    def __init__(self, options, scratch):
        self.options, self.scratch = options, scratch
        self.load, self.table = Load(options.load, scratch), Table(options.json)
        folder = scratch / "site"
        folder.mkdir()
        (folder / "1k").write_bytes(os.urandom(1024))
        with (folder / "100m").open("wb") as file:
            for _ in range(100):
                file.write(os.urandom(1 << 20))
        self.site = Site(folder, Pki(scratch / "pki").credential("good-ecdsa"))
        self.names = ["padlock", *options.peers]

    @contextmanager
    def started(self, name, site, case):
        """The server, or None where it cannot take part in this case, which is said."""
        with ExitStack() as stack:
            try:
                server = stack.enter_context(serving(name, site, self.scratch))
            except NotBuilt as why:
                self.table.left_out(case, name, f"not built: {why}")
                server = None
            except Absent:
                self.table.left_out(case, name, "absent (./dev setup bench)")
                server = None
            except AssertionError as why:  # it ended, or took no connection
                self.table.left_out(case, name, failed(why))
                server = None
            yield server

    def case(self, case):
        with ExitStack() as stack:
            site = self.site
            if case.proxied:
                upstream = stack.enter_context(serving("upstream", site, self.scratch))
                site = Site(site.folder, site.credential, upstream.port)
            running = []
            for name in self.names:
                if name not in case.without:
                    running.append(stack.enter_context(self.started(name, site, case.name)))
            running = [server for server in running if server and self.takes_part(case, server)]
            rounds = {server.name: [] for server in running}
            for _ in range(self.options.rounds):
                for server in list(running):
                    try:
                        rounds[server.name].append(case.measure(self.load, server))
                    except Failed as why:
                        self.table.left_out(case.name, server.name, failed(why))
                        rounds[server.name] = []
                        running.remove(server)
            self.table.case(case, rounds)

    def takes_part(self, case, server):
        """Whether it can; a first, short run warms it."""
        try:
            case.needs(server)
            self.load.connections(server, "full", count=20)
            return True
        except NotBuilt as why:
            self.table.left_out(case.name, server.name, f"not built: {why}")
        except Failed as why:
            self.table.left_out(case.name, server.name, failed(why))
        return False

    def idle(self):
        for name in self.names:
            with self.started(name, self.site, IDLE) as server:
                if not server:
                    continue
                try:
                    self.load.connections(server, "full", count=20)
                    self.table.memory(IDLE, name, self.load.bytes_of_idle(server))
                except Failed as why:
                    self.table.left_out(IDLE, name, failed(why))


def parse():
    names = [case.name for case in CASES] + [IDLE]
    listed = lambda known: lambda text: [one if one in known else sys.exit(f"bench: {one} is none of {' '.join(known)}")
                                         for one in text.split(",")]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("load")
    parser.add_argument("--json")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", type=listed(names), default=names)
    parser.add_argument("--peers", type=listed(PEERS), default=PEERS)
    return parser.parse_args()


def main():
    options = parse()
    if servers.SERVER_CORE == LOAD_CORE:
        print("bench: one core alone: servers and load share it", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="padlock-bench-") as scratch:
        bench = Bench(options, pathlib.Path(scratch))
        for case in CASES:
            if case.name in options.only:
                bench.case(case)
        if IDLE in options.only:
            bench.idle()
        bench.table.end()
    return 1 if options.check and bench.table.missed else 0


if __name__ == "__main__":
    sys.exit(main())
