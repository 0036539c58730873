#!/usr/bin/env python3
"""Runs h2spec, strictly, against `padlock serve` on a free port; each test that does not pass is named.

Usage: h2spec.py H2SPEC PADLOCK. The last line is `h2spec: N passed, N failed, N skipped`.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

PAGE = "<p>Long enough for windows that shrink below what was sent.</p>\n"
LIMIT_SECONDS = 60


def port_of(process: subprocess.Popen, said: pathlib.Path) -> int:
    """The port, once the server has said it."""
    end = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < end and process.poll() is None:
        if match := re.search(r"^serving .* on https://localhost:(\d+)/", said.read_text("utf-8"), re.MULTILINE):
            return int(match[1])
        time.sleep(0.05)
    sys.exit("h2spec.py: the server did not start\n" + said.read_text("utf-8"))


def outcome_of(output: str) -> int:
    """Prints what failed or was skipped, and the counts."""
    failures = output.partition("\nFailures:")[2]
    print(failures, end="")
    for line in output.partition("\nFailures:")[0].splitlines():
        if re.match(r"\s+\d+: ", line) and "✔" not in line and "×" not in line:
            print(f"skipped by h2spec: {line.strip().split('  ')[0]}")
    counts = re.search(r"(\d+) tests, (\d+) passed, (\d+) skipped, (\d+) failed", output)
    if counts is None:
        sys.exit("h2spec.py: h2spec did not come to its end\n" + output)
    print(f"h2spec: {counts[2]} passed, {counts[4]} failed, {counts[3]} skipped")
    return 1 if int(counts[4]) > 0 else 0


def main() -> int:
    h2spec, padlock = (pathlib.Path(one).resolve() for one in sys.argv[1:3])
    with tempfile.TemporaryDirectory(prefix="padlock-h2spec-") as scratch:
        folder = pathlib.Path(scratch)
        (folder / "site").mkdir()
        (folder / "site" / "index.html").write_text(PAGE, "utf-8")
        said = folder / "said"
        environment = {**os.environ, "HOME": scratch, "XDG_STATE_HOME": str(folder / "state")}
        with said.open("wb") as out:
            server = subprocess.Popen([padlock, "serve", folder / "site", "--port", "0", "--http-port", "0"], stdout=out,
                                      stderr=subprocess.DEVNULL, env=environment)
        try:
            port = port_of(server, said)
            done = subprocess.run([h2spec, "-h", "127.0.0.1", "-p", str(port), "-t", "-k", "-o", "2", "-S"],
                                  capture_output=True, text=True, timeout=600, check=False)
        finally:
            server.terminate()
            server.wait(LIMIT_SECONDS)
    return outcome_of(done.stdout)


if __name__ == "__main__":
    sys.exit(main())
