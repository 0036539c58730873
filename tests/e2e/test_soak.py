"""The soak itself, for a few seconds: `./dev soak` runs it for ten minutes."""

import os
import sys

from peers.process import ROOT, peer, run


def test_a_short_soak(padlock):
    done = run(sys.executable, ROOT / "tools" / "soak.py", padlock.program, 4, env={**os.environ, "PYTHONUNBUFFERED": "1"},
               timeout=150)
    assert peer("h2load")
    assert done.code == 0 and ", 0 failures, " in done.text, done.said
