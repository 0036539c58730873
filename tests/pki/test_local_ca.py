"""The local CA before five strangers: openssl, GnuTLS, Go, NSS and Chromium take its leaves and refuse names outside.

Leaves outside come from the CA's own intermediate key, as a thief of it would make them.
"""

import os
import random
import subprocess
from pathlib import Path

import pytest

from peers.browser import browse, make_nss_home, nss_store
from peers.process import peer
from peers.programs import build_go
from peers.servers import python_server

GOOD = [
    ("localhost", "127.0.0.1", "::1"),
    ("a.b.localhost", "shop.test", "db.internal", "nas.home.arpa"),
    ("10.1.2.3", "172.31.0.1", "192.168.1.1", "169.254.9.9", "fc00::1", "fe80::1"),
    ("*.app.localhost",),
]
OUTSIDE = [
    "example.com",
    "localhost.example.com",
    "mylocalhost",
    "*.example.com",
    "home.arpa.example",
    "8.8.8.8",
    "172.32.0.1",
    "128.0.0.1",
    "2001:db8::1",
    "::2",
    "mail:user@localhost",
    "mail:user@padlock.invalid",
    "uri:https://localhost/",
    "uri:https://padlock.invalid/",
]


@pytest.fixture(scope="module")
def tool():
    program = os.environ.get("PADLOCK")
    build = Path(program).parent if program else Path(__file__).resolve().parents[2] / "build" / "dev"
    path = os.environ.get("PADLOCK_PKI_TOOL") or build / "tests" / "pki_tool"
    if not Path(path).exists():
        pytest.skip("pki_tool absent (./dev build dev)")
    return path


@pytest.fixture(scope="module")
def state(tool, tmp_path_factory):
    """The state folder of a CA that has issued one leaf."""
    folder = tmp_path_factory.mktemp("state") / "padlock"
    run(tool, "local", folder, "localhost")
    return folder


class Leaf:
    """A leaf's files: its certificate, the intermediate, both as a chain, and the key where there is one."""

    def __init__(self, folder, text):
        blocks = [block + "\n" for block in split_pem(text)]
        self.cert = write(folder / "leaf.pem", blocks[0])
        self.intermediate = write(folder / "intermediate.pem", blocks[1])
        self.chain = write(folder / "chain.pem", blocks[0] + blocks[1])
        self.key = write(folder / "key.pem", blocks[2]) if len(blocks) > 2 else None


def split_pem(text):
    blocks, current = [], []
    for line in text.splitlines():
        current.append(line)
        if line.startswith("-----END"):
            blocks.append("\n".join(current))
            current = []
    return blocks


def write(path, text):
    path.write_text(text, encoding="ascii")
    return path


def run(*arguments, **options):
    return subprocess.run(
        [str(argument) for argument in arguments],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        timeout=120,
        **options,
    ).stdout


def outcome(*arguments, **options):
    """Exit code and all that was said."""
    done = subprocess.run(
        [str(argument) for argument in arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        timeout=120,
        **options,
    )
    return done.returncode, done.stdout


def local_leaf(tool, state, folder, names):
    leaf = Leaf(folder, run(tool, "local", state, *names))
    chain = leaf.chain.read_text("ascii")
    stored = [path for path in (state / "leaves").iterdir() if (path / "cert.pem").read_text("ascii") == chain]
    assert len(stored) == 1
    leaf.key = stored[0] / "key.pem"
    return leaf


def outside_leaf(tool, state, folder, names, subject="Somebody else"):
    return Leaf(folder, run(tool, "outside", state, subject, *names))


def openssl_verify(state, leaf, *extra):
    return outcome(
        "openssl", "verify", "-x509_strict", "-purpose", "sslserver", *extra,
        "-CAfile", state / "ca" / "root.pem", "-untrusted", leaf.intermediate, leaf.cert,
    )


def name_option(name):
    is_address = name.replace(".", "").isdigit() or ":" in name
    return "-verify_ip" if is_address else "-verify_hostname", name.replace("*", "any")


@pytest.mark.parametrize("names", GOOD)
def test_openssl_accepts(tool, state, tmp_path, names):
    leaf = local_leaf(tool, state, tmp_path, names)
    for name in names:
        code, said = openssl_verify(state, leaf, *name_option(name))
        assert code == 0, said


@pytest.mark.parametrize("name", OUTSIDE)
def test_openssl_refuses_outside_names(tool, state, tmp_path, name):
    leaf = outside_leaf(tool, state, tmp_path, ["localhost", name])
    code, said = openssl_verify(state, leaf)
    assert code != 0
    assert "permitted subtree violation" in said or "excluded subtree violation" in said, said


def test_openssl_accepts_the_witness_that_is_inside(tool, state, tmp_path):
    """The refusals above come from the names alone: the same tool with an inside name is accepted."""
    code, said = openssl_verify(state, outside_leaf(tool, state, tmp_path, ["localhost", "127.0.0.1"]))
    assert code == 0, said


def test_the_tool_refuses_outside_names_itself(tool, state):
    for name in ["example.com", "8.8.8.8"]:
        code, said = outcome(tool, "local", state, name)
        assert code == 1
        assert "ca.name.outside" in said


def test_root_and_intermediate_carry_critical_constraints(state):
    for name in ["root.pem", "intermediate.pem"]:
        text = run("openssl", "x509", "-in", state / "ca" / name, "-noout", "-text")
        assert "X509v3 Name Constraints: critical" in text
        for part in ["DNS:localhost", "DNS:test", "DNS:internal", "DNS:home.arpa", "IP:127.0.0.0/255.0.0.0",
                     "IP:172.16.0.0/255.240.0.0", "ASN1 OID: prime256v1", "CA:TRUE"]:
            assert part in text


def gnutls_verify(state, leaf):
    return outcome(peer("certtool"), "--verify", "--verify-profile", "low", "--verify-purpose", "1.3.6.1.5.5.7.3.1",
                   "--load-ca-certificate", state / "ca" / "root.pem", "--infile", leaf.chain)


@pytest.mark.parametrize("names", GOOD)
def test_gnutls_accepts(tool, state, tmp_path, names):
    code, said = gnutls_verify(state, local_leaf(tool, state, tmp_path, names))
    assert code == 0, said


@pytest.mark.parametrize("name", OUTSIDE)
def test_gnutls_refuses_outside_names(tool, state, tmp_path, name):
    code, said = gnutls_verify(state, outside_leaf(tool, state, tmp_path, ["localhost", name]))
    assert code != 0 and "violates the signer's constraints" in said, said


def test_a_kill_at_any_moment_leaves_a_folder_that_works(tool, tmp_path):
    """Killed while it makes the CA and its leaves: no crash later, and a root that was there is kept."""
    folder = tmp_path / "padlock"
    chooser = random.Random(20260301)
    root, killed = None, 0
    for attempt in range(40):
        # New names each time, so that there is always something to make.
        command = [str(tool), "local", str(folder), f"n{attempt}.test"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(timeout=chooser.uniform(0.001, 0.06))
        except subprocess.TimeoutExpired:
            process.kill()
            killed += process.wait() < 0
        path = folder / "ca" / "root.pem"
        if root is not None:
            assert path.read_bytes() == root
        elif path.exists():
            root = path.read_bytes()
    assert killed > 0
    run(tool, "local", folder, *(f"n{attempt}.test" for attempt in range(40)))
    for attempt in range(40):
        run(tool, "local", folder, f"n{attempt}.test")
    assert (folder / "ca" / "root.pem").read_bytes() == root
    assert not list(folder.rglob("*.padlock-tmp"))
    for path in folder.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


GO_PROGRAM = """
package main

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
)

func read(path string) *x509.Certificate {
	text, err := os.ReadFile(path)
	if err != nil { panic(err) }
	block, _ := pem.Decode(text)
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil { fmt.Println("parse:", err); os.Exit(3) }
	return certificate
}

// verify ROOT INTERMEDIATE LEAF NAME...
func main() {
	roots, intermediates := x509.NewCertPool(), x509.NewCertPool()
	roots.AddCert(read(os.Args[1]))
	intermediates.AddCert(read(os.Args[2]))
	leaf := read(os.Args[3])
	for _, name := range os.Args[4:] {
		options := x509.VerifyOptions{DNSName: name, Roots: roots, Intermediates: intermediates}
		if _, err := leaf.Verify(options); err != nil { fmt.Println(name+":", err); os.Exit(1) }
	}
}
"""


@pytest.fixture(scope="module")
def go_verify(tmp_path_factory):
    folder = tmp_path_factory.mktemp("go")
    write(folder / "main.go", GO_PROGRAM)
    write(folder / "go.mod", "module verify\n\ngo 1.19\n")
    return build_go(folder, folder / "verify")


@pytest.mark.parametrize("names", GOOD)
def test_go_accepts(go_verify, tool, state, tmp_path, names):
    leaf = local_leaf(tool, state, tmp_path, names)
    asked = [f"[{name}]" if ":" in name else name.replace("*", "any") for name in names]
    code, said = outcome(go_verify, state / "ca" / "root.pem", leaf.intermediate, leaf.cert, *asked)
    assert code == 0, said


@pytest.mark.parametrize("name", OUTSIDE)
def test_go_refuses_outside_names(go_verify, tool, state, tmp_path, name):
    leaf = outside_leaf(tool, state, tmp_path, ["localhost", name])
    code, said = outcome(go_verify, state / "ca" / "root.pem", leaf.intermediate, leaf.cert, "localhost")
    assert code == 1, said
    assert "constraint" in said or "is not permitted" in said or "is excluded" in said, said


@pytest.fixture(scope="module")
def nss_database(state, tmp_path_factory):
    """A private NSS store that trusts the root; HOME of its own, where Chromium looks for it too."""
    return make_nss_home(tmp_path_factory.mktemp("home"), state / "ca" / "root.pem")


def nss_verify(home, leaf):
    """vfychain builds the path itself; -pp asks the newer library, -u 1 for a TLS server."""
    return outcome(peer("vfychain"), "-d", nss_store(home), "-pp", "-u", "1", "-a", leaf.cert,
                   leaf.intermediate)


@pytest.mark.parametrize("names", GOOD)
def test_nss_accepts(nss_database, tool, state, tmp_path, names):
    code, said = nss_verify(nss_database, local_leaf(tool, state, tmp_path, names))
    assert code == 0 and "Chain is good" in said, said


@pytest.mark.parametrize("name", OUTSIDE)
def test_nss_refuses_outside_names(nss_database, tool, state, tmp_path, name):
    code, said = nss_verify(nss_database, outside_leaf(tool, state, tmp_path, ["localhost", name]))
    assert code != 0 and "Chain is bad" in said, said


def chromium_sees(home, leaf, folder):
    """True if headless Chromium shows a page that Python's ssl serves with this leaf."""
    with python_server(leaf) as server:
        return "the padlock page" in browse(home, f"https://localhost:{server.port}/", folder / "profile")


@pytest.fixture(scope="module")
def chromium_home(nss_database):
    peer("chromium")
    return nss_database


def test_chromium_accepts(chromium_home, tool, state, tmp_path):
    leaf = local_leaf(tool, state, tmp_path, ["localhost", "127.0.0.1", "::1"])
    assert chromium_sees(chromium_home, leaf, tmp_path)


@pytest.mark.parametrize("name", ["example.com", "8.8.8.8", "mail:user@localhost", "uri:https://localhost/"])
def test_chromium_refuses_outside_names(chromium_home, tool, state, tmp_path, name):
    leaf = outside_leaf(tool, state, tmp_path, ["localhost", name])
    assert not chromium_sees(chromium_home, leaf, tmp_path)


def test_chromium_accepts_the_witness_that_is_inside(chromium_home, tool, state, tmp_path):
    assert chromium_sees(chromium_home, outside_leaf(tool, state, tmp_path, ["localhost"]), tmp_path)
