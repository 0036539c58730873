#!/usr/bin/env python3
"""Checks of the tree that no compiler makes: folder order, OpenSSL's place, casts, threats without a test, documents that
point at nothing, machine paths."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
ORDER = ["base", "der", "crypto", "x509", "tls", "http", "acme", "dns", "net", "ca", "client", "certs", "explain", "server", "cli"]
WORLD = {"net", "ca", "client", "certs", "explain", "server", "cli"}  # folders that may make system calls
CASTS_ALLOWED = {"padlock/base/text.h"}
CASTS_ALLOWED_UNDER = ("padlock/crypto/libcrypto/", "padlock/crypto/ipsec_mb/", "padlock/net/", "tests/", "bench/")


def files(*patterns):
    listed = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for path in listed.splitlines() if (ROOT / path).exists()]


def declared_dependencies(folder):
    text = (ROOT / "padlock" / folder / "CMakeLists.txt").read_text()
    call = re.search(r"padlock_library\(\s*" + folder + r"\b(.*?)\)", text, re.S)
    if not call:
        return None
    depends = re.search(r"\bDEPENDS\b((?:\s+[a-z0-9_]+)*)", call.group(1))
    return set(depends.group(1).split()) if depends else set()


def reachable(folder, direct):
    seen, queue = set(), [folder]
    while queue:
        for other in direct.get(queue.pop(), set()):
            if other not in seen:
                seen.add(other)
                queue.append(other)
    return seen


def check_folders(problems):
    direct = {folder: declared_dependencies(folder) for folder in ORDER if (ROOT / "padlock" / folder / "CMakeLists.txt").exists()}
    for folder, depends in direct.items():
        if depends is None:
            problems.append(f"padlock/{folder}/CMakeLists.txt: no padlock_library({folder} ...)")
            continue
        for other in depends:
            if ORDER.index(other) >= ORDER.index(folder):
                problems.append(f"padlock/{folder} depends on {other}, which does not stand above it")
    for path in files("padlock/*.h", "padlock/*.cc"):
        folder = path.split("/")[1]
        allowed = reachable(folder, {name: depends or set() for name, depends in direct.items()}) | {folder}
        for used in set(re.findall(r'#include "padlock/([a-z0-9]+)/', (ROOT / path).read_text())):
            if used not in allowed and not path.endswith("_test.cc"):
                problems.append(f"{path} includes padlock/{used}, which padlock/{folder} does not declare")


def check_sources(problems):
    for path in files("padlock/*.h", "padlock/*.cc"):
        text = (ROOT / path).read_text()
        inside = path.startswith("padlock/crypto/libcrypto/")
        if not inside and not path.endswith("_test.cc") and re.search(r"#include <openssl/", text):
            problems.append(f"{path}: only padlock/crypto/libcrypto includes OpenSSL's headers")
        if "reinterpret_cast" in text and path not in CASTS_ALLOWED and not path.startswith(CASTS_ALLOWED_UNDER):
            problems.append(f"{path}: reinterpret_cast (as_bytes and as_text in base/text.h are for this)")
        if re.search(r"\b(TODO|FIXME|XXX)\b", text):
            problems.append(f"{path}: a note of unfinished work")
        folder = path.split("/")[1]
        if folder not in WORLD and not path.endswith("_test.cc") and re.search(
                r"#include <(sys/socket|unistd|fcntl|thread|filesystem|fstream|asio)[.>/]", text):
            problems.append(f"{path}: protocols make no system calls")


def check_installed_provider(problems):
    for path in files("padlock/*CMakeLists.txt"):
        for call in re.findall(r"(?:DEPENDS|LINKS)\b[^)]*", (ROOT / path).read_text()):
            if "test_support" in re.split(r"\bTEST", call)[0]:
                problems.append(f"{path}: the provider with fixed randomness is linked into a product")


def check_threats(problems):
    table = ROOT / "docs" / "threats.md"
    if not table.exists():
        return
    sources = "\n".join((ROOT / path).read_text() for path in files("*_test.cc", "tests/*.py", "conformance/*", "fuzz/*.cc"))
    for line in table.read_text().splitlines():
        row = re.match(r"\|\s*([A-Z]\d+)\s*\|(.*)\|\s*$", line)
        if not row:
            continue
        names = re.findall(r"`([^`]+)`", row.group(2).split("|")[-1])
        if not names:
            problems.append(f"docs/threats.md: {row.group(1)} names no test")
        for name in names:
            suite, _, test = name.rpartition(".")
            form = rf"\(\s*{suite},\s*{test}\b" if suite else rf"\bdef {test}\("  # GoogleTest, pytest
            if not re.search(form, sources):
                problems.append(f"docs/threats.md: {row.group(1)} names the test {name}, which is not there")


def check_documents(problems):
    for path in files("*.md"):
        text = (ROOT / path).read_text()
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
            if "://" not in link and not (ROOT / path).parent.joinpath(link).exists():
                problems.append(f"{path}: {link} is not there")
    program = (ROOT / "tests/install/consumer/fetch_page.cc").read_text()
    for block in re.findall(r"```cpp\n(.*?)```", (ROOT / "README.md").read_text(), re.S):
        if block not in program:
            problems.append("README.md: its program is not the one that tests/install builds")


def check_paths(problems):
    outside = str(ROOT.parent) + "/"
    if outside in ("/", "/root/", "/home/", "/tmp/"):
        return
    for path in files():
        try:
            text = (ROOT / path).read_text()
        except UnicodeDecodeError:
            continue
        if outside in text:
            problems.append(f"{path}: a path of this machine")


def main():
    problems = []
    for check in (check_folders, check_sources, check_installed_provider, check_threats, check_documents, check_paths):
        check(problems)
    for problem in sorted(set(problems)):
        print(problem)
    print(f"tree: {len(set(problems))} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
