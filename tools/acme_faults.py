"""`./dev faults acme [ROW...]`: a fleet's certificates under faults: stores that die, hang and forget, and nodes that are paused while
they hold a lock. Rows that need no fleet are tests, whose counts are told. A line a row, and last 'acme: N passed, N failed, N skipped'.
`--short`: seconds a row."""

import argparse
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from fleet_lab import Ca, Load, Node, Redis, Upstream, find_program, until

NAME = "shop.example.test"
ADDRESSES = ("127.0.0.1", "127.0.0.2", "127.0.0.3")


class Fleet:
    """A CA, a store and nodes, of which the first has a service."""

    def __init__(self, program, folder, ends, nodes=3, tls=False, life=7776000, acme="", more=""):
        self.ca = Ca(folder, life=life)
        ends.callback(self.ca.stop)
        self.redis = Redis(folder, tls)
        ends.callback(self.redis.stop)
        self.upstream = Upstream()
        ends.callback(self.upstream.stop)
        subprocess.run([program, "store", "key", folder / "seal.key"], check=True, capture_output=True)
        self.program, self.folder = program, folder
        self.nodes = []
        for address in ADDRESSES[:nodes]:
            node = Node(program, folder, address, self.ca, self.redis, acme=f'profile = "shortlived"\n{acme}', more=more)
            ends.callback(node.stop)
            self.nodes.append(node)

    def add(self, name="shop", node=0):
        self.nodes[node].host("add", name, "--to", f"localhost:{self.upstream.port}")

    def until_served(self, name=NAME):
        until(lambda: len({node.serial(name) for node in self.nodes} - {None}) == 1 and
              all(node.serial(name) for node in self.nodes), f"one certificate for {name} on every node", limit=200)


def a9_store_dies(fleet_of, arguments):
    """A9: the store is killed, paused and started again, and has lost all; 200 requests a second go on."""
    rounds = 2 if arguments.short else 10
    fleet = fleet_of(tls=arguments.tls)
    fleet.add()
    fleet.until_served()
    load = Load(fleet.nodes, NAME, fleet.upstream.text, rate=arguments.rate)
    slowest = 0
    for one in range(rounds):
        fleet.redis.send(signal.SIGSTOP)
        time.sleep(1.5)
        fleet.redis.send(signal.SIGCONT)
        time.sleep(1)
        fleet.redis.kill()
        time.sleep(1.5)
        fleet.redis.start()
        back = time.monotonic()
        name = f"s{one}"  # what is added now comes to every node: the store is in use again
        fleet.add(name, node=one % len(fleet.nodes))
        until(lambda: all(name in node.hosts() for node in fleet.nodes), f"{name} on every node")
        slowest = max(slowest, time.monotonic() - back)
    count, failures = load.stop()
    assert not failures, f"{len(failures)} of {count} requests failed: {failures[:3]}"
    assert arguments.short or slowest < 5, f"it took {slowest:.1f} s until the store was in use again"
    return f"{rounds} pauses, {rounds} losses, {count} requests, 0 failed, in use again after {slowest:.1f} s at most"


def a9_start_without_store(fleet_of, arguments):
    """A9: nodes start while the store is away, and serve what they had."""
    fleet = fleet_of(nodes=2)
    fleet.add()
    fleet.until_served()
    serial = fleet.nodes[0].serial(NAME)
    fleet.redis.kill()
    for node in fleet.nodes:
        node.kill()
        node.start()
    for node in fleet.nodes:
        until(lambda: node.serial(NAME) == serial, "what it had before")
        assert "shop" in node.hosts()
    fleet.redis.start()
    for node in fleet.nodes:
        node.process.until_says(r"^the store .* is there again")
    fleet.nodes[1].host("remove", "shop")
    until(lambda: fleet.nodes[0].hosts() == [], "the removal on the other node")
    return f"{len(fleet.nodes)} nodes started without a store and served; a removal reached the other one after it was back"


def a8_paused_holder(fleet_of, arguments):
    """A8: whoever holds the lock on a name is paused past its lease, and goes on when another has it: no order is finalized twice."""
    fleet = fleet_of()
    rounds = 1 if arguments.short else arguments.rounds
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    for one in range(rounds):
        name = f"r{one}"
        fleet.add(name, node=one % len(fleet.nodes))
        time.sleep(chance.uniform(0, 3))  # into the order, somewhere
        paused = chance.choice(fleet.nodes)
        fleet.ca.lead_to(next(node for node in fleet.nodes if node is not paused).address)  # whom the CA asks is there
        paused.send(signal.SIGSTOP)
        time.sleep(arguments.pause)
        paused.send(signal.SIGCONT)
        fleet.until_served(f"{name}.example.test")
    orders, told = fleet.ca.finalized()
    assert orders >= rounds and told == orders, f"{orders} orders in {rounds} rounds, told {told} times to finalize, seed {seed}"
    return f"{rounds} rounds, {len(fleet.nodes)} nodes, {orders} orders, 0 finalized twice"


def a6_one_order_a_name(fleet_of, arguments):
    """A6: every node has a new name at once, and one of them orders."""
    fleet = fleet_of()
    names = 4 if arguments.short else 20
    for one in range(names):
        fleet.add(f"n{one}", node=one % len(fleet.nodes))
    for one in range(names):
        fleet.until_served(f"n{one}.example.test")
    assert fleet.ca.issued() == names, f"{fleet.ca.issued()} certificates for {names} names"
    assert fleet.ca.accounts() == 1, f"{fleet.ca.accounts()} accounts"
    return f"{names} names, {len(fleet.nodes)} nodes, {names} orders, 1 account"


def a11_on_demand(fleet_of, arguments):
    """A11: every node is asked for the same new names at once, and one of them orders."""
    fleet = fleet_of(nodes=2, acme='[acme.on_demand]\nsite = "www.example.test"\nallow = ["*.demand.test"]',
                     more='[sites."www.example.test"]\nredirect = "https://example.test"\nacme = false')
    names = [f"n{one}.demand.test" for one in range(2 if arguments.short else 8)]
    with ThreadPoolExecutor() as clients:
        for name in names:
            list(clients.map(lambda node: node.serial(name), fleet.nodes))
            fleet.until_served(name)
    assert fleet.ca.issued() == len(names), f"{fleet.ca.issued()} certificates for {len(names)} names"
    assert fleet.ca.accounts() == 1, f"{fleet.ca.accounts()} accounts"
    return f"{len(names)} names, {len(fleet.nodes)} nodes that were asked at once, {len(names)} orders, 1 account"


def a10_store_altered(fleet_of, arguments):
    """A10: values in the store are altered and swapped: they count as absent, and what is served stays."""
    fleet = fleet_of(nodes=2)
    fleet.add()
    fleet.add("blog")
    fleet.until_served()
    fleet.until_served("blog.example.test")
    serials = [fleet.nodes[1].serial(name) for name in (NAME, "blog.example.test")]
    script = """
local shop, blog = redis.call('GET', KEYS[1]), redis.call('GET', KEYS[2])
redis.call('SET', KEYS[1], blog)
redis.call('SET', KEYS[2], shop .. 'x')
redis.call('HINCRBY', KEYS[3], ARGV[1], 1)
redis.call('HINCRBY', KEYS[3], ARGV[2], 1)
return redis.call('INCR', KEYS[4])"""
    ca = f"localhost_{fleet.ca.port}"
    done = subprocess.run(["redis-cli", "-p", str(fleet.redis.port), "EVAL", script, "4", f"padlock:certs/{ca}/{NAME}",
                           f"padlock:certs/{ca}/blog.example.test", "padlock:index:certs", "padlock:changes", f"{ca}/{NAME}",
                           f"{ca}/blog.example.test"], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.strip().split()[-1].isdigit(), done.stdout
    for node in fleet.nodes:
        node.process.until_says(r"cli\.fleet\.unreadable")
    assert [fleet.nodes[1].serial(name) for name in (NAME, "blog.example.test")] == serials
    return "2 values swapped and altered: taken for none, and the certificates served on"


def tested(program, *tests):
    """A row that tests of one program are: what they have counted."""
    def row(_, arguments):
        with tempfile.NamedTemporaryFile(suffix=".json") as report:
            done = subprocess.run([arguments.tests / program, f"--gtest_filter={':'.join(tests)}", f"--gtest_output=json:{report.name}"],
                                  capture_output=True, text=True, timeout=900)
            assert done.returncode == 0, done.stdout[-4000:]
            ran = [test for suite in json.load(report)["testsuites"] for test in suite["testsuite"]]
        assert len(ran) == len(tests) and all(test["result"] == "COMPLETED" for test in ran), done.stdout[-4000:]
        known = {"name", "file", "line", "status", "result", "timestamp", "time", "classname"}
        return ", ".join(f"{key.replace('_', ' ')}: {value}" for test in ran for key, value in test.items() if key not in known)
    return row


# Number in docs/threats.md, what to run.
ROWS = {"A2": tested("certs_test", "StoreUnderFaults.IsOldOrNewAfterAKillAtAnySystemCall"),
        "A3": tested("certs_test", "StoreUnderFaults.IsOldOrNewAfterAnySystemCallThatFails"),
        "A4": tested("certs_test", "CertificateEntries.InAStoreAreSetAsideForEachByteThatIsFlipped"),
        "A5": tested("certs_test", "RenewalPlan.AsksRarelyWhileTheCaIsAwayForThirtyDays"),
        "A6-herd": tested("certs_test", "RenewalPlan.OrdersTenThousandCertificatesOfOneDayWithinTheLimits"),
        "A7": tested("certs_test", "RenewalPlan.OrdersAtMostOnceMoreWhateverTheClockDoes"),
        "A8-lease": tested("certs_test", "RedisStores.NeverHaveAnOrderFinalizedTwice"),
        "A11": tested("server_test", "OnDemandPlans.OfTenThousandUnknownNamesOfOneClientOrderAFew"),
        "A12": tested("acme_test", "AcmeFaults.NoneOfThemGivesACertificate"),
        "A6": a6_one_order_a_name, "A8": a8_paused_holder, "A9": a9_store_dies, "A9-start": a9_start_without_store,
        "A10": a10_store_altered, "A11-fleet": a11_on_demand}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=Path)
    parser.add_argument("--tests", type=Path, default=Path("build/dev/tests"), help="the folder of test programs")
    parser.add_argument("rows", nargs="*", help=f"of {', '.join(ROWS)}; all")
    parser.add_argument("--short", action="store_true", help="seconds a row")
    parser.add_argument("--tls", action="store_true", help="the store speaks TLS")
    parser.add_argument("--rate", type=int, default=200, help="requests a second")
    parser.add_argument("--rounds", type=int, default=20, help="of A8")
    parser.add_argument("--pause", type=float, default=32, help="seconds that a holder is paused: a lease has 30")
    arguments = parser.parse_args()
    if unknown := set(arguments.rows) - set(ROWS):
        sys.exit(f"faults: there is no row {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}")
    rows = arguments.rows or list(ROWS)
    missing = [name for name in ("pebble", "pebble-challtestsrv", "redis-server", "openssl") if not find_program(name)]
    if missing:
        print(f"acme: 0 passed, 0 failed, {len(rows)} skipped ({', '.join(missing)} absent: ./dev setup --peers)")
        return
    failed = 0
    for row in rows:
        begin = time.monotonic()
        folder = Path(tempfile.mkdtemp(prefix="padlock-faults-"))
        try:
            with ExitStack() as ends:
                told = ROWS[row](lambda **more: Fleet(arguments.program.resolve(), folder, ends, **more), arguments)
            print(f"{row:10} passed  {told} ({time.monotonic() - begin:.0f} s)", flush=True)
        except (AssertionError, OSError, subprocess.SubprocessError) as error:
            failed += 1
            print(f"{row:10} FAILED  {error}", flush=True)
            for log in sorted(folder.glob("127.*/*.log")):
                said = [line for line in log.read_text("utf-8", "replace").splitlines() if "certificate_pending" not in line]
                print(f"{log.parent.name}:", *said[-30:], sep="\n", file=sys.stderr)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"acme: {len(rows) - failed} passed, {failed} failed, 0 skipped")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
