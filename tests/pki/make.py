#!/usr/bin/env python3
"""Makes a small PKI of good and bad chains with the openssl command, so that no mistake of ours is in its own test.

Usage: make.py FOLDER. Writes there:
  roots.pem          the trusted roots, and each of them in a file of its own, ROOT.pem
  NAME.pem           each chain, leaf first, without its root
  NAME.key           the leaf's private key (0600), for servers that are to present the chain
  expected.txt       one line a chain: NAME accept, or NAME and the code of the rule that refuses it
All chains are for the hosts example.test, localhost and 127.0.0.1, and are judged at 2026-03-04 09:00 UTC.
"""
import base64
import os
import pathlib
import subprocess
import sys
import tempfile
from dataclasses import dataclass

LONG_AGO, PAST, START, END, FAR = "20200101000000Z", "20210101000000Z", "20260101000000Z", "21260101000000Z", "21250101000000Z"
NAMES = "DNS:example.test,DNS:localhost,IP:127.0.0.1"
LEAF_USAGE = "critical,digitalSignature"


@dataclass
class Certificate:
    """One certificate; `key` names its kind, `same_key` another certificate whose key it shares."""
    name: str
    issuer: str = ""           # empty: signed by itself
    ca: bool = False
    key: str = "ec"
    same_key: str = ""
    same_subject: str = ""
    basic: str = ""            # basicConstraints, where the usual one is not wanted
    usage: str = ""
    purpose: str = "serverAuth"
    names: str = NAMES
    constraints: str = ""
    extra: str = ""            # further lines of the extensions' section
    start: str = START
    end: str = END
    digest: str = "sha256"
    pss: bool = False


CERTIFICATES = [
    Certificate("root", ca=True),
    Certificate("root-rsa", ca=True, key="rsa3072"),
    Certificate("root-ed25519", ca=True, key="ed25519", digest="default"),
    Certificate("root-p384", ca=True, key="p384", digest="sha256"),
    Certificate("root-constrained", ca=True,
                constraints="critical,permitted;DNS:example.test,permitted;DNS:localhost,"
                            "permitted;IP:127.0.0.0/255.0.0.0,excluded;DNS:secret.example.test"),
    Certificate("root-expired", ca=True, start=LONG_AGO, end=PAST),
    Certificate("root-untrusted", ca=True),
    Certificate("intermediate", "root", ca=True),
    Certificate("intermediate-rsa", "root-rsa", ca=True, key="rsa2048"),
    Certificate("intermediate-expired", "root", ca=True, start=LONG_AGO, end=PAST),
    Certificate("intermediate-pathlen-0", "root", ca=True, basic="critical,CA:TRUE,pathlen:0"),
    Certificate("intermediate-below-pathlen", "intermediate-pathlen-0", ca=True),
    Certificate("intermediate-mail", "root", ca=True, purpose="emailProtection"),
    Certificate("intermediate-no-cert-sign", "root", basic="critical,CA:TRUE", usage="critical,digitalSignature"),
    Certificate("cross-by-root", "root", ca=True),
    Certificate("cross-by-untrusted", "root-untrusted", ca=True, same_key="cross-by-root", same_subject="cross-by-root"),

    Certificate("good-ecdsa", "intermediate"),
    Certificate("good-rsa", "intermediate-rsa", key="rsa2048", usage=LEAF_USAGE + ",keyEncipherment"),  # NSS wants both
    Certificate("good-rsa-pss", "intermediate-rsa", key="rsa2048", pss=True),
    Certificate("good-ed25519", "root-ed25519", key="ed25519", digest="default"),
    Certificate("good-p384", "intermediate", key="p384"),
    Certificate("good-p521", "intermediate", key="p521"),
    Certificate("good-p384-with-sha256", "root-p384", key="p384"),
    Certificate("good-cross-signed", "cross-by-root"),
    Certificate("good-inside-constraints", "root-constrained"),
    Certificate("good-wildcard", "intermediate", names="DNS:*.example.test,DNS:example.test,DNS:localhost"),
    Certificate("expired", "intermediate", start=LONG_AGO, end=PAST),
    Certificate("not-yet-valid", "intermediate", start=FAR),
    Certificate("wrong-purpose", "intermediate", purpose="clientAuth"),
    Certificate("wrong-key-usage", "intermediate", usage="critical,keyEncipherment"),
    Certificate("wrong-name", "intermediate", names="DNS:other.test"),
    Certificate("no-names", "intermediate", names=""),
    Certificate("unknown-critical", "intermediate", extra="1.2.3.4.5 = critical,ASN1:NULL"),
    Certificate("below-expired-intermediate", "intermediate-expired"),
    Certificate("below-expired-root", "root-expired"),
    Certificate("below-untrusted-root", "root-untrusted"),
    Certificate("below-a-leaf", "good-ecdsa"),
    Certificate("below-path-length", "intermediate-below-pathlen"),
    Certificate("below-mail-ca", "intermediate-mail"),
    Certificate("below-ca-without-cert-sign", "intermediate-no-cert-sign"),
    Certificate("outside-constraints", "root-constrained", names=NAMES + ",DNS:other.test"),
    Certificate("excluded-by-constraints", "root-constrained", names=NAMES + ",DNS:secret.example.test"),
    Certificate("weak-rsa-1024", "intermediate", key="rsa1024"),
    Certificate("weak-sha1", "intermediate", digest="sha1"),
    Certificate("bad-signature", "intermediate"),
]

# Each chain: its certificates above the leaf, and what a verifier says at the time of judgement.
CHAINS = {
    "good-ecdsa": (["intermediate"], "accept"),
    "good-rsa": (["intermediate-rsa"], "accept"),
    "good-rsa-pss": (["intermediate-rsa"], "accept"),
    "good-ed25519": ([], "accept"),
    "good-p384": (["intermediate"], "accept"),
    "good-p521": (["intermediate"], "accept"),
    "good-p384-with-sha256": ([], "accept"),
    "good-cross-signed": (["cross-by-untrusted", "cross-by-root"], "accept"),
    "good-inside-constraints": ([], "accept"),
    "good-wildcard": (["intermediate"], "accept"),
    "expired": (["intermediate"], "x509.validity.expired"),
    "not-yet-valid": (["intermediate"], "x509.validity.not_yet_valid"),
    "wrong-purpose": (["intermediate"], "x509.path.extended_key_usage"),
    "wrong-key-usage": (["intermediate"], "x509.leaf.key_usage"),
    "wrong-name": (["intermediate"], "x509.name.mismatch"),
    "no-names": (["intermediate"], "x509.name.no_subject_alternative_name"),
    "unknown-critical": (["intermediate"], "x509.extension.unknown_critical"),
    "below-expired-intermediate": (["intermediate-expired"], "x509.validity.expired"),
    "below-expired-root": ([], "x509.validity.expired"),
    "below-untrusted-root": ([], "x509.path.unknown_issuer"),
    "below-a-leaf": (["good-ecdsa", "intermediate"], "x509.ca.not_a_ca"),
    "below-path-length": (["intermediate-below-pathlen", "intermediate-pathlen-0"], "x509.ca.path_length"),
    "below-mail-ca": (["intermediate-mail"], "x509.path.extended_key_usage"),
    "below-ca-without-cert-sign": (["intermediate-no-cert-sign"], "x509.ca.key_usage"),
    "outside-constraints": ([], "x509.path.name_constraint"),
    "excluded-by-constraints": ([], "x509.path.name_constraint"),
    "weak-rsa-1024": (["intermediate"], "x509.certificate.unsupported_key"),
    "weak-sha1": (["intermediate"], "x509.path.weak_signature"),
    "bad-signature": (["intermediate"], "x509.path.bad_signature"),
}
ROOTS = ["root", "root-rsa", "root-ed25519", "root-p384", "root-constrained", "root-expired"]

KEY_ARGUMENTS = {
    "ec": ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "p384": ["EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
    "p521": ["EC", "-pkeyopt", "ec_paramgen_curve:P-521"],
    "ed25519": ["ED25519"],
    "rsa1024": ["RSA", "-pkeyopt", "rsa_keygen_bits:1024"],
    "rsa2048": ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    "rsa3072": ["RSA", "-pkeyopt", "rsa_keygen_bits:3072"],
}


def openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"make.py: openssl {arguments[0]} failed:\n{done.stderr}")


def config_of(certificate, work):
    """The configuration for one certificate: what a person would write by hand for `openssl ca`."""
    basic = certificate.basic or ("critical,CA:TRUE" if certificate.ca else "critical,CA:FALSE")
    usage = certificate.usage or ("critical,keyCertSign,cRLSign" if certificate.ca else LEAF_USAGE)
    lines = [f"basicConstraints = {basic}", f"keyUsage = {usage}", "subjectKeyIdentifier = hash",
             "authorityKeyIdentifier = keyid:always"]
    if not certificate.ca or certificate.purpose != "serverAuth":
        lines.append(f"extendedKeyUsage = {certificate.purpose}")
    if not certificate.ca and certificate.names:
        lines.append(f"subjectAltName = {certificate.names}")
    if certificate.constraints:
        lines.append(f"nameConstraints = {certificate.constraints}")
    lines += [certificate.extra] if certificate.extra else []
    return f"""[ca]
default_ca = here
[here]
database = {work}/index.txt
new_certs_dir = {work}
rand_serial = yes
policy = any
unique_subject = no
default_md = {certificate.digest}
x509_extensions = extensions
[any]
commonName = supplied
[req]
distinguished_name = none
prompt = no
[none]
commonName = {certificate.same_subject or certificate.name}
[extensions]
{chr(10).join(lines)}
"""


def make(certificate, work):
    """Key, request and certificate of one entry, in the working folder."""
    name = certificate.name
    config, key, request = work / f"{name}.cnf", work / f"{name}.key", work / f"{name}.csr"
    config.write_text(config_of(certificate, work))
    if certificate.same_key:
        key.write_bytes((work / f"{certificate.same_key}.key").read_bytes())
    else:
        openssl("genpkey", "-algorithm", *KEY_ARGUMENTS[certificate.key], "-out", key)
    openssl("req", "-new", "-config", config, "-key", key, "-out", request)
    issuer = certificate.issuer or name
    signer = ["-selfsign"] if not certificate.issuer else ["-cert", work / f"{issuer}.crt"]
    padding = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"] if certificate.pss else []
    openssl("ca", "-batch", "-notext", "-config", config, "-in", request, "-out", work / f"{name}.crt",
            "-keyfile", work / f"{issuer}.key", *signer, *padding,
            "-startdate", certificate.start, "-enddate", certificate.end)


def spoil_signature(path):
    """Turns over the last bit of a certificate's signature."""
    lines = path.read_text().splitlines()
    der = bytearray(base64.b64decode("".join(lines[1:-1])))
    der[-1] ^= 1
    text = base64.encodebytes(bytes(der)).decode().replace("\n", "")
    body = "\n".join(text[i:i + 64] for i in range(0, len(text), 64))
    path.write_text(f"{lines[0]}\n{body}\n{lines[-1]}\n")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        work = pathlib.Path(temporary)
        (work / "index.txt").touch()
        for certificate in CERTIFICATES:
            make(certificate, work)
        spoil_signature(work / "bad-signature.crt")
        for name, (above, _) in CHAINS.items():
            (folder / f"{name}.pem").write_text("".join((work / f"{one}.crt").read_text() for one in [name, *above]))
            descriptor = os.open(folder / f"{name}.key", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as out:
                out.write((work / f"{name}.key").read_bytes())
        for root in ROOTS:
            (folder / f"{root}.pem").write_text((work / f"{root}.crt").read_text())
        (folder / "roots.pem").write_text("".join((work / f"{one}.crt").read_text() for one in ROOTS))
    (folder / "expected.txt").write_text("".join(f"{name} {expected}\n" for name, (_, expected) in CHAINS.items()))
    print(f"{folder}: {len(CHAINS)} chains, {len(ROOTS)} roots")


if __name__ == "__main__":
    main()
