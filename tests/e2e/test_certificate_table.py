"""What `padlock get`, curl and Chromium make of servers whose certificates have one fault each.

Where they do not agree with us, the row says why. The table is printed at the end.
"""

import json
import re
from dataclasses import dataclass, field

import pytest

from peers.browser import chromium, make_nss_home
from peers.process import peer, run
from peers.servers import Page

LOCKED = r"\[locked\] localhost - TLS 1\.3, \w+ - root \(given\) - valid until 2126-01-01 00:00 UTC"
NOT_CHECKED = "revoked  not checked: the certificate names no CRL and no OCSP responder"
DATES, AUTHORITY, INVALID = "net::ERR_CERT_DATE_INVALID", "net::ERR_CERT_AUTHORITY_INVALID", "net::ERR_CERT_INVALID"
CURL_ASKS_NOBODY = "curl fetches neither lists nor responses nor issuers"
CHROMIUM_ASKS_NOBODY = "Chromium fetches neither lists nor responses unless a policy says so"


@dataclass
class Row:
    """A server of peers/faulty.py, and what each client makes of it."""

    server: str
    code: str = ""                # of our rule; empty: accepted
    line: str = LOCKED            # the first line of what we say: a regular expression
    says: str = ""                # further words of ours
    asks: list = field(default_factory=list)  # what we ask the CA
    flags: list = field(default_factory=list)
    curl: int = 0                 # exit code
    curl_flags: list = field(default_factory=list)
    chromium: str = "loaded"
    chromium_asks: list = field(default_factory=list)
    why: list = field(default_factory=list)  # curl or Chromium does not agree

    def __str__(self):
        return " ".join([self.server, *self.flags])


def refused(server, code, line, **more):
    return Row(server, code, r"\[BROKEN\] localhost: " + line, **more)


ROWS = [
    Row("good", says=NOT_CHECKED),
    refused("expired", "x509.validity.expired", r"its certificate expired \d+ days ago \(notAfter 2021-01-01 00:00:00 UTC\)",
            curl=60, chromium=DATES),
    refused("not yet valid", "x509.validity.not_yet_valid",
            r"its certificate is valid only in \d+ days \(notBefore 2125-01-01 00:00:00 UTC\)", curl=60, chromium=DATES),
    refused("wrong host", "x509.name.mismatch", r"its certificate is for other\.test, not for localhost",
            curl=60, chromium="net::ERR_CERT_COMMON_NAME_INVALID"),
    refused("self-signed", "x509.path.self_signed", "its certificate is signed by itself alone", curl=60, chromium=AUTHORITY),
    refused("below unknown root", "x509.path.unknown_issuer", "nothing trusted here is known as CN=unknown root",
            curl=60, chromium=AUTHORITY),
    refused("intermediate left out", "x509.path.unknown_issuer", "nothing trusted here is known as CN=issuing CA",
            curl=60, chromium=AUTHORITY),
    Row("intermediate left out, named",
        says="note     the server leaves out the intermediate issuing CA, which was fetched from ",
        asks=["GET /issuing_CA.crt"], curl=60, chromium_asks=["GET /issuing_CA.crt"], why=[CURL_ASKS_NOBODY]),
    refused("listed", "x509.revocation.revoked",
            r"its certificate was revoked [\d-]+ \(keyCompromise\), says the CRL of CN=issuing CA, of [\d-]+",
            asks=["GET /list.crl"], why=[CURL_ASKS_NOBODY, CHROMIUM_ASKS_NOBODY]),
    Row("not listed", says="revoked  good, says the CRL of ", asks=["GET /list.crl"]),
    Row("silent list", says="revoked  not checked: 127.0.0.1:", asks=["GET /silent.crl"]),
    refused("silent list", "x509.revocation.no_answer", "whether it was revoked is not known: ",
            flags=["--revocation", "hard"], asks=["GET /silent.crl"], why=[CURL_ASKS_NOBODY, CHROMIUM_ASKS_NOBODY]),
    refused("responder says revoked", "x509.revocation.revoked",
            r"its certificate was revoked [\d-]+ \(keyCompromise\), says the OCSP response for CN=issuing CA, of [\d-]+",
            asks=["POST /responder_says_revoked.ocsp"], why=[CURL_ASKS_NOBODY, CHROMIUM_ASKS_NOBODY]),
    Row("responder says good", says="revoked  good, says the OCSP response of ", asks=["POST /responder_says_good.ocsp"]),
    refused("revoked staple", "x509.revocation.revoked",
            r"its certificate was revoked [\d-]+ \(keyCompromise\), says the stapled OCSP response for CN=issuing CA, of ",
            curl=91, curl_flags=["--cert-status"], chromium="net::ERR_CERT_REVOKED"),
    refused("must-staple, none", "x509.revocation.must_staple",
            "whether it was revoked is not known: the certificate demands a stapled OCSP response, none was sent",
            curl=91, curl_flags=["--cert-status"], why=["Chromium does not know RFC 7633"]),
    Row("must-staple, good", says="revoked  good, says the stapled OCSP response of ", curl_flags=["--cert-status"]),
    refused("outside constraints", "x509.path.name_constraint",
            "localhost is not among the permitted names, says CN=constrained", curl=60, chromium=INVALID),
    refused("RSA of 1024 bits", "x509.certificate.unsupported_key", "an RSA key of 1024 bits",
            curl=60, why=["Chromium takes 1024 bits below a root that its user has added"]),
    refused("SHA-1", "x509.path.weak_signature", "it is signed with ", curl=60, chromium=INVALID),
    refused("unknown critical", "x509.extension.unknown_critical", r"it demands 1\.2\.3\.4\.5, which Padlock does not know",
            curl=60, chromium=INVALID),
]


rows = pytest.mark.parametrize("row", ROWS, ids=str)


@pytest.fixture(scope="module")
def seen(request):
    """What each client made of each row, printed as a table once all have seen theirs."""
    table = {str(row): {} for row in ROWS}
    yield table
    with request.config.pluginmanager.get_plugin("capturemanager").global_and_fixture_disabled():
        print("", *(line_of(row, table[str(row)]) for row in ROWS), sep="\n")


def line_of(row, outcomes):
    ours, by_curl, theirs = (outcomes.get(client, "-") for client in ["padlock", "curl", "chromium"])
    return f"{row!s:32} {ours:34} curl {by_curl!s:2}  {theirs:37} {agreement(row, outcomes)}"


def agreement(row, outcomes):
    """As it was seen, not as the row has it."""
    if len(outcomes) < 3:
        return "not all have looked"
    accepted = {outcomes["padlock"] == "accepted", outcomes["curl"] == 0, outcomes["chromium"] == "loaded"}
    return "agreed" if len(accepted) == 1 else "; ".join(row.why) or "nobody knows why"


@pytest.fixture(scope="module")
def browser(faulty, tmp_path_factory):
    """Chromium in a home whose NSS store holds the root; no flag of it speaks of certificates."""
    peer("chromium")
    home = make_nss_home(tmp_path_factory.mktemp("browser"), faulty.root)
    with chromium(home, home) as one:
        yield one


@rows
def test_padlock(row, faulty, fresh_padlock, seen):
    with faulty.serving(row.server) as url, faulty.asked(row.asks):
        done = fresh_padlock.get("--cacert", faulty.root, "--json", *row.flags, url)
    security = json.loads(done.err.splitlines()[-1])["security"]
    code = security["error"]["code"] if "error" in security else ""
    seen[str(row)]["padlock"] = code or "accepted"
    assert (done.code, code, done.out) == (60 if row.code else 0, row.code, b"" if row.code else Page.page), done.err
    assert security["level"] == ("broken" if row.code else "locked")
    if "verdict" in security:  # there is none of a leaf that cannot be read
        assert (security["verdict"]["trusted"], security["verdict"].get("error", {}).get("code", "")) == (not row.code, code)


@rows
def test_padlock_in_words(row, faulty, fresh_padlock):
    with faulty.serving(row.server) as url:
        done = fresh_padlock.get("--cacert", faulty.root, *row.flags, url)
    first, _, rest = done.err.partition("\n")
    assert re.match(row.line, first) and row.says in rest, done.err
    assert ("code " in rest) == bool(row.code) and ("  next " in rest) == bool(row.code), done.err


@rows
def test_curl(row, faulty, seen):
    with faulty.serving(row.server) as url, faulty.asked([]):
        done = curl(faulty, url, *row.curl_flags)
    seen[str(row)]["curl"] = done.code
    assert (done.code, done.out) == (row.curl, b"" if row.curl else Page.page), done.err


@rows
def test_chromium(row, faulty, browser, seen):
    with faulty.serving(row.server) as url, faulty.asked(row.chromium_asks):
        outcome = browser.outcome_of(url)
    seen[str(row)]["chromium"] = outcome
    assert outcome == row.chromium


@rows
def test_the_row_says_who_does_not_agree(row):
    against = {"curl": bool(row.curl) != bool(row.code), "Chromium": (row.chromium != "loaded") != bool(row.code)}
    assert {name: any(why.startswith(f"{name} ") for why in row.why) for name in against} == against


@pytest.mark.parametrize("server", ["revoked staple", "must-staple, none"])
def test_curl_looks_at_staples_only_when_told(server, faulty):
    with faulty.serving(server) as url:
        assert curl(faulty, url).code == 0


def curl(faulty, url, *flags):
    return run(peer("curl"), "-q", "-sS", "--noproxy", "*", "--cacert", faulty.root, *flags, url)
