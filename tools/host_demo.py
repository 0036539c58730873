"""`./dev host-demo`: two nodes with a Redis and a CA on this machine. A service that is added on one is served over HTTPS by both, the
certificate too; one node is killed, and the other renews it under load. Ends with 'host-demo: ok'. All that it makes stands in a
private temporary folder, which it removes; nothing is left running."""

import argparse
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from fleet_lab import Ca, Load, Node, Redis, Upstream, find_program, until

NAME = "shop.example.test"
BOUND_SECONDS = 5


def step(text):
    print(f"\n== {text}", flush=True)


def show(*words):
    print("   $ " + " ".join(str(one) for one in words), flush=True)


def post(path, target, body):
    """On the administration's socket; status and body."""
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(60)
    sock.connect(str(path))
    data = json.dumps(body).encode()
    sock.sendall(f"POST {target} HTTP/1.1\r\nHost: padlock\r\nConnection: close\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data)
    answer = b""
    while piece := sock.recv(65536):
        answer += piece
    sock.close()
    head, _, text = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(text)


def fetch_by_us(program, node, quiet=False):
    url = f"https://{NAME}:{node.ca.https_port}/"
    options = ["--cacert", node.ca.issuing_root, "--resolve", f"{NAME}:{node.ca.https_port}:{node.address}"]
    if not quiet:
        show("padlock get --cacert root.pem --resolve", options[-1], url)
    return subprocess.run([program, "get", *map(str, options), url], env=node.environment, capture_output=True, text=True, timeout=60,
                          check=False)


def fetch_by_curl(node):
    url = f"https://{NAME}:{node.ca.https_port}/"
    options = ["--cacert", node.ca.issuing_root, "--resolve", f"{NAME}:{node.ca.https_port}:{node.address}"]
    show("curl --cacert root.pem --resolve", options[-1], url)
    return subprocess.run(["curl", "-q", "-sS", "--noproxy", "*", "--max-time", "20", *map(str, options), url], capture_output=True,
                          text=True, timeout=60, check=False)


def demo(program, folder, ends, rate, strict):
    step("1. A CA that speaks ACME (Pebble), a Redis, and something that answers.")
    ca = Ca(folder)
    ends.callback(ca.stop)
    redis = Redis(folder)
    ends.callback(redis.stop)
    upstream = Upstream()
    ends.callback(upstream.stop)
    show("padlock store key seal.key")
    made = subprocess.run([program, "store", "key", folder / "seal.key"], capture_output=True, text=True, check=True)
    print("   " + made.stdout.strip())

    step("2. Two nodes. They share nothing but the Redis, whose values are sealed.")
    nodes = []
    for address in ("127.0.0.1", "127.0.0.2"):
        node = Node(program, folder, address, ca, redis, acme='profile = "shortlived"')
        ends.callback(node.stop)
        nodes.append(node)
        print(f"   node {address}: {node.process.said.splitlines()[0]}")
    first, second = nodes

    step(f"3. A service is added on {second.address}, through its socket. The CA asks {first.address} whether the name is ours.")
    show("curl --unix-socket admin.sock http://padlock/hosts -d", json.dumps({"name": "shop", "to": f"localhost:{upstream.port}"}))
    begin = time.monotonic()
    status, answer = post(second.socket, "/hosts", {"name": "shop", "to": f"localhost:{upstream.port}"})
    assert status == 201, answer
    print(f"   {status}: {answer['host']['url']}")
    until(lambda: second.serial(NAME), f"a certificate on {second.address}")
    answered = fetch_by_us(program, second, quiet=True)
    seconds = time.monotonic() - begin
    assert answered.returncode == 0 and answered.stdout == upstream.text.decode(), answered.stdout + answered.stderr
    print(f"   first good response after {seconds:.1f} s")
    assert not strict or seconds < BOUND_SECONDS, f"it took {seconds:.1f} s, not under {BOUND_SECONDS}"

    step("4. Both nodes serve it, with one certificate.")
    until(lambda: first.serial(NAME) == second.serial(NAME), "the certificate on both nodes")
    for node in nodes:
        done = fetch_by_us(program, node)
        assert done.returncode == 0 and done.stdout == upstream.text.decode(), done.stdout + done.stderr
        print(f"   {done.stdout.strip()}\n   {done.stderr.splitlines()[0]}")
        done = fetch_by_curl(node)
        assert done.returncode == 0 and done.stdout == upstream.text.decode(), done.stdout + done.stderr
        print(f"   {done.stdout.strip()}")
    serial = first.serial(NAME)
    assert ca.issued() == 1, f"{ca.issued()} certificates were issued for one name"
    print(f"   the CA has issued 1 certificate, {serial[-8:]}")

    step(f"5. {rate} requests a second; {second.address}, which has ordered it, is killed (kill -9), and {first.address} renews.")
    load = Load(nodes, NAME, upstream.text, rate=rate * len(nodes))  # of which one will be gone
    time.sleep(1)
    load.forgive(second)
    second.kill()
    killed_at = time.monotonic()
    until(lambda: first.serial(NAME) not in (serial, None), "a renewed certificate")
    print(f"   a new certificate, {first.serial(NAME)[-8:]}, {time.monotonic() - killed_at:.0f} s after the other node had died")

    step("6. The Redis is killed too: what is there is served on.")
    redis.kill()
    time.sleep(2)
    done = fetch_by_us(program, first)
    assert done.returncode == 0 and done.stdout == upstream.text.decode(), done.stdout + done.stderr
    count, failures = load.stop()
    print(f"   {count} requests, {len(failures)} failed outside the killed node")
    for one in failures[:5]:
        print(f"   {one}")
    assert not failures, "requests failed"
    code = first.stop()
    assert code == 0, f"the node ended with code {code}\n{first.process.said}"
    print(f"\nseconds from `host add` to the first good response: {seconds:.1f} (bound {BOUND_SECONDS})")
    print(f"failed requests: {len(failures)} of {count}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=Path)
    parser.add_argument("--rate", type=int, default=200, help="requests a second")
    parser.add_argument("--lax", action="store_true", help="times do not count: a busy machine")
    arguments = parser.parse_args()
    missing = [name for name in ("pebble", "pebble-challtestsrv", "redis-server", "curl", "openssl") if not find_program(name)]
    if missing:
        sys.exit(f"host-demo: {', '.join(missing)} absent (./dev setup --peers)")
    folder = Path(tempfile.mkdtemp(prefix="padlock-host-demo-"))
    try:
        with ExitStack() as ends:
            demo(arguments.program.resolve(), folder, ends, arguments.rate, not arguments.lax)
    except (AssertionError, OSError, subprocess.SubprocessError) as error:
        for log in sorted(folder.glob("127.*/*.log")):
            said = [line for line in log.read_text("utf-8", "replace").splitlines() if "certificate_pending" not in line]
            print(f"{log.parent.name}:", *said[-30:], sep="\n", file=sys.stderr)
        sys.exit(f"\nhost-demo: failed: {error}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("\nhost-demo: ok")


if __name__ == "__main__":
    main()
