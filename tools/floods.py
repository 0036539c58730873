"""`./dev faults floods [SECONDS]`: attacks at line rate on a server, and honest clients beside them.

The server has one worker on one core; attacks (tests/peers/flood) and honest clients come from the others. A line for
each attack: how fast it was, the honest clients' 99th percentile, and the server's memory before it and at its most. One
is passed if every honest request was answered, in less than 100 ms but for one in a hundred, and if memory stayed within
what docs/threats.md gives a connection. At the end idle connections are held, to see what one takes.
"""

import argparse
import json
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

BIG = bytes(range(256)) * 8192
P99_MILLISECONDS = 100
# What a connection may keep (docs/threats.md, secure defaults), and what heaps and caches grow by on their own.
CONNECTION_BYTES = 256 << 10
SLACK_BYTES = 64 << 20
GOODPUT_PERCENT = 80
SLOW_CONNECTIONS = 2000
ATTACKERS = {"slow-heads": SLOW_CONNECTIONS, "slow-bodies": SLOW_CONNECTIONS, "slow-reads": SLOW_CONNECTIONS,
             "tiny-windows": 200, "stalled-handshakes": 8, "hellos": 64}
USUAL_ATTACKERS = 16
HONEST_RATE = 2000  # requests a second on kept connections, beside more handshakes than the server can do


def placed(cores, first):
    """For a process that is about to run: its cores, and whether it goes before others where that is permitted. Times are
    those of the server then, not those of waiting for a core behind an attack's own work."""
    def place():
        os.sched_setaffinity(0, cores)
        if first and os.geteuid() == 0:
            os.setpriority(os.PRIO_PROCESS, 0, -10)
    return place


class Server:
    """`padlock serve` with a page and a large file."""

    def __init__(self, program, folder, cores):
        self.folder = folder
        (folder / "site").mkdir()
        (folder / "site" / "index.html").write_bytes(b"hello\n")
        (folder / "site" / "big").write_bytes(BIG)
        (folder / "padlock.toml").write_text("""
listen = "127.0.0.1"
https_port = 0
http_port = 0
workers = 1
[limits]
connections_per_address = 100000
idle = "1 h"
[log]
requests = "off"
[admin]
socket = "off"
[sites."localhost"]
dir = "site"
""", "utf-8")
        environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "XDG_STATE_HOME": str(folder / "state"),
                       "XDG_RUNTIME_DIR": str(folder)}
        with (folder / "log").open("w", encoding="utf-8") as log:
            self.process = subprocess.Popen([program, "serve", "--config", folder / "padlock.toml"], env=environment,
                                            stdout=log, stderr=subprocess.STDOUT, preexec_fn=placed(cores, first=True))
        self.address = "127.0.0.1:" + self.until(r"serving .* on https://localhost:(\d+)/")[1]

    def text(self):
        return (self.folder / "log").read_text("utf-8", "replace")

    def until(self, pattern):
        for _ in range(600):
            if found := re.search(pattern, self.text()):
                return found
            if self.process.poll() is not None:
                sys.exit(f"floods: the server ended: {self.text()}")
            time.sleep(0.05)
        sys.exit(f"floods: waited in vain for {pattern}: {self.text()}")

    def memory(self):
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        except OSError:
            return 0
        found = re.search(r"VmRSS:\s+(\d+)", status)
        return 1024 * int(found[1]) if found else 0

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def alive(self):
        return self.process.poll() is None

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


class Peak:
    """The most memory that a server has while this is entered."""

    def __init__(self, server):
        self.server, self.done, self.bytes = server, threading.Event(), 0
        self.thread = threading.Thread(target=self.watch)

    def watch(self):
        while not self.done.wait(0.05):
            self.bytes = max(self.bytes, self.server.memory())

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()


class Floods:
    def __init__(self, options, server, cores):
        self.options, self.server, self.cores = options, server, cores
        self.passed = self.failed = 0

    def start(self, kind, *words):
        return subprocess.Popen([self.options.flood, kind, *map(str, words)], stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, text=True,
                                preexec_fn=placed(self.cores, first=kind in ("canary", "steady")))

    def result(self, process):
        out, _ = process.communicate(timeout=self.options.seconds + 120)
        if process.returncode != 0 or not out.strip():
            return None
        return json.loads(out.splitlines()[-1])

    def verdict(self, line, faults):
        self.passed, self.failed = self.passed + (not faults), self.failed + bool(faults)
        print(line + "".join(f"\n  failed: {fault}" for fault in faults), flush=True)

    def bound(self, name):
        return CONNECTION_BYTES * ATTACKERS.get(name, USUAL_ATTACKERS) + SLACK_BYTES

    def attack(self, row, name, unit):
        """Honest clients begin before it and end while it lasts."""
        attackers = min(ATTACKERS.get(name, USUAL_ATTACKERS), self.options.most)
        before = self.server.memory()
        with Peak(self.server) as peak:
            attack = self.start("attack", name, self.server.address, self.options.seconds + 1, attackers)
            honest = self.result(self.start("canary", self.server.address, self.options.seconds))
            done = self.result(attack)
        if honest is None or done is None:
            return self.verdict(f"{row:4} {name}", ["a peer ended: " + self.server.text()[-500:]])
        faults = self.faults_of(honest, peak.bytes - before, self.bound(name))
        if done["units"] == 0:
            faults.append("the attack did nothing")
        rate = f"{done['units'] / done['seconds']:,.0f} {unit}/s"
        return self.verdict(f"{row:4} {name:20} {rate:>24}, {done['opened']:>6} connections; honest: "
                            f"{honest['requests']:>5} requests, p99 {honest['p99']:6.1f} ms; "
                            f"RSS {before >> 10:>6} -> {peak.bytes >> 10:>6} KiB", faults)

    def faults_of(self, honest, growth, bound):
        faults = []
        if not self.server.alive():
            faults.append("the server ended: " + self.server.text()[-2000:])
        if honest["failures"] or not honest["requests"]:
            faults.append(f"{honest['failures']} honest requests failed: {honest['first_failure']}")
        if self.options.strict and honest["p99"] >= P99_MILLISECONDS:
            faults.append(f"honest clients waited {honest['p99']:.1f} ms")
        if growth > bound:
            faults.append(f"memory grew by {growth >> 20} MiB, and {bound >> 20} MiB are allowed")
        return faults

    def overload(self):
        """P2: more handshakes than the server can do, beside requests on connections that are there."""
        seconds, address = self.options.seconds, self.server.address
        usual = self.result(self.start("steady", address, seconds, self.options.rate))
        attack = self.start("attack", "hellos", address, seconds + 3, min(ATTACKERS["hellos"], self.options.most))
        during = self.result(self.start("steady", address, seconds, self.options.rate))
        done = self.result(attack)
        if usual is None or during is None or done is None:
            return self.verdict("P2   goodput", ["a peer ended: " + self.server.text()[-500:]])
        goodput = 100 * during["requests"] // max(1, usual["requests"])
        faults = self.faults_of(during, 0, 0)
        if self.options.strict and goodput < GOODPUT_PERCENT:
            faults.append(f"requests fell to {goodput} %")
        return self.verdict(f"P2   goodput              {done['opened'] / done['seconds']:,.0f} hellos/s, "
                            f"{done['units'] / done['seconds']:,.0f} answered; kept connections: {goodput} % of "
                            f"{usual['requests'] / seconds:,.0f} requests/s, p99 {usual['p99']:.1f} -> "
                            f"{during['p99']:.1f} ms", faults)

    def idle(self, count):
        before = self.server.memory()
        holds = self.start("idle", self.server.address, count)
        if holds.stdout.readline() != "held\n":
            return self.verdict(f"idle {count} connections", ["they could not be opened"])
        time.sleep(1 if not self.options.strict else 5)
        each = (self.server.memory() - before) / count
        descriptors = self.server.descriptors()
        out, _ = holds.communicate("", timeout=60)
        lost = json.loads(out)["lost"]
        return self.verdict(f"idle {count} connections held: {each / 1024:.1f} KiB each, {descriptors} descriptors, "
                            f"{lost} lost", [f"{lost} were lost"] if lost else [])

    def run(self):
        listed = subprocess.run([self.options.flood, "list"], capture_output=True, text=True, check=True).stdout
        wanted = [line.split() for line in listed.splitlines()]
        for row, name, unit in wanted:
            if row != "P2" and (not self.options.only or self.options.only in (row, name)):
                self.attack(row, name, unit)
        if self.options.only in (None, "P2"):
            self.overload()


def measure_idle(options, cores, others):
    """A server of its own: what floods have left in another's heap would be taken for connections."""
    with tempfile.TemporaryDirectory(prefix="padlock-floods-") as folder:
        server = Server(options.program, Path(folder), cores)
        floods = Floods(options, server, others)
        floods.idle(options.idle)
        server.stop()
        return floods


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("flood", help="the program of tests/peers/flood")
    parser.add_argument("seconds", type=int, nargs="?", default=10, help="for each attack")
    parser.add_argument("--only", help="one attack, the attacks of one row of docs/threats.md, or idle")
    parser.add_argument("--lax", dest="strict", action="store_false", help="judge no times: for a machine that does other things")
    parser.add_argument("--most", type=int, default=100000, help="connections of one attack")
    parser.add_argument("--rate", type=int, default=HONEST_RATE, help="requests a second beside too many handshakes")
    parser.add_argument("--idle", type=int, default=10000, help="idle connections that are held; 0: none")
    options = parser.parse_args()
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    cores = sorted(os.sched_getaffinity(0))
    servers, others = (set(cores[:1]), set(cores[1:])) if len(cores) > 1 else (set(cores), set(cores))
    with tempfile.TemporaryDirectory(prefix="padlock-floods-") as folder:
        server = Server(options.program, Path(folder), servers)
        floods = Floods(options, server, others)
        floods.run()
        if server.stop() != 0:
            floods.verdict("the server's end", ["it did not end well: " + server.text()[-3000:]])
    if options.idle and options.only in (None, "idle"):
        held = measure_idle(options, servers, others)
        floods.passed, floods.failed = floods.passed + held.passed, floods.failed + held.failed
    print(f"floods: {floods.passed} passed, {floods.failed} failed, 0 skipped")
    return 1 if floods.failed else 0


if __name__ == "__main__":
    sys.exit(main())
