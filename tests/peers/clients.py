"""Clients of other implementations: each fetches a page of ours and gives what it got and was told.

A client takes (lab, ours, target, cell, own): it offers the cell's version, its groups, with a key share for the first
alone, and its one suite; it shows the certificate `own` where it is given one, and comes twice where the cell says so, to go
on from its first connection. It gives the body's digest and what it knows of the last connection.
"""

import os
import re
import ssl
import subprocess
from dataclasses import dataclass
from hashlib import sha256

from peers.browser import nss_store, open_in_firefox
from peers.matrix import EARLY_DATA, TICKET
from peers.process import Running, peer, run
from peers.suites import (BOTAN_GROUPS, GNUTLS_GROUPS, NSS_CIPHERS, NSS_GROUPS, OPENSSL_CURVES, botan_words, gnutls_cipher,
                          gnutls_priority, openssl_name)
from peers.wire import client_context, connect, read_all

OPENSSL_VERSIONS = {"1.2": "-tls1_2", "1.3": "-tls1_3"}
PYTHON_VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


@dataclass
class Fetched:
    digest: str  # of the body: SHA-256
    told: dict   # "group", "suite", "scheme", "retried", "resumed", "early": as far as the client says it


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


def told_by_openssl(cell, name):
    """The registry's name of what openssl says."""
    return cell.registered_suite if name == openssl_name(cell.registered_suite) else name


def text_of(value):
    return str(bool(value)).lower()


def openssl(lab, ours, target, cell, own=None):
    saying = request(ours.port, target)
    done = s_client_twice(lab, ours, cell, saying) if cell.twice else s_client(lab, ours, cell, saying, own=own)
    told = {"suite": told_by_openssl(cell, re.search(r"Cipher is ([\w-]+)", done.text)[1]),
            "resumed": text_of("\nReused, " in done.text)}
    key = re.search(r"Server Temp Key: (?:ECDH, )?(\w+), ", done.text)
    if key and key[1] in OPENSSL_CURVES.values():
        told["group"] = {curve: name for name, curve in OPENSSL_CURVES.items()}[key[1]]
    if cell.feature == EARLY_DATA:
        told["early"] = re.search(r"Early data was (\w+)", done.text)[1]
    return fetched(body_of(done.out), **told)


def s_client_twice(lab, ours, cell, saying):
    """What it says the second time is early data, if the cell is for that."""
    session = lab.file(b"")
    s_client(lab, ours, cell, saying, "-sess_out", session)
    if cell.feature == EARLY_DATA:
        return s_client(lab, ours, cell, b"", "-sess_in", session, "-early_data", lab.file(saying))
    return s_client(lab, ours, cell, saying, "-sess_in", session)


def s_client(lab, ours, cell, saying, *arguments, own=None):
    suites = "-ciphersuites" if cell.version == "1.3" else "-cipher"
    shown = ["-cert", own.leaf, "-key", own.key] if own else []
    done = run(peer("openssl"), "s_client", "-connect", f"127.0.0.1:{ours.port}", "-servername", "localhost", "-CAfile",
               lab.roots, "-verify_return_error", "-verify_hostname", "localhost", OPENSSL_VERSIONS[cell.version],
               "-ign_eof", "-groups", ":".join(OPENSSL_CURVES[one] for one in cell.offered), suites,
               openssl_name(cell.registered_suite), *shown, *arguments, stdin=saying)
    assert done.code == 0 and "Verify return code: 0 (ok)" in done.text, done.err
    if cell.version == "1.2":
        assert "Secure Renegotiation IS supported" in done.text and "Extended master secret: yes" in done.text
    return done


def gnutls(lab, ours, target, cell, own=None):
    """What it says comes in the last connection, or as that one's early data."""
    wanted = "".join(f":+{GNUTLS_GROUPS[group]}" for group in cell.offered)
    saying = request(ours.port, target)
    more = ["--resume", "--waitresumption"] if cell.twice else []
    if cell.feature == EARLY_DATA:
        more, saying = [*more, "--earlydata", lab.file(saying)], b""
    more += ["--x509certfile", own.leaf, "--x509keyfile", own.key] if own else []
    done = run(peer("gnutls-cli"), "--x509cafile", lab.roots, "--port", ours.port, "--single-key-share", *more, "--priority",
               f"NORMAL:-VERS-ALL:+VERS-TLS{cell.version}{gnutls_priority(cell.registered_suite)}:-GROUP-ALL{wanted}",
               "localhost", stdin=saying)
    assert done.code == 0 and "The certificate is trusted" in done.text, done.err
    line = re.search(rf"^- Description: \(TLS{cell.version}-X\.509\)-(.*)$", done.text, re.MULTILINE)[1]
    described = re.findall(r"\(([\w-]+)\)", line)  # key exchange, signature scheme, cipher
    assert gnutls_cipher(cell.registered_suite) in described
    names = {"X25519": "X25519", "SECP256R1": "P-256", "SECP384R1": "P-384", "SECP521R1": "P-521"}
    exchange, _, group = described[0].partition("-")
    told = {"group": names[group]} if exchange == "ECDHE" else {}
    return fetched(body_of(done.out), resumed=text_of("*** This is a resumed session" in done.text), **told)


def nss(lab, ours, target, cell, own=None):
    """It asks for tickets where it is told to, else it goes on by session IDs. It dies of -c where it comes twice; its own
    first suite is the cell's."""
    more = ["-L", "2"] if cell.twice else ["-c", NSS_CIPHERS[cell.registered_suite]]
    more += {TICKET: ["-u"], EARLY_DATA: ["-u", "-Z"]}.get(cell.feature, [])
    done = run(peer("tstclnt"), "-4", "-h", "localhost", "-p", ours.port, "-d",
               lab.nss_store_of_client if own else nss_store(lab.nss_home), *(["-n", "leaf"] if own else []), "-V",
               f"tls{cell.version}:tls{cell.version}", "-I", ",".join(NSS_GROUPS[group] for group in cell.offered),
               *more, "-A", lab.file(request(ours.port, target)))
    assert done.code == 0, done.err
    hits = re.findall(r"^(\d+) cache hits", done.said, re.MULTILINE)
    return fetched(body_of(done.out), resumed=text_of(hits and hits[-1] != "0"))


def curl(lab, ours, target, cell, own=None):
    suites = "--tls13-ciphers" if cell.version == "1.3" else "--ciphers"
    shown = ["--cert", own.chain, "--key", own.key] if own else []
    urls = [f"https://localhost:{ours.port}{target}"] * (2 if cell.twice else 1)
    done = run(peer("curl"), "-q", "-sS", "-v", "--http1.1", "--noproxy", "*", "-4", "--cacert", lab.roots,
               f"--tlsv{cell.version}", "--tls-max", cell.version, "--curves", ":".join(cell.offered), suites, openssl_name(cell.registered_suite),
               *shown, "-H", "Connection: close", *urls)
    assert done.code == 0, done.err
    name = re.search(rf"SSL connection using TLSv{cell.version} / ([\w-]+)", done.err)[1]
    return fetched(done.out[len(done.out) // len(urls) * (len(urls) - 1):], suite=told_by_openssl(cell, name))


def python(lab, ours, target, cell, own=None):
    """Its ssl has a call for one curve, and none for the suites of TLS 1.3. X25519 is its own first choice."""
    context = client_context(lab.roots)
    context.minimum_version = context.maximum_version = PYTHON_VERSIONS[cell.version]
    if cell.version == "1.2":
        context.set_ciphers(openssl_name(cell.registered_suite))
    if cell.group != "X25519":
        context.set_ecdh_curve(OPENSSL_CURVES[cell.group])
    if own:
        context.load_cert_chain(own.chain, own.key)
    session = None
    for _ in range(2 if cell.twice else 1):
        with context.wrap_socket(connect(ours.port), server_hostname="localhost", session=session) as sock:
            told = {"suite": told_by_openssl(cell, sock.cipher()[0]), "resumed": text_of(sock.session_reused)}
            sock.sendall(request(ours.port, target))
            body, session = body_of(read_all(sock)), sock.session
    return fetched(body, **told)


def go(lab, ours, target, cell, own=None):
    """It has no setting for the suites of TLS 1.3, but prefers ChaCha20 where the CPU has no AES."""
    environment = dict(os.environ, GODEBUG="cpu.aes=off" if "CHACHA20" in cell.suite else "")
    suite = "" if cell.version == "1.3" else cell.registered_suite
    got = by_program(lab, lab.go, ours, target, cell, own, suite, environment)
    got.told.pop("alpn", None)
    return got


def by_program(lab, program, ours, target, cell, own, suite, environment=None):
    """One of peers.programs."""
    times = 2 if cell.twice else 1
    done, told = program.get(lab.roots, ours.port, [target] * times, environment, own, groups=cell.offered, suites=suite,
                             version=cell.version, early="yes" if cell.feature == EARLY_DATA else "")
    if cell.feature and told.get("group") in ("none", "undefined"):
        del told["group"]  # of a session that goes on in TLS 1.2, or of static RSA
    return fetched(done.out[len(done.out) // times * (times - 1):], **told)


def java(lab, ours, target, cell, own=None):
    return by_program(lab, lab.java, ours, target, cell, own, cell.registered_suite)


def node(lab, ours, target, cell, own=None):
    return by_program(lab, lab.node, ours, target, cell, own, openssl_name(cell.registered_suite))


def rustls(lab, ours, target, cell, own=None):
    return by_program(lab, lab.rustls, ours, target, cell, own, cell.registered_suite)


BOTAN_POLICY = """
allow_tls10 = false
allow_tls11 = false
allow_tls12 = true
macs = {mac}
key_exchange_methods = {exchange}
signature_methods = ECDSA RSA IMPLICIT
signature_hashes = SHA-512 SHA-384 SHA-256
require_cert_revocation_info = false
ciphers = {cipher}
groups = {groups}
"""


def botan(lab, ours, target, cell, own=None):
    """It goes when its input ends, so that stays open."""
    assert own is None
    policy, folder = lab.scratch / "botan-policy", lab.folder("botan")
    exchange, cipher, mac = botan_words(cell.registered_suite)
    groups = "ffdhe/ietf/2048" if exchange == "DH" else " ".join(BOTAN_GROUPS[group] for group in cell.offered)
    policy.write_text(BOTAN_POLICY.format(exchange=exchange, cipher=cipher, mac=mac, groups=groups), "ascii")
    sessions = [f"--session-db={folder / 'sessions'}", "--session-db-pass=secret"] if cell.twice else []
    for _ in range(2 if cell.twice else 1):
        with Running(peer("botan"), "tls_client", "localhost", f"--port={ours.port}", "--skip-system-cert-store",
                     f"--trusted-cas={lab.roots}", f"--policy={policy}", *sessions, "--tls1.2", folder=folder,
                     stdin=subprocess.PIPE) as running:
            running.write(request(ours.port, target))
            assert running.wait() == 0, running.said
            said, body = running.out, body_of(running.out_bytes)
    assert cell.twice or "Certificate validation status: Verified" in said
    suite = re.search(r"^Handshake complete, TLS v1\.2 using (\w+)", said, re.MULTILINE)[1]
    return fetched(body, suite=f"TLS_{suite}")


def chromium(lab, ours, target, cell, own=None):
    """The page's first fetch may go on from no session: those of the page itself are not for it."""
    assert own is None
    page = lab.chromium.visit(f"https://localhost:{ours.port}/browser.html")
    for _ in range(3 if cell.twice else 1):
        digest = page.evaluate(f"digestOf('{target}')")
    return Fetched(digest, {} if cell.twice else page.security_of(f"https://localhost:{ours.port}{target}"))


def firefox(lab, ours, target, _cell, own=None):
    """Its page asks for the body, and tells its digest to the server's log."""
    assert own is None
    with open_in_firefox(lab.firefox_profile(), f"https://localhost:{ours.port}/browser.html?{target}", lab.scratch):
        digest = ours.until_logs(rf"GET /told[?]{re.escape(target)},(\w+)")[1]
    return Fetched(digest, {})


CLIENTS = {"openssl": openssl, "gnutls": gnutls, "nss": nss, "curl": curl, "python": python, "go": go, "botan": botan,
           "java": java, "node": node, "rustls": rustls, "chromium": chromium, "firefox": firefox}
