"""SSLKEYLOGFILE and --keylog: tshark reads with the keys what nobody reads without; `serve` never gives them away."""

import pytest

from peers.capture import capturing
from peers.servers import python_server

SECRET = "the padlock page"


def assert_key_log(path):
    lines = path.read_text("ascii").splitlines()
    assert path.stat().st_mode & 0o777 == 0o600
    labels = {line.split(" ")[0] for line in lines}
    assert labels >= {"CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET",
                      "CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"}


def assert_only_keys_open(capture, key_log, path):
    assert SECRET.encode("ascii") not in capture.bytes()
    assert SECRET not in capture.follow()
    opened = capture.follow(key_log)
    assert f"GET {path} HTTP/1.1" in opened and SECRET in opened, opened


@pytest.mark.parametrize("by_flag", [False, True], ids=["SSLKEYLOGFILE", "--keylog"])
def test_a_fetch_from_another_server(padlock, pki, tmp_path, by_flag):
    keys = tmp_path / "k.txt"
    flags, variables = (["--keylog", keys], {}) if by_flag else ([], {"SSLKEYLOGFILE": str(keys)})
    with python_server(pki.credential("good-ecdsa")) as server, capturing(tmp_path, server.port) as capture:
        done = padlock.get("--cacert", pki.roots, f"https://127.0.0.1:{server.port}/page.html", *flags, **variables)
    assert done.code == 0 and SECRET in done.text, done.err
    assert "the key log is on" in done.err and str(keys) in done.err
    assert_key_log(keys)
    assert_only_keys_open(capture, keys, "/page.html")


def test_a_fetch_from_ourselves(padlock, serving, tmp_path):
    keys = tmp_path / "k.txt"
    with capturing(tmp_path, serving.port) as capture:
        done = padlock.get("--http1.1", serving.url("/index.html"), "-o", tmp_path / "page.html", SSLKEYLOGFILE=str(keys))
    assert done.code == 0 and SECRET in (tmp_path / "page.html").read_text("ascii"), done.err
    assert_key_log(keys)
    assert_only_keys_open(capture, keys, "/index.html")


def test_the_key_log_is_appended_to(padlock, serving, tmp_path):
    keys = tmp_path / "k.txt"
    sizes = []
    for _ in range(2):
        assert padlock.get(serving.url(), SSLKEYLOGFILE=str(keys)).code == 0
        sizes.append(len(keys.read_text("ascii").splitlines()))
    assert sizes[1] == 2 * sizes[0] > 0


def test_a_key_log_that_cannot_be_written(padlock, serving, tmp_path):
    done = padlock.get(serving.url(), SSLKEYLOGFILE=str(tmp_path / "none" / "k.txt"))
    assert (done.code, done.out) == (2, b"") and "net.key_log.unwritable" in done.err, done.said


def test_serve_gives_no_keys_away(padlock, site, tmp_path):
    keys = tmp_path / "k.txt"
    with padlock.serve(site, SSLKEYLOGFILE=str(keys)) as server:
        done = padlock.get(server.url())
        assert done.code == 0 and SECRET in done.text, done.err
        assert server.running.stop() == 0
    assert not keys.exists()
