"""Peers that are small programs of ours around a TLS library: Go's, rustls, node's, Java's, and Padlock's engine.

All take a role and words of the form NAME=VALUE; a list stands between commas, and what is left out is the library's own
choice:

serve  chain, key and folder (files and what is served), version, groups, clients (a file: a certificate that it vouches for
       is required), tickets=no (sessions of TLS 1.2 have IDs alone), early (so many bytes of early data)
get    roots, port, paths, version, groups, suites, chain and key (of a client's certificate), early

Several paths are fetched one after the other, each over a connection of its own that may go on from the last one's session.
Their servers answer /again by a redirect to /body.txt.
"""

import os
import re
from contextlib import contextmanager
from pathlib import Path

import pytest

from peers.pki import pkcs12_bundle
from peers.process import LIMIT_SECONDS, ROOT, Running, peer, run

SOURCES = ROOT / "tests" / "peers"
OLDEST_GO = (1, 26)  # the first with every group that tests ask for
JAVA_NAMES = {"X25519": "x25519", "P-256": "secp256r1", "P-384": "secp384r1", "P-521": "secp521r1"}


class Program:
    """`command` starts it."""

    def __init__(self, *command):
        self.command = command

    @contextmanager
    def serving(self, credential, pages, scratch, **words):
        words = {"version": "1.3", **of_credential(credential), "folder": pages, **words}
        with Running(*self.line("serve", words), folder=scratch) as running:
            running.port = int(running.until_says(r"^port (\d+)")[1])
            yield running

    def get(self, roots, port, paths, environment=None, own=None, **words):
        """How the fetch ended, and what it says was negotiated, last."""
        words = {"version": "1.3", "roots": roots, "port": port, "paths": paths, **of_credential(own), **words}
        done = run(*self.line("get", words), env=environment)
        assert done.code == 0, done.said
        return done, dict(re.findall(r"(\w+)=(\S+)", done.err))

    def line(self, role, words):
        return [*self.command, role, *spelled(words)]


def of_credential(credential):
    return {"chain": credential.chain, "key": credential.key} if credential else {}


def spelled(words):
    """Those that are empty are left out."""
    texts = {name: value if isinstance(value, (str, int, Path)) else ",".join(value) for name, value in words.items()}
    return [f"{name}={text}" for name, text in texts.items() if text != ""]


class JavaProgram(Program):
    """Groups and tickets are properties of the machine, which stand before the class."""

    def __init__(self, java, classes, scratch):
        super().__init__(java, "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", classes)
        self.scratch = scratch

    def line(self, role, words):
        words = dict(words)
        names = [JAVA_NAMES[one] for one in words.pop("groups", ())]
        properties = [f"-Djdk.tls.namedGroups={','.join(names)}"] if names else []
        if words.pop("tickets", "") == "no":
            properties.append("-Djdk.tls.server.enableSessionTicketExtension=false")
        if "chain" in words:
            words["bundle"] = pkcs12_bundle(words.pop("chain"), words.pop("key"), self.scratch, "secret")
        return [*self.command, *properties, "Peer", role, *spelled(words)]


def build_go(source, out):
    """Builds the module in `source` from the standard library alone; the cache lives on between runs."""
    go = peer("go")
    environment = dict(os.environ, GOCACHE=str(ROOT / "build" / "peers" / "go-cache"), GOFLAGS="-mod=mod",
                       GOPROXY="off", GOTOOLCHAIN="local", GOWORK="off")
    found = re.search(r"go(\d+)\.(\d+)", run(go, "version", env=environment).text)
    if not found or (int(found[1]), int(found[2])) < OLDEST_GO:
        pytest.skip(f"go of version {OLDEST_GO[0]}.{OLDEST_GO[1]} absent (./dev setup --peers)")
    done = run(go, "build", "-o", out, ".", cwd=source, env=environment, timeout=600)
    assert done.code == 0, done.said
    return out


def go_program(scratch):
    return Program(build_go(SOURCES / "go", scratch / "go-peer"))


def java_program(scratch):
    java, compiler = peer("java"), peer("javac")
    done = run(compiler, "-d", scratch, SOURCES / "java" / "Peer.java", timeout=4 * LIMIT_SECONDS)
    assert done.code == 0, done.said
    return JavaProgram(java, scratch, scratch)


def node_program():
    return Program(peer("node"), SOURCES / "node" / "peer.js")


def rustls_program():
    """Built by `./dev setup --peers`: it takes minutes."""
    return Program(peer("rustls-peer"))


def engine_program(padlock):
    """What stands in the same build as the program under test."""
    path = padlock.program.parent / "tests" / "engine_peer"
    if not path.exists():
        pytest.skip("engine_peer absent (./dev build dev)")
    return Program(path)
