#!/usr/bin/env python3
"""Runs every cell of tests/peers/matrix.py and prints them as a matrix: a row for each peer, role and version, a column
for each group, suite, kind of certificate and feature. A cell of the print is "ok" if all its exchanges went well, and a
number behind "-" is that of the reason why a peer has not got this.

interop.py [--no-skipped-peer]
  --no-skipped-peer  cells of a peer that is absent count as failed
The last line is 'interop: N passed, N failed, N skipped'.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from peers.matrix import FEATURES, GROUPS, KINDS, LEGACY, RETRY, ROWS, SUITES  # noqa: E402: the path stands above

LIMIT_SECONDS = 900
SHORT = {"X25519MLKEM768": "hybrid", "TLS_AES_128_GCM_SHA256": "AES-128", "TLS_AES_256_GCM_SHA384": "AES-256",
         "TLS_CHACHA20_POLY1305_SHA256": "ChaCha20", "ECDSA P-256": "P-256", "ECDSA P-384": "P-384",
         "ECDSA P-521": "P-521", "RSA-2048": "RSA"}
BANDS = [("group", [*GROUPS, RETRY]), ("cipher suite", SUITES), ("certificate", list(KINDS)),
         ("session and identity", FEATURES), ("policy legacy", list(LEGACY))]


def run_cells():
    """The outcome of each cell by its name: "ok", "FAIL", or the reason why it was skipped."""
    with tempfile.TemporaryDirectory(prefix="padlock-interop-") as scratch:
        report = pathlib.Path(scratch) / "report.xml"
        done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}",
                               "tests/interop/test_matrix.py"], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=sys.stderr,
                              timeout=LIMIT_SECONDS, check=False,
                              env={**os.environ, "PADLOCK_INTEROP": "all", "PYTHONDONTWRITEBYTECODE": "1"})
        if not report.exists():
            sys.exit(f"interop: pytest ended with {done.returncode} and left no report")
        cases = list(xml.parse(report).getroot().iter("testcase"))
    outcomes = {}
    for case in cases:
        name, skipped = re.search(r"\[(.*)\]$", case.get("name", "")), case.find("skipped")
        if name is None:
            sys.exit(f"interop: this is no cell: {xml.tostring(case, encoding='unicode')}")
        broken = case.find("failure") is not None or case.find("error") is not None
        outcomes[name[1]] = "FAIL" if broken else skipped.get("message") if skipped is not None else "ok"
    return outcomes


def columns_of(cell):
    """Where a cell shows: a retry says nothing of what is negotiated without one, and a feature is its own column."""
    if cell.feature:
        return [cell.feature]
    return [RETRY] if cell.retry else [cell.group, cell.suite, cell.kind]


def print_matrix(outcomes):
    widths = {column: max(len(SHORT.get(column, column)), 4) for _, columns in BANDS for column in columns}
    indent = " " * 21
    print(indent + "  ".join(band.ljust(sum(widths[one] + 2 for one in columns)) for band, columns in BANDS).rstrip())
    line = lambda words: "".join("".join(words[one].ljust(widths[one] + 2) for one in columns) + "  " for _, columns in BANDS)
    print(indent + line({one: SHORT.get(one, one) for one in widths}).rstrip())
    reasons = []
    for row in ROWS:
        words = {}
        for column in widths:
            found = {outcomes.get(str(cell), "FAIL") for cell in row.cells() if column in columns_of(cell)}
            if reason := row.reason(column):
                reasons += [reason] if reason not in reasons else []
                words[column] = f"-{reasons.index(reason) + 1}"
            else:
                words[column] = "FAIL" if "FAIL" in found else "ok" if found == {"ok"} else "skip"
        print(f"{row.peer:<9}{row.role:<7}{row.version:<5}{line(words)}".rstrip())
    print()
    for number, reason in enumerate(reasons, 1):
        print(f"  -{number}: {reason}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--no-skipped-peer", action="store_true")
    arguments = parser.parse_args()
    outcomes = run_cells()
    names = [str(cell) for row in ROWS for cell in row.cells()]
    missing = [name for name in names if name not in outcomes]
    if missing:
        sys.exit(f"interop: cells that did not run: {' '.join(missing)}")
    print_matrix(outcomes)
    for reason in sorted({outcome for outcome in outcomes.values() if outcome not in ("ok", "FAIL")}):
        print(f"skipped: {reason}")
    for name, outcome in outcomes.items():
        if outcome == "FAIL":
            print(f"FAILED {name}")
    count = lambda good: sum(1 for outcome in outcomes.values() if good(outcome))
    passed, failed = count(lambda one: one == "ok"), count(lambda one: one == "FAIL")
    skipped = len(outcomes) - passed - failed
    if arguments.no_skipped_peer:
        failed, skipped = failed + skipped, 0
    print(f"interop: {passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
