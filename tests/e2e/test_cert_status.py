"""`padlock cert status`: what is stored and shown, and whether somebody renews it."""

import json
import os
from pathlib import Path

import pytest

from peers.process import run


@pytest.fixture
def tool():
    program = os.environ.get("PADLOCK")
    build = Path(program).parent if program else Path(__file__).resolve().parents[2] / "build" / "dev"
    path = build / "tests" / "store_tool"
    if not path.exists():
        pytest.skip("store_tool absent (./dev build dev)")
    return path


def store(tool, padlock, name, days=0):
    """A certificate by the local CA, made so many days ago, in the store."""
    done = run(tool, padlock.state, name, days, env=padlock.environment())
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
