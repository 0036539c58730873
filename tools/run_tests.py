#!/usr/bin/env python3
"""Runs the test programs of a build (GoogleTest) and the pytest files of tests/, and counts what they say.

run_tests.py --build build/dev [--units] [--no-skipped-peer] [NAME...]
  --units            only the GoogleTest programs
  --no-skipped-peer  a test skipped because a peer is absent counts as failed
  NAME               only programs and pytest files whose name holds it
Prints each failure with its output, each skip with its reason; the last line is 'N passed, N failed, N skipped'.
"""
import argparse
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml
from dataclasses import dataclass, field

LIMIT_SECONDS = 900  # for one program; none of ours takes a tenth of it
PYTEST_LIMIT_SECONDS = 2700  # for all files together, on a slow machine
PYTEST_NAMES_SECONDS = 300  # after these a test that has not ended says where it is


@dataclass
class Outcome:
    name: str
    passed: int = 0
    failed: list = field(default_factory=list)   # (test, output)
    skipped: list = field(default_factory=list)  # (test, reason)


def run(command, environment=None, limit=LIMIT_SECONDS):
    try:
        done = subprocess.run(command, capture_output=True, timeout=limit, stdin=subprocess.DEVNULL,
                              env={**os.environ, **(environment or {})})
        return done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace")
    except subprocess.TimeoutExpired as late:
        return -1, f"no end after {limit} s\n" + ((late.stdout or b"") + (late.stderr or b"")).decode("utf-8", "replace")


def run_gtest(program: pathlib.Path, scratch: pathlib.Path) -> Outcome:
    outcome = Outcome(program.name)
    report = scratch / f"{program.name}.xml"  # GoogleTest's JSON has no reasons for skips
    code, output = run([str(program), f"--gtest_output=xml:{report}", "--gtest_brief=1"])
    if not report.exists():
        outcome.failed.append((program.name, output))
        return outcome
    for case in xml.parse(report).getroot().iter("testcase"):
        name = f"{program.name}: {case.get('classname')}.{case.get('name')}"
        failures, skipped = case.findall("failure"), case.find("skipped")
        if failures:
            outcome.failed.append((name, "\n".join(failure.get("message", "") for failure in failures)))
        elif skipped is not None or case.get("result") == "skipped":
            lines = (skipped.get("message", "") if skipped is not None else "").strip().splitlines()
            outcome.skipped.append((name, lines[-1] if lines else "no reason given"))
        elif case.get("status") == "run":
            outcome.passed += 1
    if code != 0 and not outcome.failed:  # a leak, a sanitizer report or a crash after the last test
        outcome.failed.append((program.name, output))
    return outcome


def run_pytest(files, scratch: pathlib.Path) -> Outcome:
    outcome = Outcome("pytest")
    if not files:
        return outcome
    report = scratch / "pytest.xml"
    code, output = run([sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", f"--junitxml={report}",
                        "-o", f"faulthandler_timeout={PYTEST_NAMES_SECONDS}", *map(str, files)],
                       {"PYTHONDONTWRITEBYTECODE": "1"}, PYTEST_LIMIT_SECONDS)
    if not report.exists():
        outcome.failed.append(("pytest", output))
        return outcome
    for case in xml.parse(report).getroot().iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        broken = case.find("failure") if case.find("failure") is not None else case.find("error")
        skipped = case.find("skipped")
        if broken is not None:
            outcome.failed.append((name, broken.text or broken.get("message", "")))
        elif skipped is not None:
            outcome.skipped.append((name, skipped.get("message", "no reason given")))
        else:
            outcome.passed += 1
    if code not in (0, 5) and not outcome.failed:
        outcome.failed.append(("pytest", output))
    return outcome


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--units", action="store_true")
    parser.add_argument("--no-skipped-peer", action="store_true")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    wanted = lambda path: not arguments.names or any(name in path.name for name in arguments.names)
    programs = sorted(p for p in (arguments.build / "tests").iterdir() if p.name.endswith("_test") and wanted(p))
    files = [] if arguments.units else sorted(p for p in pathlib.Path("tests").rglob("test_*.py") if wanted(p))
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="padlock-tests-") as folder:
        scratch = pathlib.Path(folder)
        os.environ["TMPDIR"] = os.environ["TEST_TMPDIR"] = folder  # whatever a test leaves goes with it
        with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            for outcome in pool.map(lambda program: run_gtest(program, scratch), programs):
                print(f"{outcome.name}: {outcome.passed} passed, {len(outcome.failed)} failed, {len(outcome.skipped)} skipped".replace(": ", " - ", 1), flush=True)
                outcomes.append(outcome)
        if files:
            outcomes.append(run_pytest(files, scratch))
            print(f"pytest - {outcomes[-1].passed} passed, {len(outcomes[-1].failed)} failed, {len(outcomes[-1].skipped)} skipped", flush=True)
    failed = [entry for outcome in outcomes for entry in outcome.failed]
    skipped = [entry for outcome in outcomes for entry in outcome.skipped]
    if arguments.no_skipped_peer:
        failed += [(name, f"skipped: {reason}") for name, reason in skipped if "absent" in reason]
        skipped = [(name, reason) for name, reason in skipped if "absent" not in reason]
    for name, reason in skipped:
        print(f"skipped {name}: {reason}")
    for name, output in failed:
        print(f"FAILED {name}\n{output}")
    passed = sum(outcome.passed for outcome in outcomes)
    if passed + len(failed) == 0:
        print("no test ran: wrong name?")
    print(f"{passed} passed, {len(failed)} failed, {len(skipped)} skipped")
    return 1 if failed or passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
