"""Clients of other implementations: each fetches a page of `padlock serve` and gives what it got and was told.

A client takes (lab, ours, target, groups, suite): the groups that it offers, the best first, with a key share for the
first alone, and its one suite. It gives the body's digest and what it knows of the connection.
"""

import os
import re
import ssl
from dataclasses import dataclass
from hashlib import sha256

from peers.browser import nss_store, open_in_firefox
from peers.process import peer, run
from peers.wire import client_context, connect, read_all

OPENSSL_CURVES = {"X25519": "X25519", "P-256": "prime256v1", "P-384": "secp384r1", "P-521": "secp521r1"}
NSS_GROUPS = {"X25519": "x25519", "P-256": "P256", "P-384": "P384", "P-521": "P521"}
GNUTLS_GROUPS = {"X25519": "GROUP-X25519", "P-256": "GROUP-SECP256R1", "P-384": "GROUP-SECP384R1",
                 "P-521": "GROUP-SECP521R1"}
GNUTLS_CIPHERS = {"TLS_AES_128_GCM_SHA256": "AES-128-GCM", "TLS_AES_256_GCM_SHA384": "AES-256-GCM",
                  "TLS_CHACHA20_POLY1305_SHA256": "CHACHA20-POLY1305"}
NSS_CIPHERS = {"TLS_AES_128_GCM_SHA256": ":1301", "TLS_AES_256_GCM_SHA384": ":1302",
               "TLS_CHACHA20_POLY1305_SHA256": ":1303"}


@dataclass
class Fetched:
    digest: str  # of the body: SHA-256
    told: dict   # "group", "suite", "scheme", "retried": as far as the client says it


def fetched(body, **told):
    return Fetched(sha256(body).hexdigest(), told)


def request(port, target):
    return f"GET {target} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n".encode("ascii")


def body_of(output):
    """The body of the one response in `output`, which may hold words of the client before and after it."""
    head, found, rest = output[output.index(b"HTTP/1.1 200 "):].partition(b"\r\n\r\n")
    assert found, head
    length = int(re.search(rb"(?i)^content-length: (\d+)\r?$", head, re.MULTILINE)[1])
    assert len(rest) >= length, f"{len(rest)} bytes of {length}"
    return rest[:length]


def openssl(lab, ours, target, groups, suite, *more):
    done = run(peer("openssl"), "s_client", "-connect", f"127.0.0.1:{ours.port}", "-servername", "localhost", "-CAfile",
               lab.roots, "-verify_return_error", "-verify_hostname", "localhost", "-tls1_3", "-ign_eof", "-groups",
               ":".join(groups), "-ciphersuites", suite, *more, stdin=request(ours.port, target))
    assert done.code == 0 and "Verify return code: 0 (ok)" in done.text, done.err
    key = re.search(r"Server Temp Key: (?:ECDH, )?(\w+), ", done.text)[1]
    group = {curve: name for name, curve in OPENSSL_CURVES.items()}[key]
    return fetched(body_of(done.out), group=group, suite=re.search(r"Cipher is (\w+)", done.text)[1])


def gnutls(lab, ours, target, groups, suite):
    wanted = "".join(f":+{GNUTLS_GROUPS[group]}" for group in groups)
    done = run(peer("gnutls-cli"), "--x509cafile", lab.roots, "--port", ours.port, "--single-key-share", "--priority",
               f"NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+{GNUTLS_CIPHERS[suite]}:-GROUP-ALL{wanted}", "localhost",
               stdin=request(ours.port, target))
    assert done.code == 0 and "The certificate is trusted" in done.text, done.err
    group, cipher = re.search(r"Description: \(TLS1\.3-X\.509\)-\((?:ECDHE-)?([\w-]+)\)-\(.*\)-\(([\w-]+)\)",
                              done.text).groups()
    names = {"X25519": "X25519", "SECP256R1": "P-256", "SECP384R1": "P-384", "SECP521R1": "P-521"}
    suites = {cipher: suite for suite, cipher in GNUTLS_CIPHERS.items()}
    return fetched(body_of(done.out), group=names[group], suite=suites[cipher])


def nss(lab, ours, target, groups, suite):
    ask = lab.scratch / "nss-request"
    ask.write_bytes(request(ours.port, target))
    done = run(peer("tstclnt"), "-4", "-h", "localhost", "-p", ours.port, "-d", nss_store(lab.nss_home), "-V",
               "tls1.3:tls1.3", "-I", ",".join(NSS_GROUPS[group] for group in groups),
               "-c", NSS_CIPHERS[suite], "-A", ask)
    assert done.code == 0, done.err
    return fetched(body_of(done.out))


def curl(lab, ours, target, groups, suite):
    done = run(peer("curl"), "-q", "-sS", "-v", "--noproxy", "*", "-4", "--cacert", lab.roots, "--tlsv1.3", "--curves",
               ":".join(groups), "--tls13-ciphers", suite, f"https://localhost:{ours.port}{target}")
    assert done.code == 0, done.err
    return fetched(done.out, suite=re.search(r"SSL connection using TLSv1\.3 / (\w+)", done.err)[1])


def python(lab, ours, target, groups, _):
    """Its ssl has a call for one curve, and none for the suites of TLS 1.3. X25519 is its own first choice."""
    [group], context = groups, client_context(lab.roots)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    if group != "X25519":
        context.set_ecdh_curve(OPENSSL_CURVES[group])
    with context.wrap_socket(connect(ours.port), server_hostname="localhost") as sock:
        suite = sock.cipher()[0]
        sock.sendall(request(ours.port, target))
        return fetched(body_of(read_all(sock)), suite=suite)


def go(lab, ours, target, groups, suite):
    """It has no setting for suites, but prefers ChaCha20 where the CPU has no AES."""
    environment = dict(os.environ, GODEBUG="cpu.aes=off" if "CHACHA20" in suite else "")
    done, told = lab.go.get(lab.roots, ours.port, target, groups, environment=environment)
    told.pop("alpn", None)
    return fetched(done.out, **told)


def program(name):
    """One of peers.programs."""

    def fetch(lab, ours, target, groups, suite):
        done, told = getattr(lab, name).get(lab.roots, ours.port, target, groups, [suite])
        return fetched(done.out, **told)

    return fetch


def chromium(lab, ours, target, _groups, _suite):
    page = lab.chromium.visit(f"https://localhost:{ours.port}/browser.html")
    digest = page.evaluate(f"digestOf('{target}')")
    told = page.security_of(f"https://localhost:{ours.port}{target}")
    return Fetched(digest, told)


def firefox(lab, ours, target, _groups, _suite):
    """Its page asks for the body, and tells its digest to the server's log."""
    with open_in_firefox(lab.firefox_profile(), f"https://localhost:{ours.port}/browser.html?{target}", lab.scratch):
        digest = ours.until_logs(rf'"GET /told[?]{re.escape(target)},(\w+)" 404 ')[1]
    return Fetched(digest, {})


CLIENTS = {"openssl": openssl, "gnutls": gnutls, "nss": nss, "curl": curl, "python": python, "go": go,
           "java": program("java"), "node": program("node"), "rustls": program("rustls"), "chromium": chromium,
           "firefox": firefox}
