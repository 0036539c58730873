"""Peers that are small programs of ours around another library's TLS: Go, rustls, node, Java.

All take the same words: `serve CHAIN KEY FOLDER GROUPS VERSION CLIENTS`, `get ROOTS PORT PATHS GROUPS SUITES VERSION` (Java's
differ a little). Several paths, between commas, are fetched one after the other, each over a connection of its own that
may go on from the last one's session. Their servers answer /again by a redirect to /body.txt, and
want a certificate that the file CLIENTS vouches for, unless that is "-".
"""

import os
import re
from contextlib import contextmanager

import pytest

from peers.process import LIMIT_SECONDS, ROOT, Running, peer, run

SOURCES = ROOT / "tests" / "peers"
OLDEST_GO = (1, 26)  # the first with every group that tests ask for
JAVA_NAMES = {"X25519": "x25519", "P-256": "secp256r1", "P-384": "secp384r1", "P-521": "secp521r1"}


class Program:
    """`command` starts it. The words of its command line are those of the heading."""

    def __init__(self, *command):
        self.command = command

    @contextmanager
    def serving(self, credential, pages, scratch, groups=(), version="1.3", clients="-"):
        with Running(*self.command, *self.serve_words(credential, pages, groups), version, clients, folder=scratch) as running:
            running.port = int(running.until_says(r"^port (\d+)")[1])
            yield running

    def get(self, roots, port, path, groups=(), suites=(), version="1.3", environment=None):
        """How the fetch ended, and what it says was negotiated."""
        done = run(*self.command, *self.get_words(roots, port, path, groups, suites), version, env=environment)
        assert done.code == 0, done.said
        return done, dict(re.findall(r"(\w+)=(\S+)", done.err))

    def serve_words(self, credential, pages, groups):
        return ["serve", credential.chain, credential.key, pages, ",".join(groups) or "-"]

    def get_words(self, roots, port, path, groups, suites):
        return ["get", roots, port, path, ",".join(groups) or "-", ",".join(suites) or "-"]


class JavaProgram(Program):
    """Groups are a property of the machine, which stands before the class."""

    def __init__(self, java, classes, scratch):
        super().__init__(java, "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", classes)
        self.scratch = scratch

    def serve_words(self, credential, pages, groups):
        return [*named_groups(groups), "Peer", "serve", pkcs12_bundle(credential, self.scratch, "secret"), pages]

    def get_words(self, roots, port, path, groups, suites):
        return [*named_groups(groups), "Peer", "get", roots, port, path, ",".join(suites) or "-"]


def named_groups(groups):
    return [f"-Djdk.tls.namedGroups={','.join(JAVA_NAMES[one] for one in groups)}"] if groups else []


def pkcs12_bundle(credential, folder, password):
    """Chain and key as one file, for those who keep them so."""
    out = folder / f"{credential.key.stem}.p12"
    done = run(peer("openssl"), "pkcs12", "-export", "-in", credential.chain, "-inkey", credential.key, "-name", "leaf",
               "-passout", f"pass:{password}", "-out", out)
    assert done.code == 0, done.said
    return out


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
