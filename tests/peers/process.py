"""Programs that a test starts: each ends by its own handle, and is ready when it answers, never after a fixed time."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIMIT_SECONDS = 60  # until something counts as hanging; far more than a busy machine needs


@dataclass
class Done:
    """How a program ended."""

    code: int
    out: bytes
    err: str

    @property
    def text(self):
        return self.out.decode("utf-8", "replace")

    @property
    def said(self):
        return self.text + self.err


def peer(name):
    """The path of a peer's program, or the test is skipped."""
    path = os.pathsep.join([str(ROOT / "build" / "peers" / "bin"), os.environ.get("PATH", ""), "/usr/sbin"])
    return shutil.which(name, path=path) or pytest.skip(f"{name} absent (./dev setup --peers)")


def run(*arguments, env=None, cwd=None, stdin=b"", timeout=LIMIT_SECONDS):
    """Runs a program to its end."""
    done = subprocess.run([str(one) for one in arguments], input=stdin, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env=env, cwd=cwd, timeout=timeout, check=False)
    return Done(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace"))


def fake_clock(clock):
    """The environment of a program that has another clock, as faketime says it: "+1h"."""
    library = run(peer("faketime"), "-f", clock, "printenv", "LD_PRELOAD").text.strip()
    return {"LD_PRELOAD": library, "FAKETIME": clock, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


def until(condition, what, process=None, limit=LIMIT_SECONDS):
    """The first true value of `condition`, asked again and again while `process` lives."""
    end = time.monotonic() + limit
    while True:
        over = process is not None and process.poll() is not None  # looked at first: its last words come before its end
        value = condition()
        if value:
            return value
        if over:
            raise AssertionError(f"ended before {what}: exit {process.returncode}")
        if time.monotonic() > end:
            raise AssertionError(f"waited {limit} s in vain for {what}")
        time.sleep(0.01)


def accepts(port, host="127.0.0.1"):
    try:
        socket.create_connection((host, port), timeout=LIMIT_SECONDS).close()
        return True
    except OSError:
        return False


class Running:
    """A program that runs beside the test. Its output goes to files: a full pipe would stop it."""

    def __init__(self, *arguments, folder, env=None, cwd=None, stdin=subprocess.DEVNULL, pass_fds=()):
        folder = Path(folder)
        stem = f"{Path(str(arguments[0])).name}-{time.monotonic_ns()}"
        self._out, self._err = folder / f"{stem}.out", folder / f"{stem}.err"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen([str(one) for one in arguments], stdin=stdin, stdout=out, stderr=err,
                                            env=env, cwd=cwd, pass_fds=pass_fds)

    @property
    def out(self):
        return self._out.read_text("utf-8", "replace")

    @property
    def out_bytes(self):
        return self._out.read_bytes()

    @property
    def err(self):
        return self._err.read_text("utf-8", "replace")

    @property
    def said(self):
        return self.out + self.err

    def until(self, condition, what):
        try:
            return until(condition, what, self.process)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.said}") from None

    def until_says(self, pattern):
        """The match of a regular expression in what the program has printed."""
        return self.until(lambda: re.search(pattern, self.said, re.MULTILINE), f"it says {pattern!r}")

    def until_accepts(self, port):
        self.until(lambda: accepts(port) or accepts(port, "::1"), f"it accepts on port {port}")

    def write(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def wait(self):
        """The exit code, once it ends by itself."""
        return self.process.wait(timeout=LIMIT_SECONDS)

    def stop(self, number=signal.SIGTERM):
        """Ends it, and gives its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.wait()
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.stdin is not None:
            self.process.stdin.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
