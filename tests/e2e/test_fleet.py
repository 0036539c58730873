"""Several nodes and the Redis that they share: the rows of `./dev faults acme` in their short form, and what a user sees."""

import os
import sys

import pytest

from peers.ports import free_port
from peers.process import ROOT, peer, run


def script(padlock, name, *arguments, timeout=300):
    for needed in ("pebble", "pebble-challtestsrv", "redis-server"):
        peer(needed)
    return run(sys.executable, ROOT / "tools" / name, padlock.program, *arguments, timeout=timeout,
               env={**os.environ, "PYTHONUNBUFFERED": "1"})


def test_the_host_demo(padlock):
    done = script(padlock, "host_demo.py", "--lax", "--rate", 50)
    assert done.code == 0 and done.text.endswith("\nhost-demo: ok\n") and ", 0 failed outside" in done.text, done.said


@pytest.mark.parametrize("row", ["A6", "A8", "A9-start", "A10", "A11-fleet"])
def test_a_fleet_under_faults(padlock, row):
    done = script(padlock, "acme_faults.py", row, "--short")
    assert done.code == 0 and "acme: 1 passed, 0 failed, 0 skipped" in done.text, done.said


@pytest.mark.parametrize("more", [[], ["--tls"]], ids=["plain", "with TLS"])
def test_no_request_fails_while_the_store_dies_and_forgets(padlock, more):
    done = script(padlock, "acme_faults.py", "A9", "--short", *more)
    assert done.code == 0 and " requests, 0 failed" in done.text, done.said


# ---- what a user sees ------------------------------------------------------------------------------------------------

def write_config(folder, store):
    (folder / "www").mkdir(exist_ok=True)
    (folder / "www" / "index.html").write_text("page", "utf-8")
    file = folder / "padlock.toml"
    file.write_text(f'listen = "127.0.0.1"\nhttps_port = 0\nhttp_port = 0\n[sites."localhost"]\ndir = "www"\n[store]\n{store}\n',
                    "utf-8")
    return file


def test_a_key_is_made_once(fresh_padlock, tmp_path):
    file = tmp_path / "seal.key"
    done = fresh_padlock.run("store", "key", file)
    assert done.code == 0 and str(file) in done.text, done.said
    assert file.stat().st_mode & 0o777 == 0o600 and len(file.read_bytes()) == 32
    before = file.read_bytes()
    done = fresh_padlock.run("store", "key", file)
    assert (done.code, done.out) == (2, b"") and "certs.seal.key" in done.err and "nothing was changed" in done.err, done.said
    assert file.read_bytes() == before
    done = fresh_padlock.run("store", "key", tmp_path / "nowhere" / "seal.key")
    assert done.code == 1 and "  next  " in done.err, done.said


@pytest.mark.parametrize("store, told", [
    ('redis = "http://localhost"\nseal_key = "seal.key"', ':7:9: "http://localhost" is no URL of a Redis'),
    ('redis = "redis://localhost"', ":6:2: nothing says what values are sealed with"),
    ('redis = "redis://localhost"\nseal_key = "none.key"', "net.file.missing"),
    ('redis = "redis://localhost"\nseal_key = "short.key"', "certs.seal.key"),
    ('redis = "redis://localhost"\nseal_key = "open.key"', "net.file.key_readable_by_others"),
    ('redis = "redis://localhost"\nseal_key = "seal.key"\npassword_file = "open.key"', "net.file.key_readable_by_others"),
    ('redis = "rediss://localhost"\nca = "seal.key"\nseal_key = "seal.key"', "x509.trust."),
    ('redis = "redis://localhost"\nseal_key = "seal.key"\nseal_kye = "x"', "seal_key"),
])
def test_what_is_wrong_with_a_store_is_said(fresh_padlock, tmp_path, store, told):
    for name, size, mode in (("seal.key", 32, 0o600), ("short.key", 31, 0o600), ("open.key", 32, 0o644)):
        (tmp_path / name).write_bytes(b"k" * size)
        (tmp_path / name).chmod(mode)
    file = write_config(tmp_path, store)
    for command in (["config", "check", file], ["serve", "--config", file]):
        done = fresh_padlock.run(*command)
        assert done.code == 2 and told in done.err, done.said


def test_a_node_without_its_store_says_so_and_serves(fresh_padlock, tmp_path):
    assert fresh_padlock.run("store", "key", tmp_path / "seal.key").code == 0
    port = free_port()
    file = write_config(tmp_path, f'redis = "redis://127.0.0.1:{port}"\nseal_key = "seal.key"')
    assert fresh_padlock.run("config", "check", file).code == 0
    with fresh_padlock.serve_config(file) as serving:
        serving.running.until_says(rf"redis://127\.0\.0\.1:{port}/0 is away: .*refused")
        assert fresh_padlock.get(serving.url()).text == "page"
        status = fresh_padlock.run("status", "--socket", serving.admin_socket)
        assert "what this node has is served on" in status.text, status.said
        assert serving.running.err.count("is away") == 1, "once"
