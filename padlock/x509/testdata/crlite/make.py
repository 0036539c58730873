#!/usr/bin/env python3
"""Makes the cache in this folder, and what upki and clubcard-crlite say of it: `make.py PEER`, where PEER is the program
of tests/peers/crlite (`./dev setup --peers` puts it into build/peers/bin). Filters differ from run to run."""
import base64
import hashlib
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
RANDOM = random.Random(6962)


def digest(text):
    return hashlib.sha256(text.encode("ascii")).digest()


def moment(day):
    return 1_793_000_000_000 + day * 86_400_000  # 2026-10-26


LOG_A, LOG_B, LOG_C, LOG_UNKNOWN = (digest(f"log {name}") for name in "ABCU")
# Inverted and without revocations are the second and third; the fourth is new; nobody enrolls the last.
ISSUER, INVERTED, SPOTLESS, NEW, FOREIGN = (digest(f"issuer {name}").hex() for name in "XYZNF")


def serials(count):
    return [bytes([RANDOM.choice([1, 2, 0x51])] + [RANDOM.randrange(256) for _ in range(15)]).hex() for _ in range(count)]


def coverage(*intervals):
    return [{"LogID": base64.b64encode(log).decode("ascii"), "MinTimestamp": moment(low), "MaxTimestamp": moment(high),
             "MMD": 0, "MinEntry": 0} for log, low, high in intervals]


TWICE = "dd"  # both revoked and not, which the equations cannot say: an exception
REVOKED = [*serials(30), "00ff" + "17" * 14, "01", "00", TWICE]
GOOD = [*serials(40), "00fe" + "17" * 14, "02"]
LATER_REVOKED = serials(5)
INVERTED_REVOKED, INVERTED_GOOD = serials(20), serials(12)
SPOTLESS_GOOD = serials(6)
NEW_REVOKED, NEW_GOOD = serials(3), serials(6)

DESCRIPTION = {"generated_at": moment(31) // 1000, "filters": [
    {"name": "20261115-0-default.filter", "coverage": coverage((LOG_A, 0, 20), (LOG_B, 0, 20)), "issuers": [
        {"spki_hash": ISSUER, "revoked": REVOKED, "good": [*GOOD, TWICE], "more_revoked": 1500, "more_good": 30000},
        {"spki_hash": INVERTED, "revoked": INVERTED_REVOKED, "good": INVERTED_GOOD, "more_revoked": 2000, "more_good": 300,
         "inverted": True},
        {"spki_hash": SPOTLESS, "revoked": [], "good": SPOTLESS_GOOD, "more_good": 20}]},
    {"name": "20261125-1-default.delta", "coverage": coverage((LOG_A, 0, 30), (LOG_C, 20, 30)), "issuers": [
        {"spki_hash": ISSUER, "revoked": LATER_REVOKED, "good": [*GOOD, *REVOKED[:20]], "more_good": 500},
        {"spki_hash": NEW, "revoked": NEW_REVOKED, "good": NEW_GOOD, "more_good": 50}]}]}


def questions():
    def about(issuer, names, *timestamps):
        pairs = ",".join(f"{log.hex()}:{time}" for log, time in timestamps)
        return [f"{issuer} {name} {pairs or '-'}" for name in names]
    more = [f"{first:02x}{number:016x}" for first in (0x7e, 0x7f) for number in (0, 1, 63, 64, 250, 299, 1498, 1499)]
    return [
        *about(ISSUER, [*REVOKED, *more], (LOG_B, moment(3))),
        *about(ISSUER, GOOD, (LOG_A, moment(20)), (LOG_B, moment(0))),
        *about(ISSUER, LATER_REVOKED, (LOG_C, moment(25))),
        *about(ISSUER, [*LATER_REVOKED, *REVOKED[:5]], (LOG_A, moment(10))),
        *about(INVERTED, [*INVERTED_REVOKED, *INVERTED_GOOD, *more], (LOG_B, moment(0))),
        *about(SPOTLESS, SPOTLESS_GOOD, (LOG_A, moment(7))),
        *about(NEW, [*NEW_REVOKED, *NEW_GOOD], (LOG_A, moment(30)), (LOG_UNKNOWN, moment(5))),
        *about(ISSUER, REVOKED[:1]),
        *about(ISSUER, REVOKED[:1], (LOG_UNKNOWN, moment(3))),
        *about(ISSUER, REVOKED[:1], (LOG_A, moment(30) + 1)),
        *about(ISSUER, REVOKED[:1], (LOG_A, moment(0) - 1)),
        *about(ISSUER, REVOKED[:1], (LOG_B, moment(20) + 1), (LOG_C, moment(20) - 1)),
        *about(ISSUER, REVOKED[:1], (LOG_A, 0), (LOG_A, 2**64 - 1)),
        *about(ISSUER, ["ff" + "17" * 14], (LOG_B, moment(3))),  # without the leading 00 of the revoked one
        *about(FOREIGN, ["01"], (LOG_A, moment(10))),
        *about(FOREIGN, ["01"], (LOG_B, moment(10))),
        *about(NEW, NEW_REVOKED[:1], (LOG_B, moment(1))),
        *about(INVERTED, INVERTED_REVOKED[:1], (LOG_C, moment(22)))]


def main(peer):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([peer, "make", folder], input=json.dumps(DESCRIPTION).encode("ascii"), check=True)
        for name in ["index.bin", *(one["name"] for one in DESCRIPTION["filters"])]:
            shutil.copy(pathlib.Path(folder) / "revocation" / name, HERE / name)
        asked = "\n".join(questions()) + "\n"
        said = subprocess.run([peer, "check", folder], input=asked.encode("ascii"), check=True, stdout=subprocess.PIPE)
    lines = zip(asked.splitlines(), said.stdout.decode("ascii").splitlines(), strict=True)
    (HERE / "answers.txt").write_text("".join(f"{question} {answer}\n" for question, answer in lines), "ascii")


main(sys.argv[1])
