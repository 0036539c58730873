"""The cells of tests/peers/matrix.py. `./dev interop` runs all and prints the matrix.

In each cell 100 KiB come over whole, and what was negotiated is read on our side, and on the peer's as far as it tells.
"""

import json
import os
import re
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from hashlib import sha256
from types import SimpleNamespace

import pytest

from peers.clients import CLIENTS
from peers.matrix import CLIENT_CERT, EARLY_DATA, KINDS, LEGACY, REGISTRY, ROWS, SESSION_ID, TICKET
from peers.process import until
from peers.wire import Recorder, listening

ALL = os.environ.get("PADLOCK_INTEROP") == "all"
CELLS = [cell for row in ROWS for cell in (row.cells() if row.debian or ALL else row.cells()[:1])]
BROWSERS = ["chromium", "firefox"]
ONCE = ["openssl", "rustls"]  # their servers take a ticket once


def cells(role, *features):
    chosen = [cell for cell in CELLS if cell.row.role == role and cell.feature in (features or [""])]
    return pytest.mark.parametrize("cell", chosen, ids=str)


@pytest.fixture(scope="module", autouse=True)
def slow_starters(lab):
    """selfserv takes no early data in its first ten seconds, so it starts before all else. Its cell tells of a failure."""
    for cell in CELLS:
        if (cell.row.peer, cell.row.role, cell.feature) == ("nss", "server", EARLY_DATA):
            with suppress(AssertionError, pytest.skip.Exception):
                lab.server(cell)


# ---- clients ---------------------------------------------------------------------------------------------------------

def visit(lab, cell, ours, own=None):
    """The target that the cell's client has fetched, and what it was told."""
    target = f"/body.txt?{lab.count()}"
    fetched = CLIENTS[cell.row.peer](lab, ours, target, cell, own)
    assert fetched.digest == sha256(lab.body).hexdigest()
    return target, fetched.told


def check_told(told, cell, **different):
    truth = {"group": cell.group, "suite": cell.registered_suite, "retried": str(bool(cell.retry)).lower(),
             "resumed": "false", "early": "none", **different}
    assert told == {what: truth[what] for what in told}


def logged(ours, target, cell):
    """What `padlock serve` says of the connection: suite, group and more, as far as there is some."""
    return ours.until_logs(rf'"GET {re.escape(target)}" 200 .* TLS {re.escape(cell.version)} (.*)$')[1].split()


@cells("client")
def test_client(cell, lab):
    ours = lab.serving(cell.kind)
    target, told = visit(lab, cell, ours)
    suite, group, scheme, *more = logged(ours, target, cell)
    assert (suite, group) == (cell.registered_suite, registered(cell.group))
    assert scheme in signed_by(cell) and more == (["retried"] if cell.retry else [])
    check_told(told, cell, scheme=scheme)


@cells("client", *LEGACY)
def test_legacy_client(cell, lab):
    """Static RSA has no group, and signs nothing."""
    ours = lab.serving(cell.kind, "legacy")
    target, told = visit(lab, cell, ours)
    suite, *more = logged(ours, target, cell)
    assert suite == cell.registered_suite
    assert more == [] if cell.feature == "static RSA" else more[1] in signed_by(cell)
    check_told(told, cell)


@cells("client", TICKET, SESSION_ID)
def test_client_goes_on(cell, lab):
    """In a session that goes on nothing is signed. Each worker of `padlock serve` remembers sessions of its own, the engine's
    server has one memory; and browsers keep their connection where the server does not end it."""
    if cell.feature == SESSION_ID or cell.row.peer in BROWSERS:
        ours = lab.serving_engine(cell)
        target, told = visit(lab, cell, ours)
        ours.until_logs(rf"^GET {re.escape(target)} \w+ resumed=true ")
    else:
        ours = lab.serving(cell.kind)
        target, told = visit(lab, cell, ours)
        group = f" {registered(cell.group)}" if cell.version == "1.3" else ""
        ours.until_logs(rf'"GET {re.escape(target)}" 200 .* {cell.registered_suite}{group}$')
    check_told(told, cell, resumed="true")


@cells("client", CLIENT_CERT)
def test_client_shows_its_certificate(cell, lab):
    ours = lab.serving_engine(cell)
    target, told = visit(lab, cell, ours, lab.clients.credentials["ECDSA"])
    ours.until_logs(rf"^GET {re.escape(target)} late resumed=false early=none client=ECDSA$")
    check_told(told, cell)
    with growing(ours, "failed: tls.certificate.required"):
        with pytest.raises((AssertionError, OSError, ValueError)):
            visit(lab, cell, ours)


@contextmanager
def growing(ours, words):
    """The server says these words once more than before."""
    before = ours.said.count(words)
    yield
    ours.until(lambda: ours.said.count(words) > before, f"it says {words!r}")


@cells("client", EARLY_DATA)
def test_client_sends_early_data(cell, lab):
    """The request is read before the handshake is complete. Whoever says a copied flight again is not heard."""
    ours = lab.serving_engine(cell)
    recorder = Recorder(ours.port)
    with listening(recorder) as port:
        target, told = visit(lab, cell, SimpleNamespace(port=port, until_logs=ours.until_logs))
    ours.until_says(rf"^GET {re.escape(target)} early resumed=true early=accepted ")
    check_told(told, cell, resumed="true", early="accepted")
    heard, lines = ours.said.count(f"GET {target} early"), ours.said.count("\n")
    with growing(ours, "resumed=true early=rejected"):
        recorder.say_again()
    ours.until(lambda: ours.said.count("\n") >= lines + len(recorder.flights), "it has done with all flights")
    assert ours.said.count(f"GET {target} early") == heard


# ---- servers ---------------------------------------------------------------------------------------------------------

@cells("server")
def test_server(cell, lab):
    offered = {} if cell.retry else {"groups": ",".join(cell.offered)}
    tls = fetch(lab, cell, **offered, **{"cipher-suites": cell.registered_suite})
    assert (tls["version"], tls["cipher_suite"]) == (f"TLS {cell.version}", cell.registered_suite)
    assert tls["group"] == registered(cell.group)
    assert tls["hello_retry_request"] == bool(cell.retry)
    assert tls["signature_scheme"] in signed_by(cell)


@cells("server", *LEGACY)
def test_legacy_server(cell, lab):
    tls = fetch(lab, cell, policy="legacy", **{"cipher-suites": cell.registered_suite})
    assert (tls["version"], tls["cipher_suite"]) == ("TLS 1.2", cell.registered_suite)
    assert ("signature_scheme" in tls) == (cell.feature != "static RSA")


@cells("server", TICKET, SESSION_ID)
def test_server_goes_on(cell, lab):
    if cell.row.peer in WITHOUT_REDIRECT:
        done, told = visit_by_engine(lab, cell, 2)
        assert told["resumed"] == "true"
        assert told["session"] == ("id" if cell.feature == SESSION_ID else "ticket")
        assert done.out.count(PAGES.get(cell.row.peer, lab.body)) == 2
    else:
        done, report = get(lab, cell, "-L", path="/again")
        assert done.out == lab.body
        assert len(report["redirects"]) == 1 and report["security"]["tls"]["resumed"]


@cells("server", CLIENT_CERT)
def test_server_takes_our_certificate(cell, lab):
    """Each kind of key that it knows; and without a certificate there is no page."""
    for kind, own in lab.clients.credentials.items():
        if not cell.row.reason(kind):
            fetch(lab, cell, cert=own.chain, key=own.key)
    done = get_url(lab, cell, path_of(lab, cell), "-f")
    assert done.code != 0 and not done.out, done.said


@cells("server", EARLY_DATA)
def test_server_takes_early_data(cell, lab):
    """The second and the third connection have the same session. A server that takes it once refuses the third's early
    data; the request is read all the same."""
    done = EARLY.get(cell.row.peer, request_early)(lab, cell)
    last = "rejected" if cell.row.peer in ONCE else "accepted"
    assert re.findall(r" early=(\w+)", done.err) == ["none", "accepted", last]


def request_early(lab, cell, how="all"):
    """The pages come though their requests were said as early data alone."""
    done, _ = visit_by_engine(lab, cell, 3, early=how)
    assert done.out.count(lab.body) == 3
    return done


def request_early_of_openssl(lab, cell):
    """s_server shows early data as such, and says what we type: there is no page with -early_data."""
    server = lab.server(cell)
    with ThreadPoolExecutor() as pool:
        asking = pool.submit(visit_by_engine, lab, cell, 3, early="all")
        for number in range(1, 4):
            server.until(lambda number=number: server.out.count("GET ") == number, "the request")
            server.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n")
        done, _ = asking.result()
    assert server.out.count("Early data received:") == 1
    assert done.out.count(b"hello\n") == 3
    return done


def request_early_of_gnutls(lab, cell):
    """gnutls-serv reads early data, and then reads over it: it answers what comes after the handshake."""
    done, _ = visit_by_engine(lab, cell, 3, early="line")
    assert done.out.count(b"Your HTTP header was:<PRE>Host: ") == 1
    assert done.out.count(b"<H1>Method Not Implemented</H1>") == 2
    return done


def request_early_of_nss(lab, cell):
    """selfserv ends the connection without waiting for our Finished, if it has the whole request before."""
    return until(lambda: not_rejected(request_early(lab, cell, "line")) or time.sleep(0.2), "its first ten seconds are over")


def not_rejected(done):
    return None if " early=rejected" in done.err else done


EARLY = {"openssl": request_early_of_openssl, "gnutls": request_early_of_gnutls, "nss": request_early_of_nss}


# ---- how servers are asked -------------------------------------------------------------------------------------------

WITHOUT_REDIRECT = ["openssl", "gnutls", "nss", "botan"]
PAGES = {"gnutls": b"HTTP/1.0 200 OK\r\n"}


def path_of(lab, cell):
    """selfserv takes a target for a path of its machine."""
    return f"{lab.pages}/body.txt" if cell.row.peer == "nss" else "/body.txt"


def get_url(lab, cell, path, *flags):
    return lab.padlock.get("--cacert", lab.roots, "--tls", cell.version, *flags,
                           f"https://localhost:{lab.server(cell).port}{path}")


def get(lab, cell, *flags, path=None):
    done = get_url(lab, cell, path or path_of(lab, cell), "--json", *flags)
    assert done.code == 0, done.err
    return done, json.loads(done.err.splitlines()[-1])


def fetch(lab, cell, **options):
    """The body by `padlock get` with these flags; what was negotiated."""
    if cell.row.peer == "botan":
        return fetch_echo_by_engine(lab, cell, options)
    flags = [word for name, value in options.items() for word in (f"--{name}", value)]
    if cell.row.peer == "gnutls":
        done, report = get(lab, cell, *flags, *fields_of_body(lab), path="/")
        body = b"".join(re.findall(rb"X-Half: (\w+)", done.out))
    else:
        done, report = get(lab, cell, *flags)
        body = done.out
    assert sha256(body).hexdigest() == sha256(lab.body).hexdigest()
    return report["security"]["tls"]


def fields_of_body(lab):
    """gnutls-serv has no files, but its page repeats the request: the body goes there and comes back."""
    half = len(lab.body) // 2
    return [word for piece in (lab.body[:half], lab.body[half:]) for word in ("-H", f"X-Half: {piece.decode('ascii')}")]


def fetch_echo_by_engine(lab, cell, options):
    """Botan's tls_server speaks no HTTP, but says all that it hears."""
    names = {"cipher-suites": "suites"}
    done, told = visit_by_engine(lab, cell, 1, **{names.get(name, name): value for name, value in options.items()})
    assert done.out == lab.body + b"\n"
    tls = {"version": f"TLS {cell.version}", "cipher_suite": told["suite"], "group": told["group"],
           "hello_retry_request": told["retried"] == "true"}
    return tls if told["scheme"] == "none" else {**tls, "signature_scheme": told["scheme"]}


def visit_by_engine(lab, cell, times, **words):
    """So many connections, of which each but the first goes on from the first."""
    echo = {"echo": lab.pages / "body.txt"} if cell.row.peer == "botan" else {}
    return lab.engine.get(lab.roots, lab.server(cell).port, [path_of(lab, cell)] * times, version=cell.version, **echo,
                          **words)


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
