"""Servers of other implementations, ready when they are entered; each has `.port`."""

import getpass
import http.server
import os
import ssl
import subprocess
import sys
import threading
from contextlib import contextmanager

from peers.browser import add_key_pair, certutil
from peers.ports import free_port
from peers.process import ROOT, Running, peer, run


@contextmanager
def openssl_server(credential, folder, *arguments, by_hand=False):
    """s_server over the files of `folder`; each response ends with its connection. By hand: it says what it is told."""
    above = ["-cert_chain", credential.above] if credential.above.stat().st_size else []
    mode, stdin = ([], subprocess.PIPE) if by_hand else (["-WWW"], subprocess.DEVNULL)
    with Running(peer("openssl"), "s_server", "-accept", "127.0.0.1:0", "-cert", credential.leaf, *above, "-key",
                 credential.key, *mode, *arguments, folder=folder, cwd=folder, stdin=stdin) as running:
        running.port = int(running.until_says(r"^ACCEPT 127\.0\.0\.1:(\d+)")[1])
        yield running


def loopback_alone():
    """The environment in which a program that binds every address, and has no flag against it, binds 127.0.0.1 and ::1."""
    source, library = ROOT / "tests" / "peers" / "bind_loopback.cc", ROOT / "build" / "peers" / "bind_loopback.so"
    if not library.exists() or library.stat().st_mtime < source.stat().st_mtime:
        library.parent.mkdir(parents=True, exist_ok=True)
        fresh = library.with_suffix(f".{os.getpid()}")  # another run may be loading it
        made = run("g++", "-shared", "-fPIC", "-o", fresh, source)
        assert made.code == 0, made.said
        fresh.rename(library)
    return {**os.environ, "LD_PRELOAD": str(library)}


@contextmanager
def gnutls_server(credential, folder, priority, *arguments, clients=None):
    """gnutls-serv with its own page, which repeats the request. `clients`: it wants a certificate that this file vouches
    for."""
    port = free_port()
    asks = ["--disable-client-cert"] if clients is None else ["--require-client-cert", "--verify-client-cert",
                                                              "--x509cafile", clients]
    with Running(peer("gnutls-serv"), "--http", "--port", port, "--x509certfile", credential.chain, "--x509keyfile",
                 credential.key, "--priority", priority, *asks, *arguments, folder=folder,
                 env=loopback_alone()) as running:
        running.port = port
        running.until_accepts(port)
        yield running


NGINX_CONFIG = """
daemon off;
master_process off;
pid {work}/pid;
error_log stderr;
events {{ }}
http {{
  access_log {work}/access.log;
  client_body_temp_path {work}/body;
  proxy_temp_path {work}/proxy;
  fastcgi_temp_path {work}/fastcgi;
  uwsgi_temp_path {work}/uwsgi;
  scgi_temp_path {work}/scgi;
  types {{ text/html html; text/plain txt; }}
  server {{
    listen 127.0.0.1:{port} ssl{http2};
    ssl_certificate {credential.chain};
    ssl_certificate_key {credential.key};
    ssl_protocols TLSv{version};
    ssl_ecdh_curve {curves};
    {asks}
    root {folder};
    location = /found {{ return 302 /hello.txt; }}
    location = /far {{ return 301 https://localhost:{port}/found; }}
    location = /loop {{ return 302 /loop; }}
    location = /plain {{ return 302 http://localhost:{port}/hello.txt; }}
    location = /broken {{ return 503 "out of order"; }}
  }}
}}
"""


@contextmanager
def nginx_server(credential, folder, work, curves="auto", version="1.3", clients=None, more="", http2=False):
    """nginx over the files of `folder`. `more`: further lines of its configuration."""
    program, port = peer("nginx"), free_port()
    config = work / "nginx.conf"
    asks = f"ssl_client_certificate {clients}; ssl_verify_client on;" if clients else ""
    config.write_text(NGINX_CONFIG.format(work=work, port=port, credential=credential, folder=folder, curves=curves,
                                          version=version, asks=asks + more, http2=" http2" if http2 else ""), "utf-8")
    with Running(program, "-p", work, "-e", "stderr", "-c", config, folder=work) as running:
        running.port = port
        running.until_accepts(port)
        yield running


H2O_CONFIG = """
user: {user}
num-threads: 1
listen:
  host: 127.0.0.1
  port: {port}
  ssl: {{ certificate-file: {credential.chain}, key-file: {credential.key} }}
hosts:
  default:
    paths:
      /: {{ file.dir: {folder} }}
      /found: {{ redirect: {{ status: 302, url: /hello.txt }} }}
"""


@contextmanager
def h2o_server(credential, folder, work):
    """h2o over the files of `folder`."""
    program, port, config = peer("h2o"), free_port(), work / "h2o.conf"
    config.write_text(H2O_CONFIG.format(user=getpass.getuser(), port=port, credential=credential, folder=folder), "utf-8")
    with Running(program, "-m", "worker", "-c", config, folder=work) as running:
        running.port = port
        running.until_accepts(port)
        yield running


@contextmanager
def nghttpd_server(credential, folder, work, *arguments):
    """nghttp2's own server over the files of `folder`: HTTP/2 alone. A body that is posted comes back."""
    program, port = peer("nghttpd"), free_port()
    with Running(program, "--address=127.0.0.1", f"--htdocs={folder}", "--echo-upload", *arguments, port, credential.key,
                 credential.chain, folder=work) as running:
        running.port = port
        running.until_accepts(port)
        yield running


@contextmanager
def nss_server(credential, folder, work, groups, version, *arguments, clients=None):
    """selfserv over the files of `folder`, with a store of its own in `work`. `clients`: as gnutls-serv's."""
    program, port, database = peer("selfserv"), free_port(), f"sql:{work}"
    certutil(database, "-N", "--empty-password")
    add_key_pair(database, credential, work)
    if clients:
        certutil(database, "-A", "-t", "T,,", "-n", "clients", "-i", clients)
    with Running(program, "-d", database, "-e", "leaf", "-n", "leaf", "-p", port, "-V", f"tls{version}:tls{version}", "-I",
                 ",".join(groups), "-v", *(["-r", "-r"] if clients else []), *arguments, folder=work, cwd=folder,
                 env=loopback_alone()) as running:
        running.port = port
        running.until_accepts(port)
        yield running


BOTAN_POLICY = """
allow_tls10 = false
allow_tls11 = false
allow_tls12 = true
macs = AEAD SHA-1
key_exchange_methods = ECDH DH RSA
signature_methods = ECDSA RSA IMPLICIT
signature_hashes = SHA-512 SHA-384 SHA-256
ciphers = AES-128/GCM AES-256/GCM ChaCha20Poly1305 AES-128
groups = {groups} ffdhe/ietf/2048
"""


@contextmanager
def botan_server(credential, folder, groups):
    """tls_server, which says each line back."""
    port, policy = free_port(), folder / "policy"
    policy.write_text(BOTAN_POLICY.format(groups=" ".join(groups)), "ascii")
    with Running(peer("botan"), "tls_server", credential.chain, credential.key, f"--port={port}", f"--policy={policy}",
                 folder=folder, env=loopback_alone()) as running:
        running.port = port
        running.until_accepts(port)
        yield running


class QuietHandler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Page(QuietHandler):
    """One page, whatever is asked for; /again leads to it."""

    protocol_version = "HTTP/1.1"
    page = b"<p>the padlock page</p>"

    def do_GET(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.server.requests.append((self.command, self.path, dict(self.headers), self.rfile.read(length)))
        if self.path == "/again":
            self.send_response(302)
            self.send_header("Location", "/body.txt")
        else:
            self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(self.page)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(self.page)

    do_HEAD = do_POST = do_PUT = do_GET


class PythonServer(http.server.ThreadingHTTPServer):
    """Keeps what was asked and what went wrong, for the test to read."""

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.requests, self.errors, self.port = [], [], self.server_address[1]

    def handle_error(self, request, client_address):
        self.errors.append(str(sys.exc_info()[1]))


@contextmanager
def python_server(credential=None, handler=Page, context=None):
    """Python's http.server, over its ssl where a credential is given."""
    server = PythonServer(handler)
    if credential is not None:
        context = context or ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(credential.chain, credential.key)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
