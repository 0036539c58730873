"""The release build is compiled and linked with every flag of docs/threats.md, R13. It is configured, not built."""

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMPILED_WITH = [
    "-O2", "-D_GLIBCXX_ASSERTIONS", "-D_FORTIFY_SOURCE=3", "-fstack-protector-strong", "-fstack-clash-protection",
    "-fcf-protection=full", "-ftrivial-auto-var-init=zero", "-fno-delete-null-pointer-checks",
]
LINKED_WITH = ["-pie", "-Wl,-z,relro,-z,now,-z,noexecstack"]


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    folder = tmp_path_factory.mktemp("release")
    done = subprocess.run(["cmake", "--preset", "release", "-B", folder], cwd=ROOT, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout
    return folder


def test_each_source_is_compiled_hardened(release):
    commands = json.loads((release / "compile_commands.json").read_text("utf-8"))
    assert len(commands) > 100
    for entry in commands:
        flags = shlex.split(entry["command"])
        for flag in COMPILED_WITH:
            assert flag in flags, f"{entry['file']} without {flag}"
        assert "-fPIE" in flags or "-fPIC" in flags, entry["file"]


def test_the_program_is_linked_hardened(release):
    rules = (release / "build.ninja").read_text("utf-8")
    link = re.search(r"^build padlock: .*?\n((?:  .*\n)+)", rules, re.M).group(1)
    flags = re.search(r"^  LINK_FLAGS = (.*)$", link, re.M).group(1).split()
    for flag in LINKED_WITH:
        assert flag in flags, flag
