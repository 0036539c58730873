#!/usr/bin/env python3
"""Runs BoringSSL's ssl/test/runner against conformance/bogo's shim and compares with what has passed before.

bogo.py SHIM [GLOB] [--update]
  GLOB      only the tests whose name fits, as `go test` would take it; several with ; between them
  --update  adds the tests that pass now and did not before to conformance/bogo/bogo_expected.json

BOGO_RUNNER names the runner, built by `go test -c` in ssl/test/runner; BOGO_DIR the folder ssl/test/runner, in which it
finds its keys. The runner also runs what config.json disables, so that the report can count it; the outcome of such
tests is told to nobody. The last line is 'bogo: N passed, N failed, N skipped'; a test that passed before and does not
now has failed, too.
"""
import argparse
import collections
import fnmatch
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent.parent / "conformance" / "bogo"
CONFIG, EXPECTED = HERE / "config.json", HERE / "bogo_expected.json"
IDLE_SECONDS, LIMIT_SECONDS = 5, 1800
SHOWN_REASONS = 25


def fits(name, glob):
    return fnmatch.fnmatchcase(name, glob.replace("[^", "[!"))


def run(shim, glob, scratch):
    """The runner's outcome by test, and what the shim found unsupported, a line a test."""
    outcomes, unsupported, output = scratch / "outcomes.json", scratch / "unsupported", scratch / "output"
    command = [os.environ["BOGO_RUNNER"], "-shim-path", str(shim), "-shim-config", str(CONFIG), "-json-output",
               str(outcomes), "-allow-unimplemented", "-include-disabled", "-num-workers", "2", "-idle-timeout",
               f"{IDLE_SECONDS}s"]
    command += ["-test", glob] if glob else []
    with output.open("w") as out:
        subprocess.run(["nice", *command], cwd=os.environ["BOGO_DIR"], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                       timeout=LIMIT_SECONDS, check=False, env={**os.environ, "BOGO_UNSUPPORTED": str(unsupported)})
    if not outcomes.exists():
        sys.exit(f"bogo: the runner left no outcomes; it said:\n{output.read_text()[-2000:]}")
    lines = unsupported.read_text().splitlines() if unsupported.exists() else []
    return json.loads(outcomes.read_text())["tests"], lines


def print_reasons(title, counts):
    print(f"{title}:")
    for reason, count in counts.most_common(SHOWN_REASONS):
        print(f"  {count:5}  {reason}")
    rest = counts.most_common()[SHOWN_REASONS:]
    if rest:
        print(f"  {sum(count for _, count in rest):5}  {len(rest)} more")


def sorted_out(outcomes, disabled):
    """Names by what came of them: passed, failed, unsupported; and the disabled ones by reason."""
    names, reasons = collections.defaultdict(list), collections.Counter()
    for name, outcome in sorted(outcomes.items()):
        reason = next((reason for glob, reason in disabled.items() if fits(name, glob)), None)
        if outcome["actual"] == "SKIP":
            names["unsupported"].append(name)
        elif reason is not None:
            names["disabled"].append(name)
            reasons[reason] += 1
        else:
            names["passed" if outcome["actual"] == "PASS" else "failed"].append(name)
    return names, reasons


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shim", type=pathlib.Path)
    parser.add_argument("glob", nargs="?")
    parser.add_argument("--update", action="store_true")
    arguments = parser.parse_args()
    if "BOGO_RUNNER" not in os.environ or "BOGO_DIR" not in os.environ:
        print("bogo: 0 passed, 0 failed, 1 skipped (no runner: set BOGO_RUNNER and BOGO_DIR)")
        return 0
    with tempfile.TemporaryDirectory(prefix="padlock-bogo-") as scratch:
        outcomes, unsupported = run(arguments.shim.resolve(), arguments.glob, pathlib.Path(scratch))
    names, reasons = sorted_out(outcomes, json.loads(CONFIG.read_text())["DisabledTests"])
    expected = json.loads(EXPECTED.read_text()) if EXPECTED.exists() else []
    lost = [name for name in expected if name in outcomes and name not in names["passed"]]

    print_reasons("unsupported, by what the test asks for", collections.Counter(unsupported))
    print_reasons("disabled, by reason", reasons)
    for name in names["failed"]:
        print(f"FAILED {name}: {outcomes[name].get('error', '')}")
    for name in lost:
        print(f"LOST {name}: it is in bogo_expected.json and does not pass any more")
    gained = sorted(set(names["passed"]) - set(expected))
    if arguments.update and gained:
        EXPECTED.write_text(json.dumps(sorted({*expected, *gained}), indent=0) + "\n")
    if gained:
        print(f"{len(gained)} tests pass that are not in bogo_expected.json" + (": added" if arguments.update else ""))
    failed = set(names["failed"]) | set(lost)
    print(f"bogo: {len(names['passed'])} passed, {len(failed)} failed, "
          f"{len(names['unsupported']) + len(names['disabled'])} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
