"""`get --cert --key` before servers that ask for a certificate, in both versions of TLS."""

import ssl
import threading
from contextlib import contextmanager

import pytest

from peers.process import peer, run
from peers.servers import Page, PythonServer, gnutls_server, nginx_server, openssl_server

KINDS = {"ECDSA": ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"), "RSA": ("-newkey", "rsa:2048"),
         "Ed25519": ("-newkey", "ed25519")}
VERSIONS = {"1.3": ssl.TLSVersion.TLSv1_3, "1.2": ssl.TLSVersion.TLSv1_2}


@pytest.fixture(scope="module")
def own(lab):
    """A certificate and its key, made by openssl, of each kind: trusted by whoever trusts just it."""
    folder, made = lab.folder("own"), {}
    for kind, how in KINDS.items():
        cert, key = folder / f"{kind}.pem", folder / f"{kind}.key"
        done = run(peer("openssl"), "req", "-x509", *how, "-nodes", "-keyout", key, "-out", cert, "-subj", "/CN=somebody",
                   "-days", "3")
        assert done.code == 0, done.said
        key.chmod(0o600)
        made[kind] = (cert, key)
    return made


@pytest.fixture(scope="module")
def issued(lab):
    """A CA of openssl's, and certificates for clients that it has issued."""
    folder, made = lab.folder("issued"), {}
    root, root_key = folder / "root.pem", folder / "root.key"

    def openssl_req(*arguments):
        done = run(peer("openssl"), "req", "-x509", "-nodes", "-days", "3", *arguments)
        assert done.code == 0, done.said

    openssl_req(*KINDS["ECDSA"], "-keyout", root_key, "-out", root, "-subj", "/CN=clients", "-addext",
                "keyUsage=critical,keyCertSign")
    for kind, how in KINDS.items():
        cert, key = folder / f"{kind}.pem", folder / f"{kind}.key"
        openssl_req(*how, "-keyout", key, "-out", cert, "-subj", f"/CN={kind}", "-CA", root, "-CAkey", root_key, "-addext",
                    "basicConstraints=critical,CA:FALSE", "-addext", "extendedKeyUsage=clientAuth", "-addext",
                    f"subjectAltName=DNS:{kind.lower()}.test")
        key.chmod(0o600)
        made[kind] = (cert, key)
    return root, made


@contextmanager
def python_server_that_asks(lab, version, trusted):
    """A page for those who have shown a certificate that it trusts; it says who came."""
    credential, names = lab.pki.credential("good-ecdsa"), []

    class Asking(Page):
        def do_GET(self):
            names.append((self.connection.version(), self.connection.getpeercert()))
            super().do_GET()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = context.maximum_version = VERSIONS[version]
    context.load_cert_chain(credential.chain, credential.key)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(trusted)
    server = PythonServer(Asking)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server, names
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_python_server(lab, own, kind, version):
    cert, key = own[kind]
    with python_server_that_asks(lab, version, cert) as (server, names):
        url = f"https://localhost:{server.port}/"
        done = lab.padlock.get("--cacert", lab.roots, "--cert", cert, "--key", key, url)
        assert done.code == 0 and done.out == Page.page, done.err
        (said, name), = names
        assert said == f"TLSv{version}" and name["subject"] == ((("commonName", "somebody"),),)


@pytest.mark.parametrize("version", VERSIONS)
def test_without_one_the_server_says_no(lab, own, version):
    with python_server_that_asks(lab, version, own["ECDSA"][0]) as (server, names):
        done = lab.padlock.get("--cacert", lab.roots, f"https://localhost:{server.port}/")
        assert done.code in (35, 56) and not names, done.err
        assert ("certificate_required" if version == "1.3" else "handshake_failure") in done.err


@pytest.mark.parametrize("version,flag", [("1.3", "-tls1_3"), ("1.2", "-tls1_2")])
def test_openssl_server(lab, own, version, flag):
    cert, key = own["RSA"]
    with openssl_server(lab.pki.credential("good-ecdsa"), lab.pages, flag, "-Verify", "1", "-verify_return_error",
                        "-CAfile", cert) as server:
        url = f"https://localhost:{server.port}/body.txt"
        done = lab.padlock.get("--cacert", lab.roots, "--cert", cert, "--key", key, url)
        assert done.code == 0 and done.out == lab.body, done.err
        assert lab.padlock.get("--cacert", lab.roots, url).code != 0


@contextmanager
def another_server_that_asks(lab, name, version, trusted):
    credential, folder = lab.pki.credential("good-ecdsa"), lab.folder(name)
    if name == "nginx":
        server = nginx_server(credential, lab.pages, folder, version=version, clients=trusted)
    elif name == "gnutls":
        server = gnutls_server(credential, folder, f"NORMAL:-VERS-ALL:+VERS-TLS{version}", clients=trusted)
    else:
        server = getattr(lab, name).serving(credential, lab.pages, folder, version=version, clients=trusted)
    with server as running:
        yield running


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ["nginx", "gnutls", "go", "java", "node", "rustls"])
def test_other_servers(lab, issued, name, version):
    """Each kind of key; and without a certificate there is no page."""
    root, own = issued
    with another_server_that_asks(lab, name, version, root) as server:
        url = f"https://localhost:{server.port}/body.txt"
        for cert, key in own.values():
            done = lab.padlock.get("--cacert", lab.roots, "--cert", cert, "--key", key, "--tls", version, url)
            assert done.code == 0 and (name == "gnutls" or done.out == lab.body), done.err
        done = lab.padlock.get("--cacert", lab.roots, "-f", "--tls", version, url)
        assert done.code != 0 and lab.body not in done.out, done.err


def test_a_redirect_takes_it_nowhere_else(lab, own):
    """The page of one server leads to another one, which asks: it gets none."""
    cert, key = own["ECDSA"]
    with python_server_that_asks(lab, "1.3", cert) as (asking, names):
        class Leading(Page):
            def do_GET(self):
                self.send_response(302)
                self.send_header("Location", f"https://localhost:{asking.port}/")
                self.send_header("Content-Length", "0")
                self.end_headers()

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        credential = lab.pki.credential("good-ecdsa")
        context.load_cert_chain(credential.chain, credential.key)
        server = PythonServer(Leading)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            done = lab.padlock.get("-L", "--cacert", lab.roots, "--cert", cert, "--key", key,
                                   f"https://localhost:{server.port}/")
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
        assert done.code != 0 and not names, done.err


def test_what_is_wrong_with_the_files_is_said(lab, own):
    cert, key = own["ECDSA"]
    other = own["RSA"][1]
    for arguments, words in [(("--cert", lab.scratch / "none.pem", "--key", key), "none.pem"),
                             (("--cert", cert, "--key", other), "RSA.key"), (("--cert", cert), "ECDSA.pem")]:
        done = lab.padlock.get("--cacert", lab.roots, *arguments, "https://localhost:1/")
        assert done.code == 2 and words in done.err and len(done.err.splitlines()) <= 3, done.err
