"""`cmake --install`, then a program outside the tree: find_package(padlock), padlock::net::TlsStream, one page.

The build that is installed is the one that $PADLOCK stands in (default build/dev). The page comes from `padlock serve`
and from openssl.
"""

import json
import os
import re
import shutil
from pathlib import Path

import pytest

from peers.process import ROOT, run
from peers.servers import openssl_server

PADLOCK = Path(os.environ.get("PADLOCK") or ROOT / "build" / "dev" / "padlock").resolve()
CONSUMER = ROOT / "tests" / "install" / "consumer"
FOREIGN = {"nlohmann", "fmt", "openssl", "CLI", "spdlog", "pcap", "intel-ipsec-mb.h", "gtest", "gmock", "rapidcheck"}


def succeed(*arguments):
    done = run(*arguments, timeout=600)
    assert done.code == 0, f"{arguments}\n{done.said}"
    return done.text


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    """Where the build is installed."""
    if not (PADLOCK.parent / "CMakeCache.txt").exists():
        pytest.skip("no build to install (./dev build dev)")
    folder = tmp_path_factory.mktemp("prefix")
    succeed("cmake", "--install", PADLOCK.parent, "--prefix", folder)
    return folder


@pytest.fixture(scope="module")
def program(prefix, tmp_path_factory):
    """The consumer, built by the compiler of the build that it links with."""
    cache = (PADLOCK.parent / "CMakeCache.txt").read_text("utf-8")
    compiler = re.search(r"^CMAKE_CXX_COMPILER:\w+=(.*)$", cache, re.M).group(1)
    folder = tmp_path_factory.mktemp("consumer")
    source = shutil.copytree(CONSUMER, folder / "source")
    succeed("cmake", "-S", source, "-B", folder / "build", "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}",
            f"-DCMAKE_CXX_COMPILER={compiler}")
    succeed("cmake", "--build", folder / "build")
    return folder / "build" / "fetch_page"


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    (folder / "page.txt").write_text("the page of the install test\n" * 2000, encoding="ascii")
    return folder


def fetch(program, ca_file, port):
    return run(program, ca_file, "localhost", port, "/page.txt")


def test_headers_stand_on_nothing_but_asio(prefix):
    headers = sorted((prefix / "include" / "padlock").rglob("*.h"))
    assert len(headers) > 50
    for header in headers:
        assert "testing" not in header.parts and not header.name.startswith("test"), header
        for included in re.findall(r"#include <([^>/]+)", header.read_text("utf-8")):
            assert included not in FOREIGN, f"{header} includes {included}"


def test_headers_include_only_what_is_installed_too(prefix):
    for header in (prefix / "include" / "padlock").rglob("*.h"):
        for included in re.findall(r'#include "(padlock/[^"]+)"', header.read_text("utf-8")):
            assert (prefix / "include" / included).exists(), f"{header} includes {included}, which is not installed"


def test_the_package_names_no_path_of_the_build(prefix):
    for file in (prefix / "lib").rglob("*.cmake"):
        text = file.read_text("utf-8")
        assert str(PADLOCK.parent) not in text and str(ROOT) not in text, file


def test_installed_program_runs(prefix):
    assert succeed(prefix / "bin" / "padlock", "version").startswith("padlock ")


@pytest.fixture(scope="module")
def bill(prefix):
    """The software bill of materials, as it is installed."""
    return json.loads((prefix / "share" / "doc" / "padlock" / "sbom.cdx.json").read_text("utf-8"))


def loaded_by(component):
    return [one["value"] for one in component.get("properties", []) if one["name"] == "padlock:loaded"]


def test_the_bill_lists_every_linked_library(prefix, bill):  # docs/threats.md, P8
    program = prefix / "bin" / "padlock"
    needed = re.findall(r"\(NEEDED\).*\[(.+)\]", succeed("readelf", "-d", program))
    in_turn = re.findall(r"^\s+(\S+) => /", succeed("ldd", program), re.MULTILINE)
    assert "libcrypto.so.3" in needed and set(needed) <= {*in_turn, "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}
    listed = [file for component in bill["components"] for file in loaded_by(component) or [component["name"]]]
    assert set(needed) | set(in_turn) <= set(listed)
    assert len(listed) == len(set(listed))


def test_the_bill_names_packages_with_version_and_licence(bill):
    if not shutil.which("dpkg-query"):
        pytest.skip("dpkg-query absent (Debian)")
    assert (bill["bomFormat"], bill["specVersion"], bill["metadata"]["component"]["name"]) == ("CycloneDX", "1.5", "padlock")
    names = [component["name"] for component in bill["components"]]
    assert {"libssl3", "libnghttp2-14", "libasio-dev", "libc6"} <= set(names) and names == sorted(names)
    for component in bill["components"]:
        installed = succeed("dpkg-query", "--show", "--showformat=${Version} ${Architecture}\n", component["name"]).split("\n")[0]
        version, architecture = installed.split()
        assert component["version"] == version
        assert component["purl"].startswith(f"pkg:deb/debian/{component['name']}@{version}?arch={architecture}&".replace("+", "%2B"))
        assert component["licenses"], component["name"]


def test_the_bill_is_the_same_each_time(prefix, tmp_path):
    again = tmp_path / "sbom.cdx.json"
    version = re.search(r"^padlock (\S+)$", succeed(prefix / "bin" / "padlock", "version"), re.MULTILINE)[1]
    succeed("cmake", f"-DPROGRAM={prefix / 'bin' / 'padlock'}", f"-DVERSION={version}", f"-DOUTPUT={again}", "-P",
            ROOT / "cmake" / "sbom.cmake")
    assert again.read_bytes() == (prefix / "share" / "doc" / "padlock" / "sbom.cdx.json").read_bytes()


def test_a_page_of_openssl(program, pki, pages):
    with openssl_server(pki.credential("good-ecdsa"), pages, "-tls1_3") as server:
        done = fetch(program, pki.roots, server.port)
    assert done.code == 0, done.err
    assert done.text.endswith((pages / "page.txt").read_text("ascii"))


def test_another_ca_is_not_believed(program, pki, pages):
    with openssl_server(pki.credential("below-untrusted-root"), pages, "-tls1_3") as server:
        done = fetch(program, pki.roots, server.port)
    assert (done.code, done.out) == (1, b"")
    assert "x509." in done.err, done.err


def test_a_page_of_padlock_serve(program, pages, fresh_padlock):
    with fresh_padlock.serve(pages) as server:
        done = fetch(program, server.root, server.port)
    assert done.code == 0, done.err
    assert done.text.endswith((pages / "page.txt").read_text("ascii"))
