"""The cells of tests/peers/matrix.py. `./dev interop` runs all and prints the matrix.

In each cell 100 KiB come over whole, and what was negotiated is read on our side, and on the peer's as far as it tells.
"""

import json
import os
import re
from hashlib import sha256

import pytest

from peers.clients import CLIENTS
from peers.matrix import KINDS, REGISTRY, ROWS

ALL = os.environ.get("PADLOCK_INTEROP") == "all"
CELLS = [cell for row in ROWS for cell in (row.cells() if row.debian or ALL else row.cells()[:1])]


def cells(role):
    return pytest.mark.parametrize("cell", [cell for cell in CELLS if cell.row.role == role], ids=str)


@cells("client")
def test_client(cell, lab):
    target = f"/body.txt?{lab.count()}"
    ours = lab.serving(cell.kind)
    fetched = CLIENTS[cell.row.peer](lab, ours, target, cell)
    assert fetched.digest == sha256(lab.body).hexdigest()
    logged = ours.until_logs(rf'"GET {re.escape(target)}" 200 .* TLS {re.escape(cell.version)} (.*)$')[1]
    suite, group, scheme, *more = logged.split()
    assert (suite, group) == (cell.registered_suite, registered(cell.group))
    assert scheme in signed_by(cell) and more == (["retried"] if cell.retry else [])
    truth = {"group": cell.group, "suite": suite, "scheme": scheme, "retried": str(bool(cell.retry)).lower(),
             "resumed": "false"}
    assert fetched.told == {what: truth[what] for what in fetched.told}


@cells("server")
def test_server(cell, lab):
    server = lab.server(cell.row.peer, cell.kind, cell.retry, cell.version)
    groups = [] if cell.retry else ["--groups", ",".join(cell.offered)]
    fetch = FETCH.get(cell.row.peer, fetch_file)
    done, body = fetch(lab, server.port, "--json", "--tls", cell.version, "--cipher-suites", cell.registered_suite, *groups)
    assert sha256(body).hexdigest() == sha256(lab.body).hexdigest()
    tls = json.loads(done.err.splitlines()[-1])["security"]["tls"]
    assert (tls["version"], tls["cipher_suite"]) == (f"TLS {cell.version}", cell.registered_suite)
    assert tls["group"] == registered(cell.group)
    assert tls["hello_retry_request"] == bool(cell.retry)
    assert tls["signature_scheme"] in signed_by(cell)


def signed_by(cell):
    """The schemes that this kind's key may sign with: RSA does so with any hash, which is the signer's choice. In TLS 1.2
    also in the older way, and an ECDSA scheme's hash says nothing of the curve (RFC 5246, section 7.4.1.4.1)."""
    scheme, sizes = KINDS[cell.kind][1], ["256", "384", "512"]
    if cell.kind == "RSA-2048":
        ways = ["rsa_pss_rsae_sha", *(["rsa_pkcs1_sha"] if cell.version == "1.2" else [])]
        return [way + size for way in ways for size in sizes]
    if cell.version == "1.2" and cell.kind.startswith("ECDSA"):
        return [one for _, one in KINDS.values() if one.startswith("ecdsa")]
    return [scheme]


def registered(group):
    return REGISTRY.get(group, group)


def fetch_file(lab, port, *flags, folder=""):
    done = lab.padlock.get("--cacert", lab.roots, f"https://localhost:{port}{folder}/body.txt", *flags)
    assert done.code == 0, done.err
    return done, done.out


def fetch_by_whole_path(lab, port, *flags):
    """selfserv takes a target for a path of its machine."""
    return fetch_file(lab, port, *flags, folder=lab.pages)


def fetch_echo(lab, port, *flags):
    """gnutls-serv has no files, but its page repeats the request: the body goes there and comes back."""
    half = len(lab.body) // 2
    fields = [f"X-Half: {lab.body[:half].decode('ascii')}", f"X-Half: {lab.body[half:].decode('ascii')}"]
    done = lab.padlock.get("--cacert", lab.roots, f"https://localhost:{port}/", "-H", fields[0], "-H", fields[1], *flags)
    assert done.code == 0, done.err
    return done, b"".join(re.findall(rb"X-Half: (\w+)", done.out))


FETCH = {"gnutls": fetch_echo, "nss": fetch_by_whole_path}
