"""The program under test, with a home and a state folder of its own."""

import os
import re
from contextlib import contextmanager
from pathlib import Path

from peers.process import ROOT, Running, run


class Padlock:
    def __init__(self, home):
        self.program = Path(os.environ.get("PADLOCK") or ROOT / "build" / "dev" / "padlock")
        self.home = Path(home)
        self.state = self.home / "state" / "padlock"
        self.root = self.state / "ca" / "root.pem"

    def environment(self, **more):
        """No LANG and nothing else of the developer's, but what a sanitizer is told."""
        runtime = self.home / "run"
        runtime.mkdir(mode=0o700, exist_ok=True)
        kept = {name: value for name, value in os.environ.items() if name == "PATH" or name.endswith("SAN_OPTIONS")}
        return {**kept, "HOME": str(self.home), "XDG_STATE_HOME": str(self.home / "state"),
                "XDG_RUNTIME_DIR": str(runtime), **more}

    def run(self, *arguments, cwd=None, **environment):
        return run(self.program, *arguments, env=self.environment(**environment), cwd=cwd or self.home)

    def get(self, *arguments, **options):
        return self.run("get", *arguments, **options)

    def start_get(self, *arguments):
        """`padlock get` beside the test, which plays the server meanwhile."""
        return Running(self.program, "get", *arguments, folder=self.home, env=self.environment(), cwd=self.home)

    @contextmanager
    def serve(self, folder, *arguments, http_port=0, **environment):
        """`padlock serve` on free ports, once it has said where."""
        with Running(self.program, "serve", folder, "--port", "0", "--http-port", http_port, *arguments, folder=self.home,
                     env=self.environment(**environment), cwd=self.home) as running:
            yield Serving(self, running)

    @contextmanager
    def serve_config(self, file, **environment):
        """`padlock serve --config FILE`, once it has said where."""
        with Running(self.program, "serve", "--config", file, folder=self.home, env=self.environment(**environment),
                     cwd=self.home) as running:
            yield Serving(self, running)


class Serving:
    """A running `padlock serve`."""

    def __init__(self, padlock, running):
        self.padlock = padlock
        self.running = running
        self.port = int(running.until_says(r"^serving .* on https://[^ ]*:(\d+)/")[1])
        self.http_port = int(running.until_says(r"^plain http on http://[^ ]*:(\d+)/")[1])
        self.root = padlock.root

    def url(self, path="/", host="localhost"):
        return f"https://{host}:{self.port}{path}"

    @property
    def admin_socket(self):
        return self.padlock.home / "run" / "padlock" / f"admin-{self.port}.sock"

    def until_logs(self, pattern):
        return self.running.until(lambda: re.search(pattern, self.running.err, re.MULTILINE), f"a log of {pattern!r}")
