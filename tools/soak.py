"""`./dev soak SECONDS`: a server for a long time under everything at once.

Honest clients ask for files and for what servers behind answer, over HTTP/1.1 and HTTP/2, on new connections and kept
ones. Beside them run attacks, reloads of the configuration, and upstreams that die and come back. Prints requests,
failures, the 99th percentile of honest clients' times, memory and descriptors at the start and at the end; fails if an
honest request failed, or if the server has grown.
"""

import argparse
import http.server
import os
import re
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

HELLO = b"hello\n"
BIG = bytes(range(256)) * 8192
WARM_UP_SECONDS = 5
# What a server may grow by from its first seconds to its end: caches fill, and the heap is not given back at once.
GROWTH_BYTES = 32 << 20
GROWTH_DESCRIPTORS = 64


class Upstream:
    """An application behind, which can be killed and come back on its port."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16  # head and body in one piece: a death between them is a response that breaks off

        def log_message(self, *_):
            pass

        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(HELLO)))
            self.end_headers()
            self.wfile.write(HELLO)

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True
        allow_reuse_address = True
        request_queue_size = 128

        def __init__(self, *arguments):
            self.sockets = set()
            super().__init__(*arguments)

        def process_request(self, request, client_address):
            self.sockets.add(request)
            super().process_request(request, client_address)

        def shutdown_request(self, request):
            self.sockets.discard(request)
            super().shutdown_request(request)

        def handle_error(self, request, client_address):
            pass

    def __init__(self):
        self.port = 0
        self.start()

    def start(self):
        self.server = self.Server(("127.0.0.1", self.port), self.Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def die(self):
        """All its connections break, in the middle of whatever they are at."""
        self.server.shutdown()
        self.server.server_close()
        for sock in list(self.server.sockets):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.thread.join()


class Server:
    """`padlock serve` with a folder, a site before two upstreams, and a configuration that changes."""

    def __init__(self, program, folder, upstreams):
        self.folder, self.upstreams, self.rounds = folder, upstreams, 0
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "XDG_STATE_HOME": str(folder / "state"),
                            "XDG_RUNTIME_DIR": str(folder)}
        (folder / "site").mkdir()
        (folder / "site" / "index.html").write_bytes(HELLO)
        (folder / "site" / "big").write_bytes(BIG)
        self.write()
        self.log = (folder / "log").open("w+", encoding="utf-8")
        self.process = subprocess.Popen([program, "serve", "--config", folder / "padlock.toml"], env=self.environment,
                                        stdout=self.log, stderr=subprocess.STDOUT)
        self.port = int(self.until(r"serving .* on https://localhost:(\d+)/")[1])
        self.context = ssl.create_default_context(cafile=folder / "state" / "padlock" / "ca" / "root.pem")

    def write(self):
        self.rounds += 1
        origins = ", ".join(f'"http://127.0.0.1:{one.port}"' for one in self.upstreams)
        (self.folder / "padlock.toml").write_text(f"""
listen = "127.0.0.1"
https_port = 0
http_port = 0
[limits]
connections_per_address = 5000
[log]
requests = "off"
[sites."localhost"]
dir = "site"
hsts = "{self.rounds} s"
[sites."app.localhost"]
proxy = [{origins}]
""", "utf-8")

    def text(self):
        return (self.folder / "log").read_text("utf-8")

    def until(self, pattern):
        for _ in range(600):
            if found := re.search(pattern, self.text()):
                return found
            if self.process.poll() is not None:
                sys.exit(f"soak: the server ended: {self.text()}")
            time.sleep(0.05)
        sys.exit(f"soak: waited in vain for {pattern}: {self.text()}")

    def reload(self):
        self.write()
        self.process.send_signal(signal.SIGHUP)

    def memory(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        return 1024 * int(re.search(r"VmRSS:\s+(\d+)", status)[1])

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def connect(self, name="localhost", alpn=None):
        sock = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        context = self.context
        if alpn:
            context = ssl.create_default_context(cafile=self.folder / "state" / "padlock" / "ca" / "root.pem")
            context.set_alpn_protocols([alpn])
        return context.wrap_socket(sock, server_hostname=name)


class Soak:
    def __init__(self, server, upstreams, seconds):
        self.server, self.upstreams = server, upstreams
        self.end = time.monotonic() + seconds
        self.lock, self.counts, self.failures, self.times = threading.Lock(), Counter(), [], []

    def over(self):
        return time.monotonic() >= self.end

    def note(self, kind, seconds=None, failure=None):
        with self.lock:
            self.counts[kind] += 1
            if seconds is not None:
                self.times.append(seconds)
            if failure is not None:
                self.failures.append(f"{kind}: {failure}")

    # ---- honest clients

    def ask(self, sock, name, path, size):
        """A whole response of this many bytes; False: the connection had been closed before it was asked."""
        sock.sendall(f"GET {path} HTTP/1.1\r\nHost: {name}\r\n\r\n".encode("ascii"))
        data = b""
        while (at := data.find(b"\r\n\r\n")) < 0 or len(data) < at + 4 + size:
            piece = sock.recv(1 << 18)
            if not piece and not data:
                return False
            assert piece, f"broke off after {len(data)} bytes"
            data += piece
        assert data.startswith(b"HTTP/1.1 200 "), data[:200]
        return True

    def one(self, kept, name, path, size):
        sock, fresh = kept.pop("sock", None), False
        while True:
            if sock is None:
                sock, fresh = self.server.connect(name), True
            try:
                if self.ask(sock, name, path, size):
                    break
                assert not fresh, "closed without an answer"
            except (ConnectionError, BrokenPipeError, ssl.SSLEOFError):
                if fresh:
                    raise
            sock = None  # a kept connection may end at any time (RFC 9112, section 9.3.1): its client asks again
        return sock

    def client(self, name, path, size, keeps):
        kept = {}
        while not self.over():
            begin = time.monotonic()
            try:
                sock = self.one(kept, name, path, size)
                if keeps:
                    kept["sock"] = sock
                else:
                    sock.close()
                self.note(f"{name}{path}", time.monotonic() - begin)
            except (OSError, AssertionError) as error:
                self.note(f"{name}{path}", failure=repr(error))

    def http2_client(self):
        while not self.over():
            done = subprocess.run(["h2load", "-n", "500", "-c", "5", "-m", "10", f"https://localhost:{self.server.port}/"],
                                  capture_output=True, text=True, check=False)
            found = re.search(r"requests: (\d+) total.* (\d+) succeeded, (\d+) failed, (\d+) errored", done.stdout)
            bad = found is None or found[1] != found[2]
            with self.lock:
                self.counts["HTTP/2"] += int(found[2]) if found else 0
                if bad:
                    self.failures.append(f"HTTP/2: {found[0] if found else done.stdout + done.stderr}")

    # ---- what goes on beside them

    def attack(self, how):
        while not self.over():
            try:
                how()
            except (OSError, ValueError):
                pass  # the server has shut it out, as it should
            self.note(how.__name__)

    def garbage(self):
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=5) as sock:
            sock.sendall(os.urandom(400))
            sock.recv(100)

    def stalled_handshakes(self):
        socks = [socket.create_connection(("127.0.0.1", self.server.port), timeout=5) for _ in range(20)]
        for sock in socks:
            sock.sendall(b"\x16\x03\x01\x02\x00\x01")
        time.sleep(1)
        for sock in socks:
            sock.close()

    def slow_heads(self):
        socks = [self.server.connect() for _ in range(10)]
        for _ in range(20):
            for sock in socks:
                sock.sendall(b"X")
            time.sleep(0.1)
        for sock in socks:
            sock.close()

    def readers_that_stop(self):
        socks = [self.server.connect() for _ in range(5)]
        for sock in socks:
            sock.sendall(b"GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n" * 4)
        time.sleep(2)
        for sock in socks:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.close()

    def broken_requests(self):
        with self.server.connect() as sock:
            sock.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
            while sock.recv(4096):
                pass

    def rapid_resets(self):
        """CVE-2023-44487: requests that are cancelled as soon as they are made."""
        head = b"\x82\x84\x87\x41\x09localhost"
        with self.server.connect(alpn="h2") as sock:
            sock.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0")
            for stream in range(1, 2000, 2):
                number = struct.pack(">I", stream)
                sock.sendall(struct.pack(">I", len(head))[1:] + b"\1\5" + number + head + b"\0\0\4\3\0" + number + b"\0\0\0\x08")

    def reloads(self):
        while not self.over():
            time.sleep(1)
            self.server.reload()
            self.note("reload")

    def deaths(self):
        which = 0
        while not self.over():
            self.upstreams[which].die()
            self.note("upstream death")
            time.sleep(1)
            self.upstreams[which].start()
            time.sleep(1)
            which = 1 - which

    def run(self):
        jobs = [(self.client, "localhost", "/", len(HELLO), True), (self.client, "localhost", "/", len(HELLO), False),
                (self.client, "localhost", "/big", len(BIG), True), (self.client, "app.localhost", "/", len(HELLO), True),
                (self.client, "app.localhost", "/", len(HELLO), False), (self.reloads,), (self.deaths,)]
        jobs += [(self.attack, how) for how in (self.garbage, self.stalled_handshakes, self.slow_heads,
                                                self.readers_that_stop, self.broken_requests, self.rapid_resets)]
        if shutil.which("h2load"):
            jobs.append((self.http2_client,))
        threads = [threading.Thread(target=job[0], args=job[1:]) for job in jobs]
        for thread in threads:
            thread.start()
        return threads


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("seconds", type=int, nargs="?", default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="padlock-soak-") as folder:
        upstreams = [Upstream(), Upstream()]
        server = Server(options.program, Path(folder), upstreams)
        soak = Soak(server, upstreams, options.seconds)
        threads = soak.run()
        time.sleep(min(WARM_UP_SECONDS, options.seconds / 2))
        memory, descriptors = server.memory(), server.descriptors()
        for thread in threads:
            thread.join()
        time.sleep(3)  # connections that were let go have ended
        alive = server.process.poll() is None
        end_memory, end_descriptors = (server.memory(), server.descriptors()) if alive else (0, 0)
        server.process.send_signal(signal.SIGTERM)
        code = server.process.wait(60)
        for kind, count in sorted(soak.counts.items()):
            print(f"{kind:24} {count}")
        for failure, count in Counter(soak.failures).most_common(20):
            print(f"failed {count} times: {failure}")
        times = sorted(soak.times)
        honest = sum(count for kind, count in soak.counts.items() if "localhost" in kind or kind == "HTTP/2")
        print(f"honest clients' 99th percentile: {1000 * times[len(times) * 99 // 100]:.1f} ms of {len(times)}")
        grown = end_memory - memory > GROWTH_BYTES or end_descriptors - descriptors > GROWTH_DESCRIPTORS
        print(f"soak: {honest} requests, {len(soak.failures)} failures, RSS {memory >> 10} -> {end_memory >> 10} KiB, "
              f"descriptors {descriptors} -> {end_descriptors}")
        if not alive or code != 0:
            print(server.text()[-3000:])
        return 0 if alive and code == 0 and not soak.failures and not grown else 1


if __name__ == "__main__":
    sys.exit(main())
