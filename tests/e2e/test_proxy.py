"""Sites before other servers: real applications behind `padlock serve`, real clients before it."""

import hashlib
import http.server
import json
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import pytest

from peers.browser import chromium, make_nss_home
from peers.ports import free_port
from peers.process import Running, peer, run, until
from peers.servers import QuietHandler

NODE = Path(__file__).parent.parent / "peers" / "node"
BIG = bytes(range(256)) * 20_000


@contextmanager
def running(server):
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class QuietWsgi(WSGIRequestHandler):
    def log_message(self, *_):
        pass


def wsgi_app(environ, start_response):
    """Says what it was asked, and the digest of the body that came with it."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    said = {"method": environ["REQUEST_METHOD"], "path": environ["PATH_INFO"], "query": environ["QUERY_STRING"],
            "body": hashlib.sha256(body).hexdigest(), "host": environ.get("HTTP_HOST"),
            "for": environ.get("HTTP_X_FORWARDED_FOR"), "proto": environ.get("HTTP_X_FORWARDED_PROTO")}
    data = json.dumps(said).encode("utf-8")
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(data)))])
    return [data]


@contextmanager
def python_app():
    server = WSGIServer(("127.0.0.1", 0), QuietWsgi)
    server.set_app(wsgi_app)
    with running(server) as port:
        yield port


class Threaded(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


def python_handler(name, handle):
    return type(name, (QuietHandler,), {"protocol_version": "HTTP/1.1", "do_GET": handle})


@contextmanager
def site_config(padlock, folder, text):
    file = folder / "padlock.toml"
    file.write_text('listen = "127.0.0.1"\nhttps_port = 0\nhttp_port = 0\n' + text, "utf-8")
    with padlock.serve_config(file) as server:
        yield server


def curl(serving, *arguments, path="/", host="app.localhost"):
    return run(peer("curl"), "--silent", "--show-error", "--cacert", serving.root, "--max-time", "30", "--resolve",
               f"{host}:{serving.port}:127.0.0.1", *arguments, serving.url(path, host))


VERSIONS = ["--http1.1", "--http2"]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_python_application(padlock, version, tmp_path):
    upload = tmp_path / "big"
    upload.write_bytes(BIG)
    with python_app() as port, padlock.serve(f"app.localhost={port}") as serving:
        said = json.loads(curl(serving, version, "--data-binary", f"@{upload}", path="/a/b?c=d").text)
        assert said == {"method": "POST", "path": "/a/b", "query": "c=d", "body": hashlib.sha256(BIG).hexdigest(),
                        "host": f"app.localhost:{serving.port}", "for": "127.0.0.1", "proto": "https"}
        got = padlock.get(serving.url("/x", "app.localhost"), "--resolve", f"app.localhost:{serving.port}:127.0.0.1")
        assert json.loads(got.text)["path"] == "/x"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_large_response_and_a_slow_client(padlock, version):
    def handle(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(BIG)))
        self.end_headers()
        self.wfile.write(BIG)
    with running(Threaded(("127.0.0.1", 0), python_handler("Large", handle))) as port, \
            padlock.serve(f"app.localhost={port}") as serving:
        done = curl(serving, version, "--limit-rate", "4M")
        assert hashlib.sha256(done.out).digest() == hashlib.sha256(BIG).digest()


@pytest.mark.parametrize("version", VERSIONS)
def test_events_come_when_they_are_sent(padlock, version, tmp_path):
    go_on = threading.Event()

    def handle(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for number in range(3):
            self.wfile.write(f"data: {number}\n\n".encode("ascii"))
            self.wfile.flush()
            assert go_on.wait(30)
            go_on.clear()
    with running(Threaded(("127.0.0.1", 0), python_handler("Events", handle))) as port, \
            padlock.serve(f"app.localhost={port}") as serving:
        client = Running(peer("curl"), "--silent", "--no-buffer", version, "--cacert", serving.root, "--resolve",
                         f"app.localhost:{serving.port}:127.0.0.1", serving.url("/", "app.localhost"), folder=tmp_path)
        for number in range(3):
            client.until(lambda: f"data: {number}" in client.out, "the next event")
            assert f"data: {number + 1}" not in client.out
            go_on.set()
        assert client.wait() == 0


# The page's first words from others, as soon as there are any.
HEARD = """new Promise((resolve) => {
  const heard = document.querySelector("#heard"), look = () => heard.textContent && resolve(heard.textContent);
  new MutationObserver(look).observe(heard, {childList: true});
  look();
})"""


def test_a_websocket_chat_in_a_browser(padlock, tmp_path):
    with Running(peer("node"), NODE / "chat.js", folder=tmp_path) as node:
        port = node.until_says(r"^port (\d+)")[1]
        with padlock.serve(f"app.localhost={port}") as serving:
            home = tmp_path / "browser"
            home.mkdir()
            make_nss_home(home, serving.root)
            with chromium(home, tmp_path) as browser:
                assert browser.visit(serving.url("/", "app.localhost")).evaluate(HEARD) == "hello from a page;"
            assert '"GET / HTTP' in serving.running.err or '"GET /" 200' in serving.running.err
            serving.until_logs(r'"(CONNECT|GET) /" (101|200)')


def test_upstreams_over_tls_are_verified(padlock, fresh_padlock, site, tmp_path):
    with padlock.serve(site) as behind:
        upstream = f'proxy = "https://localhost:{behind.port}"\n'
        host = '[sites."app.localhost".upstream]\nhost = "localhost"\n'
        with site_config(padlock, tmp_path, f'[sites."app.localhost"]\n{upstream}{host}') as serving:
            assert curl(serving, path="/hello.txt").text == (site / "hello.txt").read_text("utf-8")
        # Another state folder knows nothing of that CA, unless it is told.
        with site_config(fresh_padlock, tmp_path, f'[sites."app.localhost"]\n{upstream}{host}') as serving:
            assert curl(serving, "--write-out", "%{http_code}", "--output", "/dev/null").text == "502"
            serving.until_logs("server.upstream.unreachable")
        with site_config(fresh_padlock, tmp_path, f'[sites."app.localhost"]\n{upstream}{host}ca = "{padlock.root}"\n') as serving:
            assert curl(serving, path="/hello.txt").text == (site / "hello.txt").read_text("utf-8")


def test_http2_behind_too(padlock, site, tmp_path):
    """h2c by prior knowledge to nghttp2's own server, and TLS with ALPN to another padlock."""
    port = free_port()
    with Running(peer("nghttpd"), "--no-tls", "--htdocs", site, port, folder=tmp_path) as nghttpd:
        nghttpd.until_accepts(port)
        text = f'[sites."app.localhost"]\nproxy = "http://127.0.0.1:{port}"\n[sites."app.localhost".upstream]\nhttp2 = true\n'
        with site_config(padlock, tmp_path, text) as serving:
            digest = hashlib.sha256((site / "big.bin").read_bytes()).digest()
            for version in VERSIONS:
                assert hashlib.sha256(curl(serving, version, path="/big.bin").out).digest() == digest
            done = run(peer("h2load"), "-n", "2000", "-c", "4", "-m", "20", f"--connect-to=127.0.0.1:{serving.port}",
                       serving.url("/hello.txt", "app.localhost"))
            assert "2000 succeeded, 0 failed, 0 errored, 0 timeout" in done.text, done.said
    with padlock.serve(site) as behind:
        text = (f'[sites."app.localhost"]\nproxy = "https://localhost:{behind.port}"\n[sites."app.localhost".upstream]\n'
                'http2 = true\nhost = "localhost"\n')
        with site_config(padlock, tmp_path, text) as serving:
            assert curl(serving, path="/hello.txt").text == (site / "hello.txt").read_text("utf-8")
        behind.until_logs(r'"GET /hello.txt" 200')


def test_load_without_a_failure_while_upstreams_come_and_go(padlock, tmp_path):
    def handle(self):
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")
    handler = python_handler("Hello", handle)
    with running(Threaded(("127.0.0.1", 0), handler)) as first:
        second = Threaded(("127.0.0.1", 0), handler)
        other = second.server_address[1]
        text = f'[sites."app.localhost"]\nproxy = ["http://127.0.0.1:{first}", "http://127.0.0.1:{other}"]\n'
        with site_config(padlock, tmp_path, text) as serving:
            thread = threading.Thread(target=second.serve_forever, daemon=True)
            thread.start()
            load = Running(peer("h2load"), "-n", "3000", "-c", "4", "-m", "5",
                           f"--connect-to=127.0.0.1:{serving.port}", serving.url("/", "app.localhost"), folder=tmp_path)
            time.sleep(0.3)
            second.shutdown()
            second.server_close()
            assert load.wait() == 0, load.said
            assert "3000 succeeded, 0 failed, 0 errored, 0 timeout" in load.out, load.said


def test_an_upstream_that_is_not_there(padlock):
    with padlock.serve(f"app.localhost={free_port()}") as serving:
        done = curl(serving, "--include")
        assert done.text.startswith("HTTP/2 502") and "cannot be reached" in done.text
        until(lambda: "server.upstream.unreachable" in serving.running.err, "the log says why")
