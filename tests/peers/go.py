"""Go's compiler, and the peer that is built with it."""

import os
import re
from contextlib import contextmanager

import pytest

from peers.process import ROOT, Running, peer, run

OLDEST = (1, 26)  # the first with every group that tests ask for


def build_go(source, out):
    """Builds the module in `source` from the standard library alone; the cache lives on between runs."""
    go = peer("go")
    environment = dict(os.environ, GOCACHE=str(ROOT / "build" / "peers" / "go-cache"), GOFLAGS="-mod=mod",
                       GOPROXY="off", GOTOOLCHAIN="local", GOWORK="off")
    found = re.search(r"go(\d+)\.(\d+)", run(go, "version", env=environment).text)
    if not found or (int(found[1]), int(found[2])) < OLDEST:
        pytest.skip(f"go of version {OLDEST[0]}.{OLDEST[1]} absent (./dev setup --peers)")
    done = run(go, "build", "-o", out, ".", cwd=source, env=environment, timeout=600)
    assert done.code == 0, done.said
    return out


@contextmanager
def go_server(program, credential, folder, *groups):
    with Running(program, "serve", credential.chain, credential.key, *groups, folder=folder) as running:
        running.port = int(running.until_says(r"^port (\d+)")[1])
        yield running
