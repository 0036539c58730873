"""The interoperability matrix: which peers there are, and what each can do. tests/interop/test_matrix.py runs it.

A cell is one exchange: a peer in a role and a version, with a group, a suite and a kind of certificate, or with a feature.
TLS 1.2's suites stand under the names of TLS 1.3's, whose AEAD and hash they have. What a peer has not got stands in its row
with the reason, and is shown as "-". Nothing here needs pytest, so that tools/interop.py can print the matrix.
"""

from dataclasses import dataclass, field

GROUPS = ["X25519MLKEM768", "X25519", "P-256", "P-384", "P-521"]
SUITES = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"]
# Kinds of certificates: the chain of tests/pki/make.py, and the scheme that its key signs with.
KINDS = {
    "ECDSA P-256": ("good-ecdsa", "ecdsa_secp256r1_sha256"),
    "ECDSA P-384": ("good-p384", "ecdsa_secp384r1_sha384"),
    "ECDSA P-521": ("good-p521", "ecdsa_secp521r1_sha512"),
    "RSA-2048": ("good-rsa", "rsa_pss_rsae_sha256"),
    "Ed25519": ("good-ed25519", "ed25519"),
}
RETRY = "retry"  # HelloRetryRequest: the client's one share is for a group that the server does not take
# The registry spells what people know by other names.
REGISTRY = {"X25519": "x25519", "P-256": "secp256r1", "P-384": "secp384r1", "P-521": "secp521r1"}
# Features: a cell each.
TICKET = "ticket"            # a session goes on: by a PSK in TLS 1.3, by a ticket in TLS 1.2
SESSION_ID = "session ID"    # the same by what the server remembers
CLIENT_CERT = "client cert"  # that the server requires
EARLY_DATA = "0-RTT"
FEATURES = [TICKET, SESSION_ID, CLIENT_CERT, EARLY_DATA]
# Features of the policy `legacy`: a suite that has nothing else of it.
LEGACY = {
    "DHE": "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
    "static RSA": "TLS_RSA_WITH_AES_128_GCM_SHA256",
    "CBC": "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
}

CLASSICAL = GROUPS[1:]
SERVE_HAS_NO_P521 = "`padlock serve` takes P-521 only where a configuration names it, and has no flag for that"


@dataclass(frozen=True)
class Cell:
    row: "Row"
    group: str
    suite: str
    kind: str
    retry: tuple = ()  # as a client: the groups that it offers; as a server: the groups that it takes
    feature: str = ""

    def __str__(self):
        words = [self.row.peer, self.row.role, self.row.version]
        if self.feature:
            return "/".join(words + [self.feature])
        return "/".join(words + [self.group, self.suite, self.kind] + ([RETRY] if self.retry else []))

    @property
    def version(self):
        return self.row.version

    @property
    def registered_suite(self):
        """What the registry calls it: in TLS 1.2 the kind of key stands in the name."""
        if self.feature in LEGACY:
            return LEGACY[self.feature]
        if self.version == "1.3":
            return self.suite
        return f"TLS_ECDHE_{key_of(self.kind)}_WITH_{self.suite.removeprefix('TLS_')}"

    @property
    def offered(self):
        """The groups of the client's hello. In TLS 1.2 they are those of a certificate too (RFC 8422, section 5.1.1)."""
        curve = [self.kind.removeprefix("ECDSA ")] if self.version == "1.2" and self.kind.startswith("ECDSA") else []
        return tuple(dict.fromkeys([*(self.retry or [self.group]), *curve]))

    @property
    def twice(self):
        """The client comes again, and goes on from the session of its first connection."""
        return self.feature in (TICKET, SESSION_ID, EARLY_DATA)

    @property
    def server_feature(self):
        """What the peer's server must be started for; all others are for every suite and kind of session that it has."""
        return self.feature if self.feature in (SESSION_ID, CLIENT_CERT, EARLY_DATA) else ""


def key_of(kind):
    return "RSA" if kind.startswith("RSA") else "ECDSA"  # with Ed25519 too (RFC 8422, section 5.1.1)


def lacking(reason, *values):
    return dict.fromkeys(values, reason)


# What no row of a version has.
OF_VERSION = {
    "1.2": {**lacking("TLS 1.2 has no hybrid groups", "X25519MLKEM768"),
            **lacking("TLS 1.2 has no HelloRetryRequest", RETRY),
            **lacking("TLS 1.2 has no early data", EARLY_DATA)},
    "1.3": {**lacking("TLS 1.3 has tickets alone", SESSION_ID), **lacking("TLS 1.3 has left it behind", *LEGACY)},
}


@dataclass(frozen=True)
class Row:
    """A peer in a role. `lacks` gives the reason for each group, suite, kind or feature, or RETRY, that it has not got.

    debian: ./dev test runs all its cells; of the others it runs the first, and ./dev interop the rest.
    whole: each group with each suite; for peers that start in no time.
    """

    peer: str
    role: str
    debian: bool
    lacks: dict = field(default_factory=dict, hash=False)
    retry: tuple = ()
    whole: bool = True
    version: str = "1.3"

    def reason(self, value):
        """Why it has not got this; nothing where it has."""
        return self.lacks.get(value) or OF_VERSION[self.version].get(value)

    def has(self, values):
        return [value for value in values if not self.reason(value)]

    def pairs(self):
        """The groups and suites that are tried with each other."""
        groups, suites = self.has(GROUPS), self.has(SUITES)
        if self.whole:
            return [(group, suite) for group in groups for suite in suites]
        return [(group, suites[0]) for group in groups] + [(groups[0], suite) for suite in suites[1:]]

    def cells(self):
        return (self.cells12() if self.version == "1.2" else self.cells13()) + self.feature_cells()

    def cells12(self):
        """Groups and suites with RSA, which leaves all groups free; ECDSA with its own curve, if there is a choice."""
        groups, suites = self.has(GROUPS), self.has(SUITES)
        cells = [Cell(self, group, suite, "RSA-2048") for group, suite in self.pairs()]
        for at, kind in enumerate(self.has(KINDS)):
            own = kind.removeprefix("ECDSA ")
            if kind != "RSA-2048":
                cells.append(Cell(self, own if own in groups else groups[0], suites[at % len(suites)], kind))
        return cells

    def cells13(self):
        groups, suites, kinds = self.has(GROUPS), self.has(SUITES), self.has(KINDS)
        cells = [Cell(self, group, suite, kinds[0]) for group, suite in self.pairs()]
        cells += [Cell(self, groups[at % len(groups)], suites[at % len(suites)], kind)
                  for at, kind in enumerate(kinds) if at > 0]
        if not self.reason(RETRY):
            cells.append(Cell(self, self.retry[-1], suites[0], kinds[0], self.retry))
        return cells

    def feature_cells(self):
        """With RSA: the suites of LEGACY want it."""
        return [Cell(self, self.has(GROUPS)[0], self.has(SUITES)[0], "RSA-2048", feature=feature)
                for feature in self.has([*FEATURES, *LEGACY])]


# What several rows lack.
NO_HYBRID = lacking("this version has no X25519MLKEM768", "X25519MLKEM768")
NO_P521_HERE = lacking(SERVE_HAS_NO_P521, "P-521")
NO_P521_THERE = lacking("aws-lc-rs has no P-521 for the key exchange", "P-521")
NO_ED25519 = lacking("has no certificates with Ed25519", "Ed25519")
NO_EARLY_DATA = lacking("has no early data", EARLY_DATA)
GO_FOR_QUIC = lacking("crypto/tls has early data for QUIC alone", EARLY_DATA)
GO_OF_OLD = {**lacking("crypto/tls has no session IDs", SESSION_ID), **lacking("crypto/tls has no DHE", "DHE")}
NO_LEGACY = lacking("rustls has nothing of it", *LEGACY)
BROWSER = {
    **lacking("a browser's groups and suites are its own choice", *CLASSICAL, *SUITES[1:], RETRY),
    **lacking("browsers take no such certificate", "ECDSA P-521", "Ed25519"),
    **lacking("a browser asks its user which certificate to show", CLIENT_CERT),
}

ROWS = [
    # Clients before `padlock serve`, or before its engine where `serve` has no flag. To be retried, they send their one share
    # for a group that it does not take.
    Row("openssl", "client", True, {**NO_HYBRID, **NO_P521_HERE}, retry=("P-521", "X25519")),
    Row("gnutls", "client", True, {**NO_HYBRID, **NO_P521_HERE}, retry=("P-521", "P-256")),
    Row("nss", "client", True, {**NO_HYBRID, **NO_P521_HERE, **NO_ED25519}, retry=("P-521", "P-384")),
    Row("curl", "client", True, {**NO_HYBRID, **NO_P521_HERE, **NO_EARLY_DATA}, retry=("P-521", "P-256")),
    Row("python", "client", True,
        {**NO_HYBRID, **NO_P521_HERE, **NO_EARLY_DATA,
         **lacking("its ssl has no call for the suites of TLS 1.3", *SUITES[1:]),
         **lacking("its ssl offers one group", RETRY)}),
    Row("chromium", "client", True, BROWSER, whole=False),
    Row("node", "client", False, {**NO_HYBRID, **NO_P521_HERE, **NO_EARLY_DATA}, retry=("P-521", "X25519"), whole=False),
    Row("java", "client", False, {**NO_HYBRID, **NO_P521_HERE, **NO_EARLY_DATA}, retry=("P-521", "P-256"), whole=False),
    Row("go", "client", False,
        {**NO_P521_HERE, **GO_FOR_QUIC, **lacking("it has no setting for the suites of TLS 1.3", SUITES[1])},
        retry=("SecP384r1MLKEM1024", "X25519")),
    Row("rustls", "client", False, NO_P521_HERE, retry=("X25519", "X25519MLKEM768")),
    Row("firefox", "client", False, BROWSER, whole=False),
    # Servers before `padlock get`, or its engine; it offers one group and one suite. To retry, they take P-384 alone.
    Row("openssl", "server", True, NO_HYBRID, retry=("P-384",)),
    Row("gnutls", "server", True, NO_HYBRID, retry=("P-384",)),
    Row("nss", "server", True, {**NO_HYBRID, **NO_ED25519}, retry=("P-384",)),
    Row("nginx", "server", True, NO_HYBRID, retry=("P-384",)),
    Row("python", "server", True, {**NO_HYBRID, **NO_EARLY_DATA}, retry=("P-384",)),
    Row("node", "server", False, {**NO_HYBRID, **NO_EARLY_DATA}, retry=("P-384",)),
    Row("java", "server", False, {**NO_HYBRID, **NO_EARLY_DATA}, retry=("P-384",)),
    Row("go", "server", False, GO_FOR_QUIC, retry=("P-384",)),
    Row("rustls", "server", False, NO_P521_THERE, retry=("P-384",)),
    # The same in TLS 1.2, and Botan, which has no other version here.
    Row("openssl", "client", True, NO_P521_HERE, version="1.2"),
    Row("gnutls", "client", True, NO_P521_HERE, version="1.2"),
    Row("nss", "client", True, {**NO_P521_HERE, **NO_ED25519}, version="1.2"),
    Row("curl", "client", True, {**NO_P521_HERE, **lacking("it asks for no ticket in TLS 1.2", TICKET)}, version="1.2"),
    Row("python", "client", True,
        {**NO_P521_HERE,
         **lacking("its ssl offers one group, and there is none for both the exchange and this certificate",
                   "ECDSA P-521")}, version="1.2"),
    Row("botan", "client", False,
        {**NO_P521_HERE, **NO_ED25519, **lacking("its tls_client has no flag for a certificate", CLIENT_CERT)},
        version="1.2"),
    Row("node", "client", False, NO_P521_HERE, whole=False, version="1.2"),
    Row("java", "client", False, NO_P521_HERE, whole=False, version="1.2"),
    Row("go", "client", False, {**NO_P521_HERE, **GO_OF_OLD}, version="1.2"),
    Row("rustls", "client", False, {**NO_P521_THERE, **NO_LEGACY, **lacking(NO_P521_THERE["P-521"], "ECDSA P-521")},
        version="1.2"),
    Row("openssl", "server", True, version="1.2"),
    Row("gnutls", "server", True, version="1.2"),
    Row("nss", "server", True, NO_ED25519, version="1.2"),
    Row("nginx", "server", True, version="1.2"),
    Row("python", "server", True, lacking("it forgets a session whose connection it ends without close_notify, as all of "
                                          "http.server's are", SESSION_ID), version="1.2"),
    Row("botan", "server", False,
        {**NO_ED25519, **lacking("its tls_server makes no tickets", TICKET),
         **lacking("its tls_server asks for no certificate", CLIENT_CERT)}, version="1.2"),
    Row("node", "server", False, version="1.2"),
    Row("java", "server", False, version="1.2"),
    Row("go", "server", False, GO_OF_OLD, version="1.2"),
    Row("rustls", "server", False, {**NO_P521_THERE, **NO_LEGACY}, version="1.2"),
]
