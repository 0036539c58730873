"""What a site's configuration says of its files, seen by curl over both versions, and by a browser's way of asking."""

import gzip
import os

import pytest

from peers.process import peer, run, until
from peers.wire import ask

PAGE = "".join(f"<p>line {number}</p>\n" for number in range(2000))


@pytest.fixture(scope="module")
def served(padlock, tmp_path_factory):
    """A site whose folder is listed, and another with a file for whatever is not there."""
    home = tmp_path_factory.mktemp("site-files")
    files, app = home / "files", home / "app"
    for made in (files / "sub", files / "empty", app):
        made.mkdir(parents=True)
    (files / "page.html").write_text(PAGE, "ascii")
    (files / "notes.txt").write_text("as it is", "ascii")
    (files / "notes.txt.gz").write_bytes(gzip.compress(b"laid beside it"))
    (files / "sub" / "index.htm").write_text("an index", "ascii")
    (files / ".hidden").write_text("x", "ascii")
    (files / "übung & co.txt").write_text("umlaut", "ascii")
    (files / "out").symlink_to(home)
    os.mkfifo(files / "fifo")
    with open(os.fsencode(files) + b"/no\xff<b>utf", "wb") as odd:
        odd.write(b"x")
    (app / "index.html").write_text("the application", "ascii")
    config = home / "padlock.toml"
    config.write_text('listen = "127.0.0.1"\nhttps_port = 0\nhttp_port = 0\n[limits]\nfile_cache = "8 MiB"\n'
                      '[sites."localhost"]\ndir = "files"\nindex = ["index.html", "index.htm"]\nlisting = true\n'
                      '[sites."app.localhost"]\ndir = "app"\nfallback_file = "index.html"\n'
                      'cache_control = "no-cache"\nhsts = "1 year"\n', "utf-8")
    with padlock.serve_config(config) as server:
        yield server
        assert server.running.stop() == 0, server.running.said


def curl(served, path, *flags, host="localhost"):
    done = run(peer("curl"), "-q", "-sS", "--noproxy", "*", "--cacert", served.root, "--resolve",
               f"{host}:{served.port}:127.0.0.1", *flags, served.url(path, host))
    assert done.code == 0, done.said
    return done


VERSIONS = pytest.mark.parametrize("version", ["--http1.1", "--http2"])


@VERSIONS
@pytest.mark.parametrize("coding", ["br", "zstd", "gzip"])
def test_texts_are_compressed(served, version, coding):
    """curl decodes what it takes; without --compressed it shows what was sent."""
    wanted = ["-H", f"Accept-Encoding: {coding}"]
    assert curl(served, "/page.html", version, "--compressed", *wanted).text == PAGE
    sent = curl(served, "/page.html", version, *wanted).out
    assert len(sent) < len(PAGE) / 5
    head = curl(served, "/page.html", version, "-I", *wanted).text.lower()
    assert f"content-encoding: {coding}\r\n" in head and "vary: accept-encoding\r\n" in head
    assert f"content-length: {len(sent)}\r\n" in head
    part = curl(served, "/page.html", version, "-r", "100-199", *wanted).out
    assert part == sent[100:200], "of the form that is sent"


@VERSIONS
def test_what_was_compressed_in_advance_is_sent(served, version):
    assert curl(served, "/notes.txt", version, "--compressed").text == "laid beside it"
    assert curl(served, "/notes.txt", version).text == "as it is"
    assert curl(served, "/notes.txt", version, "-H", "Accept-Encoding: gzip;q=0").text == "as it is"


@VERSIONS
def test_a_listing(served, version):
    page = curl(served, "/", version).text
    for link in ('"./page.html"', '"./sub/"', '"./empty/"', '"./%C3%BCbung%20&amp;%20co.txt"'):
        assert f"<a href={link}>" in page
    assert page.index('"./sub/"') < page.index('"./notes.txt"') < page.index('"./page.html"')
    for absent in ("hidden", "out", "fifo", "<b>"):
        assert absent not in page
    assert "<bdi>no\ufffd&lt;b&gt;utf</bdi>" in page
    assert curl(served, "/%C3%BCbung%20&%20co.txt", version).text == "umlaut"
    assert "<title>/empty/</title>" in curl(served, "/empty/", version).text
    assert curl(served, "/sub/", version).text == "an index"
    assert ask(served, "/out/").status == 404


@VERSIONS
def test_a_file_for_what_is_not_there(served, version):
    for path in ("/", "/users/7", "/missing.js"):
        assert curl(served, path, version, host="app.localhost").text == "the application"
    head = curl(served, "/users/7", version, "-I", host="app.localhost").text.lower()
    assert head.split()[1] == "200" and "cache-control: no-cache\r\n" in head and "strict-transport-security:" in head
    assert curl(served, "/.env", version, "-o", "/dev/null", "-w", "%{http_code}", host="app.localhost").text == "404"


def test_a_changed_file_is_seen(padlock, tmp_path):
    """As soon as a person could ask for it, though all that is asked for comes from memory."""
    page = tmp_path / "page.txt"
    page.write_text("before", "ascii")
    with padlock.serve(tmp_path) as server:
        for text in ("replaced", "edited"):
            old = ask(server, "/page.txt").body.decode("ascii")
            assert old == page.read_text("ascii")
            if text == "replaced":
                (tmp_path / "new.txt").write_text(text, "ascii")
                (tmp_path / "new.txt").rename(page)
            else:
                page.write_text(text, "ascii")
            until(lambda: ask(server, "/page.txt").body.decode("ascii") == text, f"the page is {text}")
        page.unlink()
        until(lambda: ask(server, "/page.txt").status == 404, "the page is gone")


def test_special_files_hold_nobody_up(served):
    assert ask(served, "/fifo").status == 404
