#!/usr/bin/env python3
"""Runs the constant-time tests of a build made with -DPADLOCK_MEMCHECK=ON under valgrind's memcheck.

memcheck.py BUILD
Secrets count as uninitialised there: a report is a branch or an index that depends on one. The planted leaks must be
reported, or the tests prove nothing. The last line is 'timing: N passed, N failed'.
"""
import pathlib
import re
import subprocess
import sys

REPORTED = 99  # valgrind's exit code for a report


def tests_of(program):
    listed = subprocess.run([program, "--gtest_list_tests"], capture_output=True, text=True, check=True).stdout
    suite = ""
    for line in listed.splitlines():
        if re.fullmatch(r"\w+\.", line):
            suite = line
        elif line.startswith("  "):
            yield suite + line.strip()


def run(program, test):
    return subprocess.run(["valgrind", "--quiet", f"--error-exitcode={REPORTED}", "--num-callers=30", program,
                           f"--gtest_filter={test}", "--gtest_brief=1"], capture_output=True, text=True)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    found = sorted(path for path in pathlib.Path(sys.argv[1]).rglob("constant_time_test") if path.is_file())
    if not found:
        sys.exit("memcheck: no constant_time_test in this build; configure it with -DPADLOCK_MEMCHECK=ON")
    passed = failed = 0
    for test in tests_of(str(found[0])):
        done = run(str(found[0]), test)
        wanted = REPORTED if test.startswith("Planted.") else 0
        if done.returncode == wanted:
            passed += 1
            continue
        failed += 1
        print(f"FAILED {test}: " + ("memcheck did not report the planted leak" if wanted else "memcheck reports"))
        print(done.stdout + done.stderr)
    print(f"timing: {passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


main()
