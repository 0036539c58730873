#!/usr/bin/env python3
"""rfc.py NUMBER: the sections of an RFC that the tree cites, with the places in code and in tests side by side."""
import collections
import pathlib
import re
import subprocess
import sys

number = sys.argv[1].removeprefix("RFC").removeprefix("rfc").strip()
cited = collections.defaultdict(lambda: ([], []))
in_prose = re.compile(r"RFC " + number + r",? (?:sections?|appendix) ([A-Z]?[\d.]*\d|[A-Z])")
in_rules = re.compile(r"\{" + number + r', "([^"]+)"')
for path in subprocess.run(["git", "ls-files", "*.h", "*.cc", "*.py"], capture_output=True, text=True, check=True).stdout.splitlines():
    if not pathlib.Path(path).exists():
        continue
    test = path.endswith("_test.cc") or path.startswith(("tests/", "conformance/"))
    for line_number, line in enumerate(pathlib.Path(path).read_text().splitlines(), 1):
        for section in in_prose.findall(line) + in_rules.findall(line):
            cited[section][test].append(f"{path}:{line_number}")
if not cited:
    sys.exit(f"rfc: nothing here cites RFC {number}")
for section in sorted(cited, key=lambda s: [(0, int(part)) if part.isdigit() else (1, part) for part in re.split(r"[.\s()]+", s) if part]):
    code, tests = cited[section]
    print(f"RFC {number}, section {section}")
    print("  code  " + (", ".join(code) or "-"))
    print("  tests " + (", ".join(tests) or "-"))
