#!/usr/bin/env python3
"""Lines a folder (code, tests), the longest files and the longest functions: the trend that style asks to watch."""
import collections
import pathlib
import re
import subprocess

paths = [p for p in subprocess.run(["git", "ls-files", "*.h", "*.cc"], capture_output=True, text=True, check=True).stdout.splitlines()
         if pathlib.Path(p).exists()]
lines = {path: pathlib.Path(path).read_text().splitlines() for path in paths}


def functions(text):
    """(name, first line, length) of what looks like a function body: a line at the left margin that opens a brace."""
    start = name = None
    for number, line in enumerate(text, 1):
        if start is None and re.match(r"[A-Za-z].*\)[^;]*\{$", line) and not line.startswith(("namespace", "TEST", "RC_", "struct", "class")):
            start, name = number, line.split("(")[0].split()[-1]
        elif start is not None and line == "}":
            yield name, start, number - start + 1
            start = None


folders = collections.defaultdict(lambda: [0, 0])
for path, text in lines.items():
    folder = "/".join(path.split("/")[:2]) if path.startswith("padlock/") else path.split("/")[0]
    folders[folder][1 if path.endswith("_test.cc") else 0] += len(text)
print(f"{'folder':20} {'code':>7} {'tests':>7}")
for folder, (code, tests) in sorted(folders.items()):
    print(f"{folder:20} {code:7} {tests:7}")
print(f"{'all':20} {sum(c for c, _ in folders.values()):7} {sum(t for _, t in folders.values()):7}")
print("\nlongest files")
for path, text in sorted(((p, t) for p, t in lines.items() if not p.endswith("_test.cc")), key=lambda item: -len(item[1]))[:8]:
    print(f"{len(text):6} {path}")
print("\nlongest functions")
every = [(length, f"{path}:{start} {name}") for path, text in lines.items() if not path.endswith("_test.cc")
         for name, start, length in functions(text)]
for length, where in sorted(every, reverse=True)[:12]:
    print(f"{length:6} {where}")
print(f"\nfunctions over 60 lines: {sum(length > 60 for length, _ in every)} of {len(every)}")
