"""`padlock cert status`: what is stored and shown, and whether somebody renews it."""

import json
import os
import re
from pathlib import Path

import pytest

from peers.pebble import Pebble
from peers.process import peer, run


@pytest.fixture
def tool():
    program = os.environ.get("PADLOCK")
    build = Path(program).parent if program else Path(__file__).resolve().parents[2] / "build" / "dev"
    path = build / "tests" / "store_tool"
    if not path.exists():
        pytest.skip("store_tool absent (./dev build dev)")
    return path


def store(tool, padlock, name, days=0, *ca):
    """A certificate by the local CA, made so many days ago, in the store, perhaps as another CA's."""
    done = run(tool, padlock.state, name, days, *ca, env=padlock.environment())
    assert done.code == 0, done.said


def test_nothing_is_no_finding(fresh_padlock):
    done = fresh_padlock.run("cert", "status")
    assert (done.code, done.text) == (0, "no certificate is stored, and no server runs that shows one\n"), done.said


def test_what_a_server_shows_and_what_is_stored_is_listed(fresh_padlock, site, tool):
    store(tool, fresh_padlock, "*.shop.test")
    with fresh_padlock.serve(site) as serving:
        done = fresh_padlock.run("cert", "status")
        lines = [line.split() for line in done.text.splitlines()]
        assert done.code == 0 and [line[:3] for line in lines] == [["good", "stored", "*.shop.test"],
                                                                  ["good", "served", "localhost"]], done.said
        json_of = json.loads(fresh_padlock.run("cert", "status", "--json", "--socket", serving.admin_socket).text)
        assert [one["state"] for one in json_of["certificates"]] == ["good", "good"] and json_of["notices"] == []


def test_a_damaged_entry_is_a_finding(fresh_padlock, tool):
    store(tool, fresh_padlock, "shop.test")
    entry = fresh_padlock.state / "certs" / "local" / "shop.test" / "entry"
    entry.write_bytes(entry.read_bytes().replace(b"BEGIN", b"BEGUN", 1))
    done = fresh_padlock.run("cert", "status")
    assert done.code == 3 and "entry is not what was written there; it is now " in done.err, done.said


def test_an_entry_that_others_may_read_is_refused(fresh_padlock, tool):
    store(tool, fresh_padlock, "shop.test")
    entry = fresh_padlock.state / "certs" / "local" / "shop.test" / "entry"
    for mode in (0o640, 0o604, 0o660):
        entry.chmod(mode)
        done = fresh_padlock.run("cert", "status")
        assert done.code == 2 and "is open to group or others" in done.err, done.said


def test_one_that_nobody_renews_is_a_finding(fresh_padlock, tool):
    for days, state in ((8, "expired"), (6, "late"), (1, "good")):  # a CA knows nothing of times before it
        store(tool, fresh_padlock, "shop.test", days)
        done = fresh_padlock.run("cert", "status")
        assert done.code == (0 if state == "good" else 3) and done.text.startswith(state + " "), done.said


@pytest.fixture
def pebble(tmp_path):
    peer("pebble")
    return Pebble(tmp_path / "pebble")


def test_a_site_without_a_certificate_is_a_finding_with_what_failed(fresh_padlock, pebble):
    with fresh_padlock.serve_config(pebble.config({"shop.test": "", "localhost": ""})) as serving:  # the CA is away
        serving.running.until_says(r"shop\.test: .*refused")
        done = fresh_padlock.run("cert", "status")
        assert done.code == 3, done.said
        assert re.search(r"^missing  served  shop\.test +no certificate yet; 1 order has failed, the next is at \d{4}-", done.text,
                         re.MULTILINE), done.text
        shown = {one["name"]: one for one in json.loads(fresh_padlock.run("cert", "status", "--json").text)["certificates"]}
        assert shown["localhost"]["state"] == "good" and "failures" not in shown["localhost"]
        assert shown["shop.test"]["state"] == "missing" and shown["shop.test"]["failures"] == 1
        assert re.search(r"^  certificates   1 good, 1 missing$", fresh_padlock.run("status").text, re.MULTILINE)


def test_one_that_another_ca_has_renewed_is_no_finding(fresh_padlock, tool):
    store(tool, fresh_padlock, "shop.test", 8, "older")
    store(tool, fresh_padlock, "shop.test", 1)
    done = fresh_padlock.run("cert", "status")
    states = {line.split()[0]: line for line in done.text.splitlines()}
    assert done.code == 0 and set(states) == {"good", "replaced"} and "EXPIRED" in states["replaced"], done.said
