"""What a fleet on this machine is made of, for `./dev host-demo` and `./dev faults acme`: Pebble as the CA, a Redis, an upstream,
nodes of `padlock serve` on 127.0.0.1, 127.0.0.2 and so on, and clients that ask them all the time. All of it is on free ports, in
one folder, and ends with its object, by its own handle."""

import http.server
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))
from peers.ports import free_port  # noqa: E402
LIMIT_SECONDS = 60
SHORT_LIFE_SECONDS = 40  # of the CA's profile for renewals that can be watched


def find_program(name):
    """Its path, or None."""
    path = os.pathsep.join([str(ROOT / "build" / "peers" / "bin"), os.environ.get("PATH", ""), "/usr/bin", "/usr/sbin"])
    return shutil.which(name, path=path)


def until(condition, what, limit=LIMIT_SECONDS):
    end = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {limit} s in vain for {what}")
        time.sleep(0.02)


def accepts(port, host="127.0.0.1"):
    try:
        socket.create_connection((host, port), timeout=5).close()
        return True
    except OSError:
        return False


class Process:
    """A program that runs beside us; what it says goes to a file."""

    def __init__(self, folder, name, *arguments, environment=None):
        self.name, self.log = name, Path(folder) / f"{name}-{time.monotonic_ns()}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([str(one) for one in arguments], stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=subprocess.STDOUT, env=environment)

    @property
    def said(self):
        return self.log.read_text("utf-8", "replace")

    def until(self, condition, what):
        def lives():
            over = self.process.poll() is not None
            value = condition()
            if over and not value:
                raise AssertionError(f"{self.name} ended with {self.process.returncode} before {what}\n{self.said}")
            return value
        try:
            return until(lives, what)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.said}") from None

    def until_says(self, pattern):
        return self.until(lambda: re.search(pattern, self.said, re.MULTILINE), f"it says {pattern!r}")

    def until_accepts(self, port, host="127.0.0.1"):
        self.until(lambda: accepts(port, host), f"it accepts on port {port}")

    def lives(self):
        return self.process.poll() is None

    def send(self, number):
        self.process.send_signal(number)

    def stop(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(number)
        try:
            return self.process.wait(LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def make_certificates(folder, name):
    """A root, and a certificate for localhost by it."""
    root, key, leaf, leaf_key = (folder / f"{name}-{part}.pem" for part in ("root", "root-key", "leaf", "leaf-key"))
    common = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "7"]
    for more in (["-subj", f"/CN={name} root", "-addext", "keyUsage=critical,keyCertSign", "-keyout", key, "-out", root],
                 ["-subj", "/CN=localhost", "-CA", root, "-CAkey", key, "-addext", "basicConstraints=critical,CA:FALSE",
                  "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-addext", "extendedKeyUsage=serverAuth",
                  "-keyout", leaf_key, "-out", leaf]):
        subprocess.run([*common, *(str(one) for one in more)], check=True, capture_output=True, timeout=LIMIT_SECONDS)
    return root, leaf, leaf_key


class Redis:
    """Debian's redis-server; it keeps nothing on the disk, so that a restart has lost all."""

    def __init__(self, folder, tls=False):
        self.folder, self.tls, self.port = folder, tls, free_port()
        self.root, self.leaf, self.key = make_certificates(folder, "redis") if tls else (None, None, None)
        self.start()

    def start(self):
        arguments = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", self.folder]
        if self.tls:
            arguments += ["--port", "0", "--tls-port", self.port, "--tls-cert-file", self.leaf, "--tls-key-file", self.key,
                          "--tls-ca-cert-file", self.root, "--tls-auth-clients", "no"]
        else:
            arguments += ["--port", self.port]
        self.process = Process(self.folder, "redis", find_program("redis-server"), *arguments)
        self.process.until_accepts(self.port)

    @property
    def table(self):
        url = f"{'rediss' if self.tls else 'redis'}://127.0.0.1:{self.port}/0"
        return f'[store]\nredis = "{url}"\nseal_key = "seal.key"\n' + (f'ca = "{self.root}"\n' if self.tls else "")

    def send(self, number):
        self.process.send(number)

    def kill(self):
        self.process.stop(signal.SIGKILL)

    def stop(self):
        self.process.stop(signal.SIGKILL)


class Ca:
    """Pebble and its DNS server. It asks for challenges on the ports of all nodes, at the address that `lead_to` has said last."""

    def __init__(self, folder, life=SHORT_LIFE_SECONDS, gentle=True):
        self.folder = folder
        self.http_port, self.https_port, self.port, self.management, dns, self.dns_management = (free_port() for _ in range(6))
        self.root, leaf, key = make_certificates(folder, "ca")
        self.directory = f"https://localhost:{self.port}/dir"
        config = {"listenAddress": f"127.0.0.1:{self.port}", "managementListenAddress": f"127.0.0.1:{self.management}",
                  "certificate": str(leaf), "privateKey": str(key), "httpPort": self.http_port, "tlsPort": self.https_port,
                  "ocspResponderURL": "", "externalAccountBindingRequired": False, "retryAfter": {"authz": 1, "order": 1},
                  "profiles": {"default": {"description": "ninety days", "validityPeriod": 7776000},
                               "shortlived": {"description": "as short as can be watched", "validityPeriod": life}}}
        (folder / "pebble.json").write_text(json.dumps({"pebble": config}), "utf-8")
        self.names = Process(folder, "pebble-challtestsrv", find_program("pebble-challtestsrv"), "-management",
                             f"127.0.0.1:{self.dns_management}", "-dnsserver", f"127.0.0.1:{dns}", "-defaultIPv4", "127.0.0.1",
                             "-defaultIPv6", "", "-http01", "", "-https01", "", "-tlsalpn01", "", "-doh", "")
        self.names.until_accepts(self.dns_management)
        environment = {**os.environ, **({"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0"} if gentle else {})}
        self.process = Process(folder, "pebble", find_program("pebble"), "-config", folder / "pebble.json", "-dnsserver",
                               f"127.0.0.1:{dns}", environment=environment)
        self.process.until_accepts(self.port)
        self.process.until_accepts(self.management)
        self.issuing_root = folder / "issuing-root.pem"
        context = ssl.create_default_context(cafile=self.root)
        with urllib.request.urlopen(f"https://localhost:{self.management}/roots/0", context=context, timeout=30) as answer:
            self.issuing_root.write_bytes(answer.read())

    def lead_to(self, address):
        body = json.dumps({"ip": address}).encode()
        urllib.request.urlopen(f"http://127.0.0.1:{self.dns_management}/set-default-ipv4", body, timeout=30).read()

    def finalized(self):
        """How many orders were signed, and how often it was told to sign one."""
        said = self.process.said
        return len(set(re.findall(r"Order (\S+) is fully authorized", said))), said.count("POST /finalize-order/ ")

    def accounts(self):
        return max(map(int, re.findall(r"There are now (\d+) accounts in memory", self.process.said)), default=0)

    def issued(self):
        return len(re.findall(r"Issued certificate serial", self.process.said))

    def stop(self):
        self.process.stop(signal.SIGKILL)
        self.names.stop(signal.SIGKILL)


class Upstream:
    """What answers for a service."""

    def __init__(self, text=b"hello from the shop\n"):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # head and body leave at once

            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, request, client_address):
                pass

        self.text = text
        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Node:
    """`padlock serve` on an address of its own, with a state folder of its own."""

    def __init__(self, program, folder, address, ca, redis, domain="example.test", acme="", more=""):
        self.program, self.address, self.ca = program, address, ca
        self.folder = folder / address
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self.socket = self.folder / "admin.sock"
        (self.folder / "run").mkdir(mode=0o700, exist_ok=True)
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "XDG_STATE_HOME": str(self.folder / "state"),
                            "XDG_RUNTIME_DIR": str(self.folder / "run")}
        shutil.copy(folder / "seal.key", self.folder / "seal.key")
        (self.folder / "seal.key").chmod(0o600)
        self.config = self.folder / "padlock.toml"
        self.config.write_text(f"""
listen = "{address}"
https_port = {ca.https_port}
http_port = {ca.http_port}
domain = "{domain}"
workers = 1
[log]
requests = "off"
[limits]
connections_per_address = 5000
[admin]
socket = "{self.socket}"
[acme]
directory = "{ca.directory}"
ca_file = "{ca.root}"
agree = true
{acme}
{redis.table if redis else ""}
{more}
""", "utf-8")
        self.start()

    def start(self):
        self.process = Process(self.folder, "padlock", self.program, "serve", "--config", self.config,
                               environment=self.environment)
        self.process.until_says(r"^plain http on ")

    def run(self, *arguments, timeout=LIMIT_SECONDS):
        return subprocess.run([str(self.program), *(str(one) for one in arguments)], env=self.environment, capture_output=True,
                              text=True, timeout=timeout, check=False)

    def host(self, *arguments):
        done = self.run("host", arguments[0], "--socket", self.socket, *arguments[1:])
        assert done.returncode == 0, done.stdout + done.stderr + self.process.said
        return done.stdout

    def hosts(self):
        return [one["name"] for one in json.loads(self.host("list", "--json"))["hosts"]]

    def connect(self, name, context):
        sock = socket.create_connection((self.address, self.ca.https_port), timeout=10)
        try:
            return context.wrap_socket(sock, server_hostname=name)
        except BaseException:
            sock.close()
            raise

    def serial(self, name):
        """Of the certificate that it shows; None: it shows none that is trusted."""
        try:
            with self.connect(name, ssl.create_default_context(cafile=self.ca.issuing_root)) as secure:
                return secure.getpeercert()["serialNumber"]
        except OSError:
            return None

    def send(self, number):
        self.process.send(number)

    def kill(self):
        self.process.stop(signal.SIGKILL)

    def stop(self):
        return self.process.stop()


def ask(sock, name, text):
    """One request on a kept connection; raises if the answer is another one."""
    sock.sendall(f"GET / HTTP/1.1\r\nHost: {name}\r\n\r\n".encode("ascii"))
    data = b""
    while (at := data.find(b"\r\n\r\n")) < 0 or len(data) < at + 4 + len(text):
        piece = sock.recv(65536)
        if not piece:
            raise ConnectionError(f"broke off after {len(data)} bytes")
        data += piece
    if not data.startswith(b"HTTP/1.1 200 ") or not data.endswith(text):
        raise ConnectionError(f"another answer: {data[:120]!r}")


class Load:
    """Clients that ask each node so often a second in all, on kept connections and on new ones; failures with their reasons. What
    fails on a node that was killed does not count: `forgive` says which one it is."""

    def __init__(self, nodes, name, text, rate=200, clients_each=4, fresh_every=10):
        self.nodes, self.name, self.text = nodes, name, text
        self.pause = len(nodes) * clients_each / rate
        self.fresh_every = fresh_every
        self.over, self.lock = threading.Event(), threading.Lock()
        self.count, self.times, self.failures, self.forgiven = 0, [], [], set()
        self.context = ssl.create_default_context(cafile=nodes[0].ca.issuing_root)
        self.threads = [threading.Thread(target=self.client, args=(node,), daemon=True) for node in nodes for _ in range(clients_each)]
        for thread in self.threads:
            thread.start()

    def forgive(self, node):
        self.forgiven.add(node)

    def client(self, node):
        sock, done, next_at = None, 0, time.monotonic()
        while not self.over.is_set():
            begin = time.monotonic()
            try:
                if sock is None or done % self.fresh_every == 0:
                    if sock is not None:
                        sock.close()
                    sock = node.connect(self.name, self.context)
                ask(sock, self.name, self.text)
            except OSError as error:
                if node in self.forgiven:
                    return
                with self.lock:
                    self.failures.append(f"{node.address} at {time.strftime('%X')}: {error}")
                sock = None
            done += 1
            with self.lock:
                self.count += 1
                self.times.append(time.monotonic() - begin)
            next_at = max(next_at + self.pause, time.monotonic() - 1)
            self.over.wait(max(0, next_at - time.monotonic()))

    def stop(self):
        self.over.set()
        for thread in self.threads:
            thread.join(LIMIT_SECONDS)
        times = sorted(self.times)
        self.p99 = times[len(times) * 99 // 100] if times else 0
        return self.count, self.failures
