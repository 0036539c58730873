#!/usr/bin/env python3
"""clang-tidy over the sources changed since a revision (default: those of the last 20 commits and the working tree).

tidy.py BUILD [--all] [--since REV] [--seconds N]
Newest first, within the time given (default 300 s), and two minutes more for those that were begun; says how many were
left out. --all: every source, no limit.
"""
import argparse
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import time


def git(*arguments):
    return subprocess.run(["git", *arguments], capture_output=True, text=True, check=True).stdout.splitlines()


def changed_sources(since):
    seen = dict.fromkeys(line[3:] for line in git("status", "--porcelain"))
    for path in git("log", "--format=", "--name-only", since):
        seen.setdefault(path)
    return [path for path in seen if path.endswith(".cc") and pathlib.Path(path).exists()]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--since")
    parser.add_argument("--seconds", type=int, default=300)
    arguments = parser.parse_args()
    if arguments.all:
        sources, deadline = git("ls-files", "padlock/*.cc"), float("inf")
    else:
        commits = len(git("log", "--format=%h"))
        since = arguments.since + "..HEAD" if arguments.since else (f"HEAD~20..HEAD" if commits > 20 else "HEAD")
        sources, deadline = changed_sources(since), time.monotonic() + arguments.seconds
    sources = [path for path in sources if path.startswith("padlock/")]

    def tidy(path):
        left = deadline - time.monotonic()
        if left < 0:
            return path, None, ""
        try:
            done = subprocess.run(["clang-tidy-19", "-p", arguments.build, "--quiet", path], capture_output=True,
                                  text=True, check=False, timeout=None if arguments.all else left + 120)
        except subprocess.TimeoutExpired:
            print(f"{path}: not read to its end in time", flush=True)
            return path, None, ""
        return path, done.returncode, done.stdout

    failed, left = 0, 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for path, code, output in pool.map(tidy, sources):
            if code is None:
                left += 1
            elif code != 0:
                failed += 1
                print(output)
    print(f"clang-tidy: {len(sources) - left} sources read, {failed} with findings, {left} left for --all")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
