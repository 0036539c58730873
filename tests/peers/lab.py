"""What the cells of the matrix share: one server a peer and kind of certificate, started by the first cell that asks."""

import random
import ssl
from contextlib import ExitStack, contextmanager
from functools import cached_property

from peers.browser import add_key_pair, chromium, make_firefox_profile, make_nss_home, make_nss_store
from peers.clients import OPENSSL_VERSIONS, PYTHON_VERSIONS
from peers.matrix import CLIENT_CERT, EARLY_DATA, GROUPS, KINDS, SESSION_ID
from peers.pki import ClientPki, finite_field
from peers.programs import engine_program, go_program, java_program, node_program, rustls_program
from peers.servers import Page, botan_server, gnutls_server, nginx_server, nss_server, openssl_server, python_server
from peers.suites import BOTAN_GROUPS, GNUTLS_GROUPS, NSS_CIPHERS, NSS_GROUPS, OPENSSL_CURVES

BODY_BYTES = 100 << 10
EARLY_DATA_BYTES = 16384  # that servers take
OF_OLD = "ALL:@SECLEVEL=0"  # what OpenSSL calls all suites that it has
# The page that a browser opens: it fetches a file, and with a query it does so a few times and tells the file's digest to
# the server's log. Where each connection ends with its response, some of them begin with early data: whether one does is
# up to the browser.
BROWSER_PAGE = """<!doctype html>
<meta charset="ascii">
<script>
async function digestOf(target) {
  const body = await (await fetch(target, {cache: 'no-store'})).arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', body));
  return Array.from(digest, byte => byte.toString(16).padStart(2, '0')).join('');
}
async function tell(target) {
  for (let count = 0; count < 4; ++count) await digestOf(target);
  fetch('/told?' + target + ',' + await digestOf(target));
}
if (location.search) tell(location.search.slice(1));
</script>
"""


class Lab:
    def __init__(self, padlock, pki, scratch, stack):
        self.padlock, self.pki, self.scratch, self._stack = padlock, pki, scratch, stack
        self.roots, self.pages = pki.roots, self.folder("pages")
        # Text, so that it may also travel in header fields and stand in a page.
        self.body = random.Random(8446).randbytes(BODY_BYTES // 2).hex().encode("ascii")
        (self.pages / "body.txt").write_bytes(self.body)
        (self.pages / "browser.html").write_text(BROWSER_PAGE, "ascii")
        self._running, self._failed, self._count = {}, {}, 0

    def folder(self, name):
        path = self.scratch / f"{name}-{len(list(self.scratch.iterdir()))}"
        path.mkdir()
        return path

    def file(self, data):
        """A file of its own that holds this."""
        path = self.folder("file") / "data"
        path.write_bytes(data)
        return path

    def count(self):
        """A number that no other cell has: it marks a request in a log."""
        self._count += 1
        return self._count

    def _once(self, key, start):
        """What was started for `key`; where that failed, it is not tried again for each cell."""
        assert key not in self._failed, self._failed[key]
        if key not in self._running:
            try:
                self._running[key] = self._stack.enter_context(start())
            except AssertionError as error:
                self._failed[key] = f"the first start has failed: {error}"
                raise
        return self._running[key]

    def serving(self, kind, policy="intermediate"):
        """`padlock serve` with a certificate of this kind."""
        credential = self.pki.credential(KINDS[kind][0])
        return self._once(("padlock", kind, policy), lambda: self.padlock.serve(
            self.pages, "--cert", credential.chain, "--key", credential.key, "--policy", policy))

    def serving_engine(self, cell):
        """A server of the engine's, for what `padlock serve` has no flag for."""
        words = {SESSION_ID: {"tickets": "no"}, CLIENT_CERT: {"clients": self.clients.root}}.get(
            cell.feature, {"early": EARLY_DATA_BYTES})
        return self._once(("engine", *words, cell.version), lambda: self._start_engine(cell, words))

    @contextmanager
    def _start_engine(self, cell, words):
        credential = self.pki.credential(KINDS[cell.kind][0])
        with self.engine.serving(credential, self.pages, self.folder("engine"), version=cell.version, **words) as running:
            running.until_logs = running.until_says
            yield running

    def server(self, cell):
        """The peer's server with a certificate of this kind; it takes the groups of `retry` alone, or all that it has."""
        credential = self.pki.credential(KINDS[cell.kind][0])
        key = (cell.row.peer, cell.version, cell.kind, cell.retry, cell.server_feature)
        return self._once(key, lambda: SERVERS[cell.row.peer](self, credential, cell))

    @cached_property
    def clients(self):
        """Certificates that clients show."""
        return ClientPki(self.folder("clients"))

    @cached_property
    def finite_field(self):
        """A file with the prime of DHE."""
        return finite_field(self.folder("finite-field"), "ffdhe2048")

    def nss_roots(self):
        """NSS takes no Ed25519 into its store."""
        return [self.pki.folder / f"{name}.pem" for name in ["root", "root-rsa"]]

    @cached_property
    def nss_home(self):
        return make_nss_home(self.folder("nss-home"), *self.nss_roots())

    @cached_property
    def nss_store_of_client(self):
        """With the key and the certificate of a client, under the name "leaf"."""
        folder = self.folder("nss-client")
        store = f"sql:{folder}/store"
        make_nss_store(store, folder, *self.nss_roots())
        add_key_pair(store, self.clients.credentials["ECDSA"], folder)
        return store

    @cached_property
    def chromium(self):
        return self._stack.enter_context(chromium(self.nss_home, self.folder("chromium")))

    def firefox_profile(self):
        return make_firefox_profile(self.folder("firefox"), *self.nss_roots())

    @cached_property
    def engine(self):
        return engine_program(self.padlock)

    @cached_property
    def go(self):
        return go_program(self.folder("go"))

    @cached_property
    def java(self):
        return java_program(self.folder("java"))

    @cached_property
    def node(self):
        return node_program()

    @cached_property
    def rustls(self):
        return rustls_program()


@contextmanager
def laboratory(padlock, pki, scratch):
    """All that was started ends with it."""
    with ExitStack() as stack:
        yield Lab(padlock, pki, scratch, stack)


# Servers: of all suites that they have, and of all groups but where a retry is wanted.

def openssl(lab, credential, cell):
    chosen = ["-groups", ":".join(OPENSSL_CURVES[group] for group in cell.retry or OPENSSL_CURVES), "-cipher", OF_OLD]
    more = {SESSION_ID: ["-no_ticket"], EARLY_DATA: ["-early_data"],
            CLIENT_CERT: ["-Verify", "1", "-verify_return_error", "-CAfile", lab.clients.root]}
    return openssl_server(credential, lab.pages, OPENSSL_VERSIONS[cell.version], *chosen, *more.get(cell.feature, []),
                          by_hand=cell.feature == EARLY_DATA)


def gnutls(lab, credential, cell):
    """Its NORMAL has the suites of old clients."""
    groups = [GNUTLS_GROUPS[group] for group in cell.retry] or [*GNUTLS_GROUPS.values(), "GROUP-FFDHE2048"]
    chosen = "".join(f":+{group}" for group in groups)
    more = {SESSION_ID: ["--noticket"], EARLY_DATA: ["--earlydata"]}
    return gnutls_server(credential, lab.folder("gnutls"), f"NORMAL:-VERS-ALL:+VERS-TLS{cell.version}:-GROUP-ALL{chosen}",
                         *more.get(cell.feature, []), clients=clients_of(lab, cell))


def nss(lab, credential, cell):
    chosen = [NSS_GROUPS[one] for one in cell.retry] or [*NSS_GROUPS.values(), "FF2048"]
    more = {SESSION_ID: [], EARLY_DATA: ["-u", "-Z"]}.get(cell.feature, ["-u"])
    suites = [code for suite, code in NSS_CIPHERS.items() if ("_WITH_" in suite) == (cell.version == "1.2")]
    return nss_server(credential, lab.pages, lab.folder("nss"), chosen, cell.version, *more, "-c", "".join(suites), "-H",
                      "1", clients=clients_of(lab, cell))


def nginx(lab, credential, cell):
    curves = ":".join(OPENSSL_CURVES[group] for group in cell.retry or OPENSSL_CURVES)
    more = f"ssl_ciphers {OF_OLD}; ssl_dhparam {lab.finite_field}; location = /again {{ return 302 /body.txt; }}"
    more += {SESSION_ID: "ssl_session_tickets off; ssl_session_cache builtin;",
             EARLY_DATA: "ssl_early_data on;"}.get(cell.feature, "")
    return nginx_server(credential, lab.pages, lab.folder("nginx"), curves, cell.version, clients_of(lab, cell), more)


def python(lab, credential, cell):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = context.maximum_version = PYTHON_VERSIONS[cell.version]
    context.set_ciphers(OF_OLD)
    context.load_dh_params(lab.finite_field)
    for group in cell.retry:
        context.set_ecdh_curve(OPENSSL_CURVES[group])
    if cell.feature == CLIENT_CERT:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(lab.clients.root)
    return python_server(credential, type("Body", (Page,), {"page": lab.body}), context)


def botan(lab, credential, cell):
    return botan_server(credential, lab.folder("botan"), [BOTAN_GROUPS[group] for group in cell.row.has(GROUPS)])


def program(name):
    """One of peers.programs."""

    def serve(lab, credential, cell):
        more = {SESSION_ID: {"tickets": "no"}, EARLY_DATA: {"early": EARLY_DATA_BYTES},
                CLIENT_CERT: {"clients": lab.clients.root}}
        return getattr(lab, name).serving(credential, lab.pages, lab.folder(name), version=cell.version,
                                          groups=cell.retry or cell.row.has(GROUPS), **more.get(cell.feature, {}))

    return serve


def clients_of(lab, cell):
    return lab.clients.root if cell.feature == CLIENT_CERT else None


SERVERS = {"openssl": openssl, "gnutls": gnutls, "nss": nss, "nginx": nginx, "python": python, "botan": botan,
           **{name: program(name) for name in ["go", "java", "node", "rustls"]}}
