"""The README's chapters about the server, each command run as it is written: what it prints is what stands there, but
for ports, times and the home of whoever runs it."""

import os
import re
import shutil
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from peers.ports import free_port
from peers.process import ROOT, Running, accepts, run

README = (ROOT / "README.md").read_text("utf-8")
PLACES = [(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? UTC", "DATE"), (r"\d+ days left", "DAYS"),
          (r"/home/ada|/[^ ]*/readme-home", "HOME"), (r" for localhost, (::1, 127\.0\.0\.1|127\.0\.0\.1, ::1) ", " for NAMES "),
          (r"localhost, (::1, 127\.0\.0\.1|127\.0\.0\.1, ::1)$", "NAMES")]


def block(command):
    """The commands of one block with what each prints."""
    marks = rf"<!-- output of padlock {command}: begin -->\n```\n(.*?)```\n<!-- output of padlock {command}: end -->"
    found = re.search(marks, README, re.DOTALL)
    assert found, f"the README has no output of padlock {command}"
    return [tuple(one.split("\n", 1)) for one in re.split(r"^\$ ", found[1], flags=re.MULTILINE)[1:]]


def plain(text, server):
    """Without what is another each time."""
    for stands, port in server.ports.items():
        text = text.replace(f":{port}", f":{stands}")
    for pattern, word in PLACES:
        text = re.sub(pattern, word, text, flags=re.MULTILINE)
    return text.strip().splitlines()


class Place:
    """Where a reader tries it: the folder of the examples, and a home of his own."""

    def __init__(self, padlock, folder):
        self.folder, self.home = folder, folder / "readme-home"
        self.home.mkdir()
        shutil.copytree(ROOT / "examples", folder / "examples")
        programs = folder / "bin"
        programs.mkdir()
        (programs / "padlock").symlink_to(padlock.program.resolve())
        self.environment = {**padlock.environment(), "PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(self.home),
                            "XDG_STATE_HOME": str(self.home / ".local" / "state"), "LANG": "C.UTF-8"}
        self.https_port, self.http_port = free_port(), free_port()
        self.ports = {"8443": self.https_port, "8080": self.http_port}

    def with_ports(self, command):
        for stands, port in self.ports.items():
            command = command.replace(f":{stands}", f":{port}")
        return command

    def run(self, command):
        done = run("sh", "-c", f"({self.with_ports(command)}) 2>&1", env=self.environment, cwd=self.folder)
        return plain(done.text, self)


@pytest.fixture(scope="module", name="place")
def readers_place(tmp_path_factory):
    from peers.padlock import Padlock
    folder = tmp_path_factory.mktemp("readme")
    return Place(Padlock(folder), folder)


@pytest.fixture(scope="module", name="served")
def serving_as_shown(place):
    """The server of the README, with its ports in the place of 8443 and 8080."""
    [(command, shown)] = block("serve")
    words = [*command.split(), "--port", str(place.https_port), "--http-port", str(place.http_port)]
    with Running("env", *words, folder=place.folder, env=place.environment, cwd=place.folder) as running:
        running.until_says(r"^root of that CA: ")
        running.until(lambda: accepts(place.https_port), "it accepts")
        yield running.out, shown
        assert running.stop() == 0, running.said


def test_it_serves_as_shown(served, place):
    said, shown = served
    assert plain(said, place)[:len(plain(shown, place))] == plain(shown, place)


@pytest.mark.parametrize("chapter", ["get", "check"])
@pytest.mark.usefixtures("served")
def test_clients_see_what_is_shown(place, chapter):
    for command, shown in block(chapter):
        assert place.run(command) == plain(shown, place), command


def test_a_configuration_is_checked_as_shown(place):
    commands = block("config")
    (place.folder / "padlock.toml").write_text(commands[0][1], "utf-8")
    for command, shown in commands:
        assert place.run(command) == plain(shown, place), command


def test_many_sites_are_served_as_shown(place):
    """`padlock serve localhost=DIR app.localhost=3000`, and the same from its file."""
    command = re.search(r"`(padlock serve localhost=DIR [^`]*)`", README)[1].replace("DIR", "examples/site")
    files = re.search(r"\$ cat padlock.toml\n(.*?)\$ ", README, re.DOTALL)[1]
    (place.folder / "many.toml").write_text("https_port = 0\nhttp_port = 0\n" + files, "utf-8")
    by_flags = [*command.split(), "--port", "0", "--http-port", "0"]
    for words in (by_flags, ["padlock", "serve", "--config", "many.toml"]):
        with Running("env", *words, folder=place.folder, env=place.environment, cwd=place.folder) as running:
            port = running.until_says(r"^serving .*examples/site on https://localhost:(\d+)/")[1]
            running.until_says(rf"^serving what http://localhost:3000 answers on https://app.localhost:{port}/")
            done = run("sh", "-c", f"padlock get https://localhost:{port}/", env=place.environment, cwd=place.folder)
            assert done.out == (ROOT / "examples" / "site" / "index.html").read_bytes(), done.said
            assert running.stop() == 0, running.said


class Shop(BaseHTTPRequestHandler):
    """What runs on port 3000 in the README, and on 3001 after it."""

    def do_GET(self):
        body = b"hello from the shop\n"
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextmanager
def shop_open():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=server.serve_forever).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def test_every_service_has_https_as_shown(padlock, tmp_path):
    place = Place(padlock, tmp_path)
    (tmp_path / "run").mkdir(mode=0o700)
    place.environment["XDG_RUNTIME_DIR"] = str(tmp_path / "run")  # another server of these tests may run
    (serve, said), *commands = block("host")
    words = [*serve.removesuffix(" &").split(), "--port", str(place.https_port), "--http-port", str(place.http_port)]
    with shop_open() as first, shop_open() as second:
        place.ports |= {"3000": first, "3001": second}
        with Running("env", *words, folder=tmp_path, env=place.environment, cwd=tmp_path) as running:
            running.until_says(r"^plain http on ")
            running.until(lambda: accepts(place.https_port), "it accepts")
            assert plain(running.out, place)[:2] == plain(said, place)
            for command, shown in commands:
                assert place.run(command) == plain(shown, place), command
            assert running.stop() == 0, running.said
