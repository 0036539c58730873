"""What the cells of the matrix share: one server a peer and kind of certificate, started by the first cell that asks."""

import random
import ssl
from contextlib import ExitStack, contextmanager
from functools import cached_property

from peers.browser import chromium, make_firefox_profile, make_nss_home
from peers.clients import GNUTLS_GROUPS, NSS_GROUPS, OPENSSL_CURVES, OPENSSL_VERSIONS, PYTHON_VERSIONS
from peers.matrix import GROUPS, KINDS, ROWS
from peers.programs import go_program, java_program, node_program, rustls_program
from peers.servers import Page, gnutls_server, nginx_server, nss_server, openssl_server, python_server

BODY_BYTES = 100 << 10
# The page that a browser opens: it fetches a file, and with a query it tells the file's digest to the server's log.
BROWSER_PAGE = """<!doctype html>
<meta charset="ascii">
<script>
async function digestOf(target) {
  const body = await (await fetch(target, {cache: 'no-store'})).arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', body));
  return Array.from(digest, byte => byte.toString(16).padStart(2, '0')).join('');
}
const target = location.search.slice(1);
if (target) digestOf(target).then(digest => fetch('/told?' + target + ',' + digest));
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

    def serving(self, kind):
        """`padlock serve` with a certificate of this kind."""
        credential = self.pki.credential(KINDS[kind][0])
        return self._once(("padlock", kind), lambda: self.padlock.serve(
            self.pages, "--cert", credential.chain, "--key", credential.key))

    def server(self, peer, kind, groups, version="1.3"):
        """The peer's server with a certificate of this kind; it takes these groups alone, or all that it has."""
        credential = self.pki.credential(KINDS[kind][0])
        return self._once((peer, kind, groups, version), lambda: SERVERS[peer](self, credential, groups, version))

    def nss_roots(self):
        """NSS takes no Ed25519 into its store."""
        return [self.pki.folder / f"{name}.pem" for name in ["root", "root-rsa"]]

    @cached_property
    def nss_home(self):
        return make_nss_home(self.folder("nss-home"), *self.nss_roots())

    @cached_property
    def chromium(self):
        return self._stack.enter_context(chromium(self.nss_home, self.folder("chromium")))

    def firefox_profile(self):
        return make_firefox_profile(self.folder("firefox"), *self.nss_roots())

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


def openssl(lab, credential, groups, version):
    chosen = ["-groups", ":".join(OPENSSL_CURVES[group] for group in groups or OPENSSL_CURVES)]
    return openssl_server(credential, lab.pages, OPENSSL_VERSIONS[version], *chosen)


def gnutls(lab, credential, groups, version):
    chosen = "".join(f":+{GNUTLS_GROUPS[group]}" for group in groups or GNUTLS_GROUPS)
    return gnutls_server(credential, lab.folder("gnutls"), f"NORMAL:-VERS-ALL:+VERS-TLS{version}:-GROUP-ALL{chosen}")


def nss(lab, credential, groups, version):
    chosen = [NSS_GROUPS[one] for one in groups or NSS_GROUPS]
    return nss_server(credential, lab.pages, lab.folder("nss"), chosen, version)


def nginx(lab, credential, groups, version):
    curves = ":".join(OPENSSL_CURVES[group] for group in groups or OPENSSL_CURVES)
    return nginx_server(credential, lab.pages, lab.folder("nginx"), curves, version)


def python(lab, credential, groups, version):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = context.maximum_version = PYTHON_VERSIONS[version]
    for group in groups:
        context.set_ecdh_curve(OPENSSL_CURVES[group])
    return python_server(credential, type("Body", (Page,), {"page": lab.body}), context)


def program(name):
    """One of peers.programs. Without a list of groups they have all of this file's but what their row lacks."""

    def serve(lab, credential, groups, version):
        wanted = groups or [group for group in GROUPS if group not in LACKS[name, version]]
        return getattr(lab, name).serving(credential, lab.pages, lab.folder(name), wanted, version)

    return serve


LACKS = {(row.peer, row.version): row.lacks for row in ROWS if row.role == "server"}
SERVERS = {"openssl": openssl, "gnutls": gnutls, "nss": nss, "nginx": nginx, "python": python,
           **{name: program(name) for name in ["go", "java", "node", "rustls"]}}
