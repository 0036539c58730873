"""Pebble, Let's Encrypt's ACME server for tests, and its DNS server: every name leads to 127.0.0.1."""

import base64
import http.server
import json
import os
import ssl
import threading
import urllib.request
from contextlib import contextmanager

from peers.ports import free_port
from peers.process import Running, peer, run

MAC_KEY = base64.urlsafe_b64encode(b"a MAC key of thirty-two octets!!").decode("ascii").rstrip("=")


def make_certificates(folder):
    """A root, and a server's certificate by it: what Pebble itself shows."""
    root, key, leaf, leaf_key = (folder / name for name in ("root.pem", "root.key", "leaf.pem", "leaf.key"))
    common = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "7"]
    for more in (["-subj", "/CN=pebble's own root", "-addext", "keyUsage=critical,keyCertSign", "-keyout", key, "-out", root],
                 ["-subj", "/CN=localhost", "-CA", root, "-CAkey", key, "-addext", "basicConstraints=critical,CA:FALSE",
                  "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-addext", "extendedKeyUsage=serverAuth",
                  "-keyout", leaf_key, "-out", leaf]):
        done = run(peer("openssl"), *common, *more)
        assert done.code == 0, done.said
    return root, leaf, leaf_key


class Pebble:
    """`http_port`, `https_port`: where it looks for challenges. It refuses nonces and dawdles as it is made to, unless told
    otherwise."""

    def __init__(self, folder, **settings):
        folder.mkdir()
        self.folder = folder
        self.http_port, self.https_port, self.port, self.management, self.dns, self.dns_management = (
            free_port() for _ in range(6))
        self.root, leaf, key = make_certificates(folder)
        self.directory = f"https://localhost:{self.port}/dir"
        config = {"listenAddress": f"127.0.0.1:{self.port}", "managementListenAddress": f"127.0.0.1:{self.management}",
                  "certificate": str(leaf), "privateKey": str(key), "httpPort": self.http_port, "tlsPort": self.https_port,
                  "ocspResponderURL": "", "externalAccountBindingRequired": False,
                  "retryAfter": {"authz": 1, "order": 1},
                  "profiles": {"default": {"description": "ninety days", "validityPeriod": 7776000},
                               "shortlived": {"description": "six days", "validityPeriod": 518400}}} | settings
        (folder / "pebble.json").write_text(json.dumps({"pebble": config}), "utf-8")

    @contextmanager
    def running(self, gentle=True, dns=None):
        """`dns`: the name server that it asks, in place of its own."""
        environment = dict(os.environ)
        if gentle:
            environment |= {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0"}
        own = f"127.0.0.1:{self.dns}"
        with Running(peer("pebble-challtestsrv"), "-management", f"127.0.0.1:{self.dns_management}", "-dnsserver", own,
                     "-defaultIPv4", "127.0.0.1", "-defaultIPv6", "", "-http01", "", "-https01", "", "-tlsalpn01", "",
                     "-doh", "", folder=self.folder) as names:
            names.until_accepts(self.dns_management)
            with Running(peer("pebble"), "-config", self.folder / "pebble.json", "-dnsserver", dns or own, folder=self.folder,
                         env=environment) as running:
                running.until_accepts(self.port)
                running.until_accepts(self.management)
                yield running

    @contextmanager
    def acme_dns(self, **accounts):
        """An acme-dns server, by its API, whose records are Pebble's DNS server's; the URL. `accounts`: domains by user."""
        pebble = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                user = self.headers["X-Api-User"]
                good = self.path == "/update" and user in accounts and self.headers["X-Api-Key"] == "password"
                if good:
                    record = {"host": f"_acme-challenge.{accounts[user]}.", "value": asked["txt"]}
                    urllib.request.urlopen(f"http://127.0.0.1:{pebble.dns_management}/set-txt", json.dumps(record).encode())
                self.send_response(200 if good else 401)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "leaf.pem", self.folder / "leaf.key")
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"https://localhost:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()

    def manage(self, path, data=None):
        context = ssl.create_default_context(cafile=self.root)
        request = urllib.request.Request(f"https://localhost:{self.management}{path}", data=data)
        with urllib.request.urlopen(request, context=context, timeout=30) as answer:
            return answer.read()

    def issuing_root(self):
        """The file of the root that its certificates end at; another one each time that it starts."""
        file = self.folder / "issuing-root.pem"
        file.write_bytes(self.manage("/roots/0"))
        return file

    def config(self, sites, acme=""):
        """The configuration of a server with these sites, certified here."""
        file, page = self.folder / "padlock.toml", self.folder / "www"
        page.mkdir(exist_ok=True)
        (page / "index.html").write_text("<p>page</p>", "utf-8")
        (self.folder / "ca.pem").write_bytes(self.root.read_bytes())
        tables = "".join(f'[sites."{name}"]\ndir = "www"\n{more}\n' for name, more in sites.items())
        file.write_text(f'listen = "127.0.0.1"\nhttps_port = {self.https_port}\nhttp_port = {self.http_port}\n{tables}\n'
                        f'[acme]\ndirectory = "{self.directory}"\nca_file = "ca.pem"\nagree = true\n{acme}\n', "utf-8")
        return file
