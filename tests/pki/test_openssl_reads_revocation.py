"""What our CA says of its certificates, read by OpenSSL: lists, OCSP responses and certification requests."""

import os
import subprocess
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folder that pki_tool fills: a CA, its leaves `good` and `revoked`, and all that is said of them."""
    program = os.environ.get("PADLOCK")
    build = Path(program).parent if program else Path(__file__).resolve().parents[2] / "build" / "dev"
    tool = Path(os.environ.get("PADLOCK_PKI_TOOL") or build / "tests" / "pki_tool")
    if not tool.exists():
        pytest.skip("pki_tool absent (./dev build dev)")
    folder = tmp_path_factory.mktemp("revocation")
    subprocess.run([tool, "revocation", folder], check=True, stdin=subprocess.DEVNULL, timeout=60)
    return folder


def openssl(*arguments):
    """Exit code and all that was said."""
    done = subprocess.run(
        ["openssl", *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=60,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("leaf, code, said", [("good", 0, "OK"), ("revoked", 2, "certificate revoked")])
def test_openssl_reads_the_list(made, leaf, code, said):
    result = openssl(
        "verify", "-x509_strict", "-crl_check", "-CAfile", made / "ca.pem", "-CRLfile", made / "list.pem", made / f"{leaf}.pem"
    )
    assert result[0] == code and said in result[1], result


@pytest.mark.parametrize("answer", ["by-ca", "by-delegate"])
@pytest.mark.parametrize("leaf", ["good", "revoked"])
def test_openssl_believes_the_response(made, answer, leaf):
    code, said = openssl(
        "ocsp", "-respin", made / f"{answer}.der", "-issuer", made / "ca.pem", "-cert", made / f"{leaf}.pem",
        "-CAfile", made / "ca.pem", "-no_nonce",
    )
    assert code == 0 and "Response verify OK" in said and f"{leaf}.pem: {leaf}" in said, said
    assert ("keyCompromise" in said) == (leaf == "revoked"), said


def test_openssl_reads_the_request(made):
    code, said = openssl("req", "-verify", "-noout", "-text", "-in", made / "request.pem")
    assert code == 0 and "verify OK" in said, said
    assert "DNS:example.test, IP Address:192.0.2.1" in said, said


def test_openssl_reads_what_certificates_name(made):
    _, said = openssl("x509", "-noout", "-text", "-in", made / "good.pem")
    for words in ("URI:http://crl.example.test/1.crl", "OCSP - URI:http://ocsp.example.test/", "status_request"):
        assert words in said, said
    _, said = openssl("x509", "-noout", "-text", "-in", made / "responder.pem")
    assert "OCSP Signing" in said and "OCSP No Check" in said, said
