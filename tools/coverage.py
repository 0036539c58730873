#!/usr/bin/env python3
"""coverage.py BUILD: line coverage a folder after tests of a build with --coverage have run, by gcov.

A line counts as run if any program ran it. Tests, headers of other projects and the tests' own support are left out.
"""
import collections
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def report_of(data):
    """gcov's JSON for one object file."""
    done = subprocess.run(["gcov", "--json-format", "--stdout", str(data)], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def ours(name, build):
    """The path below the root of a source whose coverage counts, or None. The build may have cut the root off."""
    path = os.path.normpath(build / name if name.startswith("..") else name).removeprefix(f"{ROOT}/")
    left_out = path.endswith("_test.cc") or "/testing" in path or "/test_" in path
    return path if path.startswith("padlock/") and not left_out else None


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    build = pathlib.Path(sys.argv[1]).resolve()
    lines = collections.defaultdict(dict)  # path -> line -> was it run
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for reports in pool.map(report_of, sorted(build.rglob("*.gcda"))):
            for file in (file for report in reports for file in report["files"]):
                path = ours(file["file"], build)
                for line in file["lines"] if path else []:
                    number = line["line_number"]
                    lines[path][number] = lines[path].get(number, False) or line["count"] > 0
    folders = collections.defaultdict(lambda: [0, 0])
    for path, runs in lines.items():
        for name in (path.split("/")[1], "all"):
            folders[name][0] += sum(runs.values())
            folders[name][1] += len(runs)
    if not folders:
        sys.exit("coverage: nothing was run in this build")
    for name in sorted(folders, key=lambda name: (name == "all", name)):
        run, total = folders[name]
        print(f"{name:10} {run:6} of {total:6} lines {100 * run / total:6.1f} %")


main()
