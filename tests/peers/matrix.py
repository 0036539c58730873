"""The interoperability matrix: which peers there are, and what each can do. tests/interop/test_matrix.py runs it.

A cell is one exchange: a peer in a role, a group, a suite and a kind of certificate. What a peer has not got stands in
its row with the reason, and is shown as "-". Nothing here needs pytest, so that tools/interop.py can print the matrix.
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

CLASSICAL = GROUPS[1:]
SERVE_HAS_NO_P521 = "`padlock serve` takes P-521 only where a configuration names it, and has no flag for that"


@dataclass(frozen=True)
class Cell:
    row: "Row"
    group: str
    suite: str
    kind: str
    retry: tuple = ()  # as a client: the groups that it offers; as a server: the groups that it takes

    def __str__(self):
        words = [self.row.peer, self.row.role, self.group, self.suite, self.kind]
        return "/".join(words + ([RETRY] if self.retry else []))


@dataclass(frozen=True)
class Row:
    """A peer in a role. `lacks` gives the reason for each group, suite, kind, or RETRY, that it has not got.

    debian: ./dev test runs all its cells; of the others it runs the first, and ./dev interop the rest.
    whole: each group with each suite; for peers that start in no time.
    """

    peer: str
    role: str
    debian: bool
    lacks: dict = field(default_factory=dict, hash=False)
    retry: tuple = ()
    whole: bool = True

    def has(self, values):
        return [value for value in values if value not in self.lacks]

    def cells(self):
        groups, suites, kinds = self.has(GROUPS), self.has(SUITES), self.has(KINDS)
        if self.whole:
            pairs = [(group, suite) for group in groups for suite in suites]
        else:
            pairs = [(group, suites[0]) for group in groups] + [(groups[0], suite) for suite in suites[1:]]
        cells = [Cell(self, group, suite, kinds[0]) for group, suite in pairs]
        cells += [Cell(self, groups[at % len(groups)], suites[at % len(suites)], kind)
                  for at, kind in enumerate(kinds) if at > 0]
        if RETRY not in self.lacks:
            cells.append(Cell(self, self.retry[-1], suites[0], kinds[0], self.retry))
        return cells


def lacking(reason, *values):
    return dict.fromkeys(values, reason)


# What several rows lack.
NO_HYBRID = lacking("this version has no X25519MLKEM768", "X25519MLKEM768")
NO_P521_HERE = lacking(SERVE_HAS_NO_P521, "P-521")
NO_ED25519 = lacking("has no certificates with Ed25519", "Ed25519")
BROWSER = {
    **lacking("a browser's groups and suites are its own choice", *CLASSICAL, *SUITES[1:], RETRY),
    **lacking("browsers take no such certificate", "ECDSA P-521", "Ed25519"),
}

ROWS = [
    # Clients before `padlock serve`. To be retried, they send their one share for a group that it does not take.
    Row("openssl", "client", True, {**NO_HYBRID, **NO_P521_HERE}, retry=("P-521", "X25519")),
    Row("gnutls", "client", True, {**NO_HYBRID, **NO_P521_HERE}, retry=("P-521", "P-256")),
    Row("nss", "client", True, {**NO_HYBRID, **NO_P521_HERE, **NO_ED25519}, retry=("P-521", "P-384")),
    Row("curl", "client", True, {**NO_HYBRID, **NO_P521_HERE}, retry=("P-521", "P-256")),
    Row("python", "client", True,
        {**NO_HYBRID, **NO_P521_HERE, **lacking("its ssl has no call for the suites of TLS 1.3", *SUITES[1:]),
         **lacking("its ssl offers one group", RETRY)}),
    Row("chromium", "client", True, BROWSER, whole=False),
    Row("node", "client", False, {**NO_HYBRID, **NO_P521_HERE}, retry=("P-521", "X25519"), whole=False),
    Row("java", "client", False, {**NO_HYBRID, **NO_P521_HERE}, retry=("P-521", "P-256"), whole=False),
    Row("go", "client", False, {**NO_P521_HERE, **lacking("it has no setting for the suites of TLS 1.3", SUITES[1])},
        retry=("SecP384r1MLKEM1024", "X25519")),
    Row("rustls", "client", False, NO_P521_HERE, retry=("X25519", "X25519MLKEM768")),
    Row("firefox", "client", False, BROWSER, whole=False),
    # Servers before `padlock get`, which offers one group and one suite. To retry, they take P-384 alone.
    Row("openssl", "server", True, NO_HYBRID, retry=("P-384",)),
    Row("gnutls", "server", True, NO_HYBRID, retry=("P-384",)),
    Row("nss", "server", True, {**NO_HYBRID, **NO_ED25519}, retry=("P-384",)),
    Row("nginx", "server", True, NO_HYBRID, retry=("P-384",)),
    Row("python", "server", True, NO_HYBRID, retry=("P-384",)),
    Row("node", "server", False, NO_HYBRID, retry=("P-384",)),
    Row("java", "server", False, NO_HYBRID, retry=("P-384",)),
    Row("go", "server", False, retry=("P-384",)),
    Row("rustls", "server", False, lacking("aws-lc-rs has no P-521 for the key exchange", "P-521"), retry=("P-384",)),
]
