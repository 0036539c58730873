"""Certificates that travel compressed (RFC 8879): rustls as a server, Chromium as a client.

Debian's openssl, GnuTLS and NSS compress none, and neither do Go, Java and node.
"""

import json
import re

import pytest

from peers.browser import browse, make_nss_home
from peers.capture import capturing
from peers.process import peer, run


def test_of_rustls_are_read(lab):
    with lab.rustls.serving(lab.pki.credential("good-rsa"), lab.pages, lab.folder("rustls")) as server:
        done = lab.padlock.run("explain", "--json", "--cacert", lab.roots, f"https://localhost:{server.port}/body.txt")
    assert done.code == 0, done.said
    step, = (one for one in json.loads(done.text)["steps"] if one["id"] == "certificate")
    facts = {fact["name"]: fact["value"] for fact in step["facts"]}
    before, after = re.fullmatch(r"by (?:brotli|zlib), ([\d,]+) bytes to ([\d,]+)", facts["compressed"]).groups()
    assert step["title"] == "CompressedCertificate" and "chain 0" in facts and "chain 1" in facts
    assert int(after.replace(",", "")) < int(before.replace(",", ""))


@pytest.fixture(scope="module")
def nss_home(serving, tmp_path_factory):
    return make_nss_home(tmp_path_factory.mktemp("nss"), serving.root)


def test_of_ours_are_read_by_chromium(serving, nss_home, tmp_path):
    """Chromium offers brotli; tshark reads what it got with the keys that Chromium writes down."""
    keys = tmp_path / "keys"
    with capturing(tmp_path, serving.port) as capture:
        assert "the padlock page" in browse(nss_home, serving.url(), tmp_path / "profile", f"--ssl-key-log-file={keys}")
    done = run(peer("tshark"), "-r", capture.path, "-d", f"tcp.port=={serving.port},tls", "-o", f"tls.keylog_file:{keys}",
               "-Y", "tls.handshake.type == 25", "-T", "fields", "-e", "tls.compress_certificate.algorithm")
    assert done.code == 0 and set(done.text.split()) == {"2"}, done.said
