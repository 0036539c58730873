"""Clients of other implementations: each fetches a page of `padlock serve` and gives what it got and was told.

A client takes (lab, ours, target, cell): it offers the cell's version, its groups, with a key share for the first alone,
and its one suite. It gives the body's digest and what it knows of the connection.
"""

import os
import re
import ssl
import subprocess
from dataclasses import dataclass
from hashlib import sha256

from peers.browser import nss_store, open_in_firefox
from peers.matrix import key_of
from peers.process import Running, peer, run
from peers.wire import client_context, connect, read_all

OPENSSL_CURVES = {"X25519": "X25519", "P-256": "prime256v1", "P-384": "secp384r1", "P-521": "secp521r1"}
NSS_GROUPS = {"X25519": "x25519", "P-256": "P256", "P-384": "P384", "P-521": "P521"}
GNUTLS_GROUPS = {"X25519": "GROUP-X25519", "P-256": "GROUP-SECP256R1", "P-384": "GROUP-SECP384R1",
                 "P-521": "GROUP-SECP521R1"}
GNUTLS_CIPHERS = {"TLS_AES_128_GCM_SHA256": "AES-128-GCM", "TLS_AES_256_GCM_SHA384": "AES-256-GCM",
                  "TLS_CHACHA20_POLY1305_SHA256": "CHACHA20-POLY1305"}
NSS_CIPHERS = {"TLS_AES_128_GCM_SHA256": ":1301", "TLS_AES_256_GCM_SHA384": ":1302",
               "TLS_CHACHA20_POLY1305_SHA256": ":1303",
               "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256": ":C02B", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384": ":C02C",
               "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256": ":CCA9",
               "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256": ":C02F", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384": ":C030",
               "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256": ":CCA8"}
OPENSSL_CIPHERS = {"TLS_AES_128_GCM_SHA256": "AES128-GCM-SHA256", "TLS_AES_256_GCM_SHA384": "AES256-GCM-SHA384",
                   "TLS_CHACHA20_POLY1305_SHA256": "CHACHA20-POLY1305"}
OPENSSL_VERSIONS = {"1.2": "-tls1_2", "1.3": "-tls1_3"}
PYTHON_VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


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


def openssl_suite(cell):
    """In openssl's words, which are its own for TLS 1.2."""
    return cell.suite if cell.version == "1.3" else f"ECDHE-{key_of(cell.kind)}-{OPENSSL_CIPHERS[cell.suite]}"


def told_by_openssl(cell, name):
    """The registry's name of what openssl says."""
    return cell.registered_suite if name == openssl_suite(cell) else name


def openssl(lab, ours, target, cell):
    suites = "-ciphersuites" if cell.version == "1.3" else "-cipher"
    done = run(peer("openssl"), "s_client", "-connect", f"127.0.0.1:{ours.port}", "-servername", "localhost", "-CAfile",
               lab.roots, "-verify_return_error", "-verify_hostname", "localhost", OPENSSL_VERSIONS[cell.version],
               "-ign_eof", "-groups", ":".join(OPENSSL_CURVES[one] for one in cell.offered), suites,
               openssl_suite(cell), stdin=request(ours.port, target))
    assert done.code == 0 and "Verify return code: 0 (ok)" in done.text, done.err
    if cell.version == "1.2":
        assert "Secure Renegotiation IS supported" in done.text and "Extended master secret: yes" in done.text
    key = re.search(r"Server Temp Key: (?:ECDH, )?(\w+), ", done.text)[1]
    group = {curve: name for name, curve in OPENSSL_CURVES.items()}[key]
    return fetched(body_of(done.out), group=group,
                   suite=told_by_openssl(cell, re.search(r"Cipher is ([\w-]+)", done.text)[1]))


def gnutls(lab, ours, target, cell):
    wanted = "".join(f":+{GNUTLS_GROUPS[group]}" for group in cell.offered)
    done = run(peer("gnutls-cli"), "--x509cafile", lab.roots, "--port", ours.port, "--single-key-share", "--priority",
               f"NORMAL:-VERS-ALL:+VERS-TLS{cell.version}:-CIPHER-ALL:+{GNUTLS_CIPHERS[cell.suite]}:-GROUP-ALL{wanted}",
               "localhost", stdin=request(ours.port, target))
    assert done.code == 0 and "The certificate is trusted" in done.text, done.err
    group, cipher = re.search(rf"Description: \(TLS{cell.version}-X\.509\)-\((?:ECDHE-)?([\w-]+)\)-\(.*\)-\(([\w-]+)\)",
                              done.text).groups()
    names = {"X25519": "X25519", "SECP256R1": "P-256", "SECP384R1": "P-384", "SECP521R1": "P-521"}
    assert cipher == GNUTLS_CIPHERS[cell.suite]
    return fetched(body_of(done.out), group=names[group])


def nss(lab, ours, target, cell):
    ask = lab.scratch / "nss-request"
    ask.write_bytes(request(ours.port, target))
    done = run(peer("tstclnt"), "-4", "-h", "localhost", "-p", ours.port, "-d", nss_store(lab.nss_home), "-V",
               f"tls{cell.version}:tls{cell.version}", "-I", ",".join(NSS_GROUPS[group] for group in cell.offered),
               "-c", NSS_CIPHERS[cell.registered_suite], "-A", ask)
    assert done.code == 0, done.err
    return fetched(body_of(done.out))


def curl(lab, ours, target, cell):
    suites = "--tls13-ciphers" if cell.version == "1.3" else "--ciphers"
    done = run(peer("curl"), "-q", "-sS", "-v", "--noproxy", "*", "-4", "--cacert", lab.roots, f"--tlsv{cell.version}",
               "--tls-max", cell.version, "--curves", ":".join(cell.offered), suites, openssl_suite(cell),
               f"https://localhost:{ours.port}{target}")
    assert done.code == 0, done.err
    name = re.search(rf"SSL connection using TLSv{cell.version} / ([\w-]+)", done.err)[1]
    return fetched(done.out, suite=told_by_openssl(cell, name))


def python(lab, ours, target, cell):
    """Its ssl has a call for one curve, and none for the suites of TLS 1.3. X25519 is its own first choice."""
    context = client_context(lab.roots)
    context.minimum_version = context.maximum_version = PYTHON_VERSIONS[cell.version]
    if cell.version == "1.2":
        context.set_ciphers(openssl_suite(cell))
    if cell.group != "X25519":
        context.set_ecdh_curve(OPENSSL_CURVES[cell.group])
    with context.wrap_socket(connect(ours.port), server_hostname="localhost") as sock:
        suite = told_by_openssl(cell, sock.cipher()[0])
        sock.sendall(request(ours.port, target))
        return fetched(body_of(read_all(sock)), suite=suite)


def go(lab, ours, target, cell):
    """It has no setting for the suites of TLS 1.3, but prefers ChaCha20 where the CPU has no AES."""
    suites = [] if cell.version == "1.3" else [cell.registered_suite]
    environment = dict(os.environ, GODEBUG="cpu.aes=off" if "CHACHA20" in cell.suite else "")
    done, told = lab.go.get(lab.roots, ours.port, target, cell.offered, suites, cell.version, environment=environment)
    told.pop("alpn", None)
    return fetched(done.out, **told)


def program(name, suite_of=lambda cell: cell.registered_suite):
    """One of peers.programs."""

    def fetch(lab, ours, target, cell):
        done, told = getattr(lab, name).get(lab.roots, ours.port, target, cell.offered, [suite_of(cell)], cell.version)
        return fetched(done.out, **told)

    return fetch


BOTAN_CIPHERS = {"TLS_AES_128_GCM_SHA256": "AES-128/GCM", "TLS_AES_256_GCM_SHA384": "AES-256/GCM",
                 "TLS_CHACHA20_POLY1305_SHA256": "ChaCha20Poly1305"}
BOTAN_GROUPS = {"X25519": "x25519", "P-256": "secp256r1", "P-384": "secp384r1", "P-521": "secp521r1"}
BOTAN_POLICY = """
allow_tls10 = false
allow_tls11 = false
allow_tls12 = true
macs = AEAD
key_exchange_methods = ECDH
signature_methods = ECDSA RSA
signature_hashes = SHA-512 SHA-384 SHA-256
require_cert_revocation_info = false
ciphers = {cipher}
groups = {groups}
"""


def botan(lab, ours, target, cell):
    """It goes when its input ends, so that stays open."""
    policy, groups = lab.scratch / "botan-policy", " ".join(BOTAN_GROUPS[group] for group in cell.offered)
    policy.write_text(BOTAN_POLICY.format(cipher=BOTAN_CIPHERS[cell.suite], groups=groups), "ascii")
    with Running(peer("botan"), "tls_client", "localhost", f"--port={ours.port}", "--skip-system-cert-store",
                 f"--trusted-cas={lab.roots}", f"--policy={policy}", "--tls1.2", folder=lab.scratch,
                 stdin=subprocess.PIPE) as running:
        running.write(request(ours.port, target))
        assert running.wait() == 0 and "Certificate validation status: Verified" in running.out, running.said
        suite = re.search(r"^Handshake complete, TLS v1\.2 using (\w+)", running.out, re.MULTILINE)[1]
        return fetched(body_of(running.out_bytes), suite=f"TLS_{suite}")


def chromium(lab, ours, target, _cell):
    page = lab.chromium.visit(f"https://localhost:{ours.port}/browser.html")
    digest = page.evaluate(f"digestOf('{target}')")
    told = page.security_of(f"https://localhost:{ours.port}{target}")
    return Fetched(digest, told)


def firefox(lab, ours, target, _cell):
    """Its page asks for the body, and tells its digest to the server's log."""
    with open_in_firefox(lab.firefox_profile(), f"https://localhost:{ours.port}/browser.html?{target}", lab.scratch):
        digest = ours.until_logs(rf'"GET /told[?]{re.escape(target)},(\w+)" 404 ')[1]
    return Fetched(digest, {})


CLIENTS = {"openssl": openssl, "gnutls": gnutls, "nss": nss, "curl": curl, "python": python, "go": go, "botan": botan,
           "java": program("java"), "node": program("node", openssl_suite), "rustls": program("rustls"),
           "chromium": chromium, "firefox": firefox}
