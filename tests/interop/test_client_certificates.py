"""`get --cert --key` before servers that ask for a certificate: what is not in the matrix."""

import ssl
from contextlib import contextmanager

import pytest

from peers.clients import PYTHON_VERSIONS
from peers.servers import Page, python_server


@contextmanager
def python_server_that_asks(lab, version):
    """A page for those who have shown a certificate; it says who came."""
    names = []

    class Asking(Page):
        def do_GET(self):
            names.append((self.connection.version(), self.connection.getpeercert()))
            super().do_GET()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = context.maximum_version = PYTHON_VERSIONS[version]
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(lab.clients.root)
    with python_server(lab.pki.credential("good-ecdsa"), Asking, context) as server:
        yield server, names


@pytest.mark.parametrize("version", PYTHON_VERSIONS)
def test_the_server_knows_who_came(lab, version):
    own = lab.clients.credentials["ECDSA"]
    with python_server_that_asks(lab, version) as (server, names):
        done = lab.padlock.get("--cacert", lab.roots, "--cert", own.chain, "--key", own.key,
                               f"https://localhost:{server.port}/")
        assert done.code == 0 and done.out == Page.page, done.err
        (said, name), = names
        assert said == f"TLSv{version}" and name["subject"] == ((("commonName", "ECDSA"),),)


@pytest.mark.parametrize("version", PYTHON_VERSIONS)
def test_what_the_server_says_without_one_is_told(lab, version):
    with python_server_that_asks(lab, version) as (server, names):
        done = lab.padlock.get("--cacert", lab.roots, f"https://localhost:{server.port}/")
        assert done.code in (35, 56) and not names, done.err
        assert ("certificate_required" if version == "1.3" else "handshake_failure") in done.err


def test_a_redirect_takes_it_nowhere_else(lab):
    """The page of one server leads to another one, which asks: it gets none."""
    own = lab.clients.credentials["ECDSA"]
    with python_server_that_asks(lab, "1.3") as (asking, names):
        class Leading(Page):
            def do_GET(self):
                self.send_response(302)
                self.send_header("Location", f"https://localhost:{asking.port}/")
                self.send_header("Content-Length", "0")
                self.end_headers()

        with python_server(lab.pki.credential("good-ecdsa"), Leading) as server:
            done = lab.padlock.get("-L", "--cacert", lab.roots, "--cert", own.chain, "--key", own.key,
                                   f"https://localhost:{server.port}/")
        assert done.code != 0 and asking.errors and not names, done.err


def test_what_is_wrong_with_the_files_is_said(lab):
    own, other = lab.clients.credentials["ECDSA"], lab.clients.credentials["RSA"]
    for arguments, words in [(("--cert", lab.scratch / "none.pem", "--key", own.key), "none.pem"),
                             (("--cert", own.chain, "--key", other.key), "RSA.key"), (("--cert", own.chain), "ECDSA.pem")]:
        done = lab.padlock.get("--cacert", lab.roots, *arguments, "https://localhost:1/")
        assert done.code == 2 and words in done.err and len(done.err.splitlines()) <= 3, done.err
