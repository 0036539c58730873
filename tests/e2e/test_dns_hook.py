"""dns-01 by a program of the user's, called as lego's `exec` is: by the keeper, or by a process that was split off."""

import json

import pytest

from peers.pebble import Pebble
from peers.process import Running, peer
from peers.padlock import Serving

HOOK = """#!/bin/sh
echo "$@" >> {log}
env >> {log}.env
case "$1" in
  present) exec curl -sS -d "{{\\"host\\": \\"$2\\", \\"value\\": \\"$3\\"}}" http://127.0.0.1:{port}/set-txt ;;
  cleanup) exec curl -sS -d "{{\\"host\\": \\"$2\\"}}" http://127.0.0.1:{port}/clear-txt ;;
esac
"""
CERTIFIED = r"^certificate for \*\.shop\.test by localhost_\d+, valid until"


@pytest.fixture
def pebble(tmp_path):
    peer("pebble")
    return Pebble(tmp_path / "pebble")


@pytest.fixture
def hook(tmp_path, pebble):
    file = tmp_path / "hook"
    file.write_text(HOOK.format(log=tmp_path / "calls", port=pebble.dns_management), "utf-8")
    file.chmod(0o700)
    return file


def calls(tmp_path):
    return [line.split() for line in (tmp_path / "calls").read_text("utf-8").splitlines()]


@pytest.mark.parametrize("flags", [[], ["--keeper"]], ids=["alone", "kept"])
def test_a_wildcard_is_proved_by_a_program(fresh_padlock, tmp_path, pebble, hook, flags):
    config = pebble.config({"*.shop.test": ""}, f'exec = "{hook}"\nchallenge = "dns-01"')
    environment = fresh_padlock.environment() | {"PADLOCK_TEST_SECRET": "x"}
    with pebble.running(), Running(fresh_padlock.program, "serve", *flags, "--config", config, folder=fresh_padlock.home,
                                   env=environment, cwd=fresh_padlock.home) as running:
        running.until_says(CERTIFIED)
        running.until(lambda: len(calls(tmp_path)) == 2, "the record is taken away")
        (present, name, value), (cleanup, same_name, same_value) = calls(tmp_path)
        assert (present, cleanup) == ("present", "cleanup") and (name, value) == (same_name, same_value)
        assert name == "_acme-challenge.shop.test." and len(value) == 43
        assert "PADLOCK_TEST_SECRET" not in (tmp_path / "calls.env").read_text("utf-8")
        assert Serving(fresh_padlock, running).running.stop() == 0, running.said


@pytest.mark.parametrize("flags", [[], ["--keeper"]], ids=["alone", "kept"])
def test_a_program_that_fails_is_said_with_what_it_says(fresh_padlock, tmp_path, pebble, hook, flags):
    hook.write_text("#!/bin/sh\necho no credentials >&2\nexit 7\n", "utf-8")
    config = pebble.config({"*.shop.test": ""}, f'exec = "{hook}"\nchallenge = "dns-01"')
    with pebble.running(), Running(fresh_padlock.program, "serve", *flags, "--config", config, folder=fresh_padlock.home,
                                   env=fresh_padlock.environment(), cwd=fresh_padlock.home) as running:
        running.until_says(r"with 7: no credentials(?s:.*)certs\.hook\.failed")
        running.until_says(r"hook present _acme-challenge\.shop\.test\.: no credentials")


def test_a_program_that_others_may_change_is_not_run(fresh_padlock, tmp_path, pebble, hook):
    hook.chmod(0o720)
    config = pebble.config({"*.shop.test": ""}, f'exec = "{hook}"\nchallenge = "dns-01"')
    with pebble.running(), fresh_padlock.serve_config(config) as serving:
        serving.running.until_says(r"others may write to it")
        assert not (tmp_path / "calls").exists()


def test_a_few_orders_are_under_way_at_a_time(fresh_padlock, tmp_path, pebble, hook):
    """The first makes the account; then as many programs wait as there may be orders, each beside the others."""
    gate = tmp_path / "gate"
    hook.write_text(hook.read_text("utf-8").replace(
        'case "$1"', f'case "$1 $2" in "present _acme-challenge.a.test.") ;; present*) while [ ! -e {gate} ]; do sleep 0.02; '
        'done ;; esac\ncase "$1"', 1), "utf-8")
    names = [f"{letter}.test" for letter in "abcdefgh"]
    config = pebble.config({name: "" for name in names}, f'exec = "{hook}"\nchallenge = "dns-01"')
    with pebble.running(), fresh_padlock.serve_config(config) as serving:

        def under_way():
            return json.loads(fresh_padlock.run("status", "--json").text)["orders"]["under_way"]

        def presented():
            return sorted(call[1] for call in calls(tmp_path) if call[0] == "present") if (tmp_path / "calls").exists() else []

        serving.running.until(lambda: len(presented()) == 5, "four programs wait")
        assert presented() == [f"_acme-challenge.{name}." for name in names[:5]] and under_way() == 4
        gate.touch()
        for name in names:
            serving.running.until_says(rf"^certificate for {name} by")
        assert under_way() == 0 and len(presented()) == len(names), "one order of a name"
