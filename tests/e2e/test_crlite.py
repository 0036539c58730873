"""A CRLite cache that upki has fetched, its filters by Mozilla's clubcard-crlite: `get`, `check` and `explain` say of a
certificate what it says, and fetch nothing where it tells."""

import hashlib
import json
import time

import pytest

from peers.pki import Credential
from peers.process import peer, run

LOG = hashlib.sha256(b"a log").digest()
DAY = 86_400_000
REVOKED, GOOD, NEW = "7c" * 16, "00" + "9d" * 15, "5e" * 16  # as DER has them: 9d would be negative without its 00
OPENSSL_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
OPENSSL_LEAF = [*OPENSSL_KEY, "-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE", "-addext",
                "extendedKeyUsage=serverAuth"]


def now():
    return int(time.time() * 1000)


def openssl(*arguments):
    done = run(peer("openssl"), *arguments)
    assert done.code == 0, done.said
    return done


def timestamp_extension(moment):
    """OpenSSL's words for a list with one timestamp (RFC 6962, section 3.3) whose signature is nobody's."""
    timestamp = b"\0" + LOG + moment.to_bytes(8, "big") + bytes.fromhex("0000 0403 0002 abcd")
    entry = len(timestamp).to_bytes(2, "big") + timestamp
    sct_list = len(entry).to_bytes(2, "big") + entry
    value = bytes([4, len(sct_list)]) + sct_list
    return f"1.3.6.1.4.1.11129.2.4.2=DER:{value.hex(':')}"


class Authority:
    """A root and leaves for localhost, by openssl."""

    def __init__(self, folder):
        self.folder, self.root, self.root_key = folder, folder / "root.pem", folder / "root.key"
        openssl("req", "-x509", "-noenc", "-days", "90", *OPENSSL_KEY, "-subj", "/CN=root", "-addext",
                "keyUsage=critical,keyCertSign", "-keyout", self.root_key, "-out", self.root)

    def leaf(self, serial, moment):
        """With one timestamp, in milliseconds since 1970."""
        chain, key, above = (self.folder / f"{serial}.{end}" for end in ["pem", "key", "above"])
        openssl("req", "-x509", "-noenc", "-days", "60", *OPENSSL_LEAF, "-subj", "/CN=leaf", "-set_serial", f"0x{serial}",
                "-addext", timestamp_extension(moment), "-CA", self.root, "-CAkey", self.root_key, "-keyout", key, "-out", chain)
        key.chmod(0o600)
        above.write_text("", "ascii")
        return Credential(chain, chain, above, key)

    def spki_hash(self):
        public_key = openssl("x509", "-in", self.root, "-noout", "-pubkey").out
        return hashlib.sha256(run(peer("openssl"), "pkey", "-pubin", "-outform", "DER", stdin=public_key).out).hexdigest()

    def der(self, certificate):
        out = certificate.with_suffix(".der")
        openssl("x509", "-in", certificate, "-outform", "DER", "-out", out)
        return out


class World:
    """The program, an authority, and the cache where upki would keep it."""

    def __init__(self, padlock, site, folder):
        self.program = peer("crlite-peer")
        self.padlock, self.site, self.authority = padlock, site, Authority(folder)
        self.upki = padlock.home / ".cache" / "upki"
        self.cache = self.upki / "revocation"

    def make_cache(self, newest):
        """As of that moment, and ten days before it: a base filter and a later one."""
        self.upki.mkdir(parents=True, exist_ok=True)

        def filter_of(name, high, revoked, good):
            coverage = [{"LogID": peer_base64(LOG), "MinTimestamp": newest - 60 * DAY, "MaxTimestamp": high, "MMD": 0,
                         "MinEntry": 0}]
            return {"name": name, "coverage": coverage, "issuers": [
                {"spki_hash": self.authority.spki_hash(), "revoked": revoked, "good": good, "more_revoked": 40,
                 "more_good": 900}]}
        description = {"generated_at": newest // 1000, "filters": [
            filter_of("base.filter", newest - 5 * DAY, [], [GOOD, REVOKED]), filter_of("later.delta", newest, [REVOKED], [GOOD])]}
        done = run(self.program, "make", self.upki, stdin=json.dumps(description).encode("ascii"))
        assert done.code == 0, done.said

    def visit(self, serial, *flags, verb="get", moment=None):
        """How `padlock VERB` ends before a server with a leaf of that serial number, twelve days old."""
        credential = self.authority.leaf(serial, moment or now() - 12 * DAY)
        with self.padlock.serve(self.site, "--cert", credential.chain, "--key", credential.key) as server:
            return self.padlock.run(verb, "--cacert", self.authority.root, *flags, server.url("/hello.txt"))

    def upki_says(self, serial):
        leaf, root = (self.authority.der(one) for one in [self.authority.folder / f"{serial}.pem", self.authority.root])
        return run(self.program, "chain", self.upki, leaf, root).text.strip()


def peer_base64(data):
    return run(peer("openssl"), "base64", "-A", stdin=data).text


@pytest.fixture
def world(fresh_padlock, site, tmp_path):
    return World(fresh_padlock, site, tmp_path)


def revocation_of(done):
    """The leaf's, of `get --json`."""
    path, = json.loads(done.err)["security"]["verdict"]["paths"]
    return path["revocation"][0]


def test_a_certificate_that_the_cache_revokes_is_refused(world):
    world.make_cache(now() - DAY)
    done = world.visit(REVOKED)
    assert done.code == 60 and "its certificate was revoked, says the CRLite filter of " in done.err, done.said
    assert "code x509.revocation.revoked" in done.err and done.out == b"", done.said
    assert world.upki_says(REVOKED) == "CertainlyRevoked"
    done = world.visit(REVOKED, verb="check")
    assert done.code == 3 and "bad      revocation    revoked, says the CRLite filter of " in done.text, done.said
    said = revocation_of(world.visit(REVOKED, "--json"))
    assert (said["state"], said["source"], said["why"]["code"]) == ("revoked", "crlite", "x509.revocation.revoked"), said
    assert world.visit(REVOKED, "--revocation", "off").code == 0


def test_a_certificate_that_the_cache_knows_as_good_passes(world):
    world.make_cache(now() - DAY)
    done = world.visit(GOOD, "-v")
    assert done.code == 0 and "good, says the CRLite filter of " in done.err, done.said
    assert world.upki_says(GOOD) == "NotRevoked"
    assert world.visit(GOOD, "--revocation", "hard").code == 0
    done = world.visit(GOOD, verb="check")
    assert done.code == 0 and "ok       revocation    good, says the CRLite filter of " in done.text, done.said
    said = revocation_of(world.visit(GOOD, "--json"))
    assert (said["state"], said["source"]) == ("good", "crlite") and "this_update" in said, said


def test_a_certificate_that_is_newer_than_the_cache_is_not_in_it(world):
    world.make_cache(now() - DAY)
    done = world.visit(NEW, verb="check", moment=now() - 1000)
    assert done.code == 0 and "not checked: " in done.text, done.said
    assert "the CRLite cache does not cover the certificate" in done.text, done.said
    assert world.upki_says(NEW) == "NotCoveredByRevocationData"


def test_without_a_cache_nothing_is_said_of_it(world):
    done = world.visit(REVOKED, "-v")
    assert done.code == 0 and "CRLite" not in done.said, done.said


def test_a_cache_that_is_too_old_says_good_of_nobody(world):
    world.make_cache(now() - 11 * DAY)
    done = world.visit(GOOD, "-v")
    assert done.code == 0 and "not checked: the CRLite filter is of " in done.err and "too old" in done.err, done.said
    assert world.visit(GOOD, "--revocation", "hard").code == 60
    done = world.visit(REVOKED)
    assert done.code == 60 and "revoked, says the CRLite filter of " in done.err, done.said


@pytest.mark.parametrize("file, damage", [
    ("index.bin", lambda data: data[:-1]), ("index.bin", lambda data: b"upkiidx9" + data[8:]), ("index.bin", lambda _: b""),
    ("base.filter", lambda data: data[:-1]), ("later.delta", lambda data: data + b"\0"), ("later.delta", lambda _: None)])
def test_a_damaged_cache_is_said_and_left(world, file, damage):
    world.make_cache(now() - DAY)
    path = world.cache / file
    data = damage(path.read_bytes())
    path.unlink()
    if data is not None:
        path.write_bytes(data)
    done = world.visit(GOOD, "-v")
    assert done.code == 0 and "not checked: the CRLite cache cannot be used: " in done.err and file in done.err, done.said
    assert "upki fetch" in done.err, done.said
    done = world.visit(GOOD, "--revocation", "hard")
    assert done.code == 60 and "code client.crlite.damaged" in done.err, done.said


def test_another_folder_may_be_named(world):
    world.make_cache(now() - DAY)
    elsewhere = world.padlock.home / "elsewhere"
    world.cache.rename(elsewhere)
    assert world.visit(REVOKED).code == 0
    assert world.visit(REVOKED, "--crlite", elsewhere).code == 60
