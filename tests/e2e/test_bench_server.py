"""What `./dev bench server` counts and judges, without its servers."""

import sys
from pathlib import Path

import pytest

from peers.process import ROOT, Running, until

sys.path.insert(0, str(ROOT / "bench" / "server"))
import server_bench  # noqa: E402: the path stands above
import servers  # noqa: E402

BURN = "import time\nwhile time.process_time() < 0.3: pass\nprint('burnt', flush=True)\ntime.sleep(60)"


def case(bounds):
    return server_bench.Case("one", None, bounds)


@pytest.fixture
def table():
    return server_bench.Table(None)


def test_a_ratio_is_judged_against_the_best_peer(table, capsys):
    table.case(case({"": 0.75}), {"padlock": [80, 70], "nginx": [100, 110], "h2o": [140]})
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["one", "padlock", "70", "75"] in rows
    assert ["one", "nginx", "100", "105", "0.700", "<=", "0.75"] in rows
    assert ["one", "h2o", "140", "140", "0.500"] in rows
    assert table.missed == []


def test_a_bound_can_be_one_peer_s(table, capsys):
    table.case(case({"h2o": 0.6}), {"padlock": [70], "nginx": [60], "h2o": [100]})
    assert "0.700 OVER 0.6" in capsys.readouterr().out
    assert table.missed == ["one"]


def test_what_nothing_measured_counts_as_missed(table):
    table.case(case({"h2o": 0.6}), {"padlock": [70], "nginx": [60], "h2o": []})
    table.left_out("two", "padlock", "not built: no proxy")
    table.left_out("three", "nginx", "absent")
    assert table.missed == ["one (a peer that it is bound to is missing)", "two (not built)"]


def test_cpu_time_is_that_of_all_processes_below(tmp_path):
    with Running("sh", "-c", '"$0" -c "$1"; true', sys.executable, BURN, folder=tmp_path) as running:
        server = servers.Server("one", running, 0)
        before = server.cpu_ns()
        running.until_says("burnt")
        assert server.cpu_ns() - before > 150e6
        assert server.memory_bytes() > 1 << 20
        servers.end(running.process, patience=0)


def test_a_stubborn_server_is_ended_with_what_it_started(tmp_path):
    script = "trap '' TERM; sleep 600 & echo up $!; wait"
    with Running("sh", "-c", script, folder=tmp_path) as running:
        below = int(running.until_says(r"^up (\d+)")[1])
        servers.end(running.process, patience=0.2)
        assert running.process.returncode == -9
        until(lambda: not alive(below), "the process below has ended")


def alive(pid):
    """Neither gone nor a zombie that waits for init."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
