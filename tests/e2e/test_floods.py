"""The floods of `./dev faults floods`, for a second each: honest clients are answered and memory stays bounded. Times are
left to the long form, which has its cores for itself."""

import sys

import pytest
from peers.process import ROOT, run
from peers.programs import build_go


@pytest.fixture(scope="session", name="flood")
def flood_program(tmp_path_factory):
    return build_go(ROOT / "tests" / "peers" / "flood", tmp_path_factory.mktemp("flood") / "flood")


@pytest.mark.parametrize("row", ["H10", "H16", "H17", "H18", "H19", "T16", "T31", "P2"])
def test_honest_clients_are_served_beside_floods(padlock, flood, row):
    done = run(sys.executable, ROOT / "tools" / "floods.py", padlock.program, flood, 1, "--lax", "--only", row,
               "--most", 40, "--rate", 200, timeout=300)
    assert done.code == 0 and ", 0 failed, 0 skipped" in done.text, done.said


def test_idle_connections_are_held(padlock, flood):
    done = run(sys.executable, ROOT / "tools" / "floods.py", padlock.program, flood, 1, "--lax", "--only", "idle",
               "--idle", 300, timeout=300)
    assert done.code == 0 and "idle 300 connections held: " in done.text, done.said
