"""`cmake --install`, then a program outside the tree: find_package(padlock), padlock::net::TlsStream, one page.

The build that is installed is the one that $PADLOCK stands in (default build/dev). The page comes from `padlock serve`
if this build has it, and always from openssl.
"""

import os
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PADLOCK = Path(os.environ.get("PADLOCK") or ROOT / "build" / "dev" / "padlock").resolve()
CONSUMER = ROOT / "tests" / "install" / "consumer"
FOREIGN = {"nlohmann", "fmt", "openssl", "CLI", "spdlog", "pcap", "intel-ipsec-mb.h", "gtest", "gmock", "rapidcheck"}


def run(*arguments, **options):
    done = subprocess.run([str(argument) for argument in arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, encoding="utf-8", errors="replace", timeout=600, **options)
    assert done.returncode == 0, f"{arguments}\n{done.stdout}"
    return done.stdout


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, process, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert process.poll() is None, "the server has ended"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"nobody listens on port {port}")


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    """Where the build is installed."""
    if not (PADLOCK.parent / "CMakeCache.txt").exists():
        pytest.skip("no build to install (./dev build dev)")
    folder = tmp_path_factory.mktemp("prefix")
    run("cmake", "--install", PADLOCK.parent, "--prefix", folder)
    return folder


@pytest.fixture(scope="module")
def program(prefix, tmp_path_factory):
    """The consumer, built by the compiler of the build that it links with."""
    cache = (PADLOCK.parent / "CMakeCache.txt").read_text("utf-8")
    compiler = re.search(r"^CMAKE_CXX_COMPILER:\w+=(.*)$", cache, re.M).group(1)
    folder = tmp_path_factory.mktemp("consumer")
    source = shutil.copytree(CONSUMER, folder / "source")
    run("cmake", "-S", source, "-B", folder / "build", "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}",
        f"-DCMAKE_CXX_COMPILER={compiler}")
    run("cmake", "--build", folder / "build")
    return folder / "build" / "fetch_page"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    (folder / "page.txt").write_text("the page of the install test\n" * 2000, encoding="ascii")
    return folder


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    """A CA and a leaf for localhost, both made by openssl."""
    folder = tmp_path_factory.mktemp("pki")
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    run("openssl", "req", "-x509", *new_key, "-subj", "/CN=Install test CA", "-keyout", folder / "ca.key",
        "-out", folder / "ca.pem", "-addext", "keyUsage=critical,keyCertSign")
    run("openssl", "req", *new_key[:-2], "-subj", "/CN=localhost", "-keyout", folder / "leaf.key",
        "-out", folder / "leaf.csr")
    (folder / "leaf.ext").write_text(
        "subjectAltName=DNS:localhost\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n"
        "basicConstraints=critical,CA:FALSE\nauthorityKeyIdentifier=keyid\n", encoding="ascii")
    run("openssl", "x509", "-req", "-in", folder / "leaf.csr", "-CA", folder / "ca.pem", "-CAkey", folder / "ca.key",
        "-CAcreateserial", "-days", "2", "-extfile", folder / "leaf.ext", "-out", folder / "leaf.pem")
    return folder


@pytest.fixture
def openssl_server(pki, site):
    port = free_port()
    process = subprocess.Popen(
        ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", pki / "leaf.pem", "-key", pki / "leaf.key",
         "-tls1_3", "-WWW", "-quiet"],
        cwd=site, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port, process)
        yield port
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def padlock_server(site, tmp_path):
    """`padlock serve` on free ports; gives the port and the local CA's root."""
    if not re.search(r"^ +serve ", run(PADLOCK, "--help"), re.M):
        pytest.skip("this build has no `padlock serve`")
    process = subprocess.Popen([PADLOCK, "serve", site, "--port", "0", "--http-port", "0"], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8",
                               env={**os.environ, "XDG_STATE_HOME": str(tmp_path)})
    try:
        said = process.stdout.readline()
        yield int(re.search(r"https://localhost:(\d+)/", said).group(1)), tmp_path / "padlock" / "ca" / "root.pem"
    finally:
        process.terminate()
        process.wait(timeout=60)


def fetch(program, ca_file, port):
    return subprocess.run([program, ca_file, "localhost", str(port), "/page.txt"], stdin=subprocess.DEVNULL,
                          capture_output=True, encoding="utf-8", timeout=60, check=False)


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
    assert run(prefix / "bin" / "padlock", "version").startswith("padlock ")


def test_a_page_of_openssl(program, pki, site, openssl_server):
    done = fetch(program, pki / "ca.pem", openssl_server)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith((site / "page.txt").read_text("ascii"))


def test_another_ca_is_not_believed(program, pki, openssl_server, tmp_path):
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
        "-subj", "/CN=Somebody else", "-keyout", tmp_path / "other.key", "-out", tmp_path / "other.pem")
    done = fetch(program, tmp_path / "other.pem", openssl_server)
    assert done.returncode == 1 and done.stdout == ""
    assert "x509." in done.stderr, done.stderr


def test_a_page_of_padlock_serve(program, site, padlock_server):
    port, root = padlock_server
    done = fetch(program, root, port)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith((site / "page.txt").read_text("ascii"))
