#!/usr/bin/env python3
"""Makes revocation lists, OCSP responses and certification requests with python3-cryptography and the openssl command,
so that no mistake of ours is in its own test.

Usage: make_revocation.py FOLDER. Writes there:
  ca.pem, LEAF.pem   the issuer and its certificates
  NAME.crl           a list; NAME.ocsp a response; NAME.ocspreq a request for leaf-1; NAME.csr a certification request
  expected.txt       one line each: FILE LEAF SECONDS SAYS: what is said of LEAF at that time (seconds since 1970):
                     good, revoked, or the code of the rule that says why nothing is known
"""
import datetime
import pathlib
import subprocess
import sys
import tempfile
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

UTC = datetime.timezone.utc
NOW = datetime.datetime(2026, 3, 4, 9, tzinfo=UTC)
DAY = datetime.timedelta(days=1)
START, END = datetime.datetime(2026, 1, 1, tzinfo=UTC), datetime.datetime(2126, 1, 1, tzinfo=UTC)
URL = "http://crl.example.test/{}.crl"
Reason = x509.ReasonFlags


def name(common_name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def usage(**bits):
    every = ["digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
             "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"]
    return x509.KeyUsage(**{bit: bits.get(bit, False) for bit in every})


def certificate(subject, key, issuer, issuer_key, serial, *extensions):
    builder = (x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name(issuer)).serial_number(serial)
               .public_key(key.public_key()).not_valid_before(START).not_valid_after(END)
               .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
               .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False))
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer_key, hashes.SHA256())


def leaf(number, ca_key):
    key = ec.generate_private_key(ec.SECP256R1())
    point = x509.DistributionPoint([x509.UniformResourceIdentifier(URL.format(number))], None, None, None)
    access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP,
                                    x509.UniformResourceIdentifier("http://ocsp.example.test/"))
    return certificate(f"leaf-{number}", key, "CA", ca_key, 0x8000000000001000 + number,
                       (x509.CRLDistributionPoints([point]), False), (x509.AuthorityInformationAccess([access]), False),
                       (x509.SubjectAlternativeName([x509.DNSName("example.test")]), False))


def point(url=None, users=False, cas=False, reasons=None, indirect=False):
    full = [x509.UniformResourceIdentifier(url)] if url else None
    return x509.IssuingDistributionPoint(full, None, users, cas, reasons, indirect, False), True


def revocation_list(key, *revoked, issuer="CA", start=NOW - DAY, end=NOW + 6 * DAY, extensions=()):
    """`revoked`: pairs of serial number and reason."""
    builder = (x509.CertificateRevocationListBuilder().issuer_name(name(issuer)).last_update(start).next_update(end)
               .add_extension(x509.CRLNumber(4096), False)
               .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), False))
    for serial, reason in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(NOW - 3 * DAY)
        entry = entry.add_extension(x509.CRLReason(reason), False) if reason else entry
        builder = builder.add_revoked_certificate(entry.build())
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(key, algorithm).public_bytes(serialization.Encoding.DER)


def lists(ca_key, leaves):
    one, two = (leaves[each].serial_number for each in ("leaf-1", "leaf-2"))
    other = ec.generate_private_key(ec.SECP256R1())
    listed = lambda *revoked, **more: revocation_list(ca_key, *revoked, **more)
    return {
        "complete.crl": (listed((two, None)), "leaf-1", "good"),
        "empty.crl": (listed(), "leaf-1", "good"),
        "key-compromise.crl": (listed((two, None), (one, Reason.key_compromise)), "leaf-1", "revoked"),
        "hold.crl": (listed((one, Reason.certificate_hold)), "leaf-1", "revoked"),
        "no-reason.crl": (listed((one, None)), "leaf-1", "revoked"),
        "expired.crl": (listed(start=NOW - 9 * DAY, end=NOW - DAY), "leaf-1", "x509.crl.stale"),
        "future.crl": (listed(start=NOW + DAY), "leaf-1", "x509.crl.not_yet_valid"),
        "other-issuer.crl": (listed(issuer="Other CA"), "leaf-1", "x509.crl.other_issuer"),
        "other-key.crl": (revocation_list(other), "leaf-1", "x509.crl.bad_signature"),
        "delta.crl": (listed(extensions=[(x509.DeltaCRLIndicator(4095), True)]), "leaf-1", "x509.crl.delta"),
        "indirect.crl": (listed(extensions=[point(URL.format(1), indirect=True)]), "leaf-1", "x509.crl.indirect"),
        "some-reasons.crl": (listed(extensions=[point(URL.format(1), reasons=frozenset([Reason.key_compromise]))]), "leaf-1",
                             "x509.crl.some_reasons"),
        "partition-1.crl": (listed((one, Reason.superseded), extensions=[point(URL.format(1))]), "leaf-1", "revoked"),
        "partition-2.crl": (listed(extensions=[point(URL.format(2))]), "leaf-1", "x509.crl.out_of_scope"),
        "partition-2-own.crl": (listed(extensions=[point(URL.format(2))]), "leaf-2", "good"),
        "users.crl": (listed(extensions=[point(users=True)]), "leaf-1", "good"),
        "cas.crl": (listed(extensions=[point(cas=True)]), "leaf-1", "x509.crl.out_of_scope"),
    }


def response(leaf_certificate, ca, signer, signer_key, status=ocsp.OCSPCertStatus.GOOD, algorithm=hashes.SHA1(),
             start=NOW - DAY, end=NOW + 6 * DAY, by=ocsp.OCSPResponderEncoding.HASH, with_signer=False, reason=None):
    revoked_at = NOW - 3 * DAY if status == ocsp.OCSPCertStatus.REVOKED else None
    builder = ocsp.OCSPResponseBuilder().add_response(leaf_certificate, ca, algorithm, status, start, end, revoked_at, reason)
    builder = builder.responder_id(by, signer)
    builder = builder.certificates([signer]) if with_signer else builder
    return builder.sign(signer_key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def responses(ca, ca_key, leaves, responder, responder_key):
    one, two = leaves["leaf-1"], leaves["leaf-2"]
    status, by = ocsp.OCSPCertStatus, ocsp.OCSPResponderEncoding
    by_ca = lambda **more: response(one, ca, ca, ca_key, **more)
    by_delegate = lambda **more: response(one, ca, responder, responder_key, with_signer=True, **more)
    failed = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER)
    return {
        "good.ocsp": (by_ca(), "leaf-1", "good"),
        "good-by-name.ocsp": (by_ca(by=by.NAME), "leaf-1", "good"),
        "good-sha256.ocsp": (by_ca(algorithm=hashes.SHA256()), "leaf-1", "good"),
        "good-delegate.ocsp": (by_delegate(), "leaf-1", "good"),
        "good-delegate-by-name.ocsp": (by_delegate(by=by.NAME), "leaf-1", "good"),
        "revoked.ocsp": (by_ca(status=status.REVOKED, reason=Reason.key_compromise), "leaf-1", "revoked"),
        "revoked-delegate.ocsp": (by_delegate(status=status.REVOKED), "leaf-1", "revoked"),
        "unknown.ocsp": (by_ca(status=status.UNKNOWN), "leaf-1", "x509.ocsp.status_unknown"),
        "stale.ocsp": (by_ca(start=NOW - 9 * DAY, end=NOW - DAY), "leaf-1", "x509.ocsp.stale"),
        "too-old.ocsp": (by_ca(start=NOW - 11 * DAY), "leaf-1", "x509.ocsp.too_old"),
        "no-end.ocsp": (by_ca(end=None), "leaf-1", "x509.ocsp.no_next_update"),
        "other-leaf.ocsp": (response(two, ca, ca, ca_key), "leaf-1", "x509.ocsp.other_certificate"),
        "try-later.ocsp": (failed.public_bytes(serialization.Encoding.DER), "leaf-1", "x509.ocsp.not_successful"),
        "delegate-left-out.ocsp": (response(one, ca, responder, responder_key), "leaf-1", "x509.ocsp.unauthorized_responder"),
    }


def requests():
    names = x509.SubjectAlternativeName([x509.DNSName("example.test"), x509.DNSName("*.example.test")])
    keys = {"ec": ec.generate_private_key(ec.SECP384R1()), "rsa": rsa.generate_private_key(65537, 2048),
            "ed25519": ed25519.Ed25519PrivateKey.generate()}
    for kind, key in keys.items():
        builder = x509.CertificateSigningRequestBuilder().subject_name(name("example.test")).add_extension(names, False)
        builder = builder.add_extension(x509.BasicConstraints(kind == "rsa", None), True)
        request = builder.sign(key, None if kind == "ed25519" else hashes.SHA256())
        yield f"{kind}.csr", request.public_bytes(serialization.Encoding.DER)


def openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"make_revocation.py: openssl {arguments[0]} failed:\n{done.stderr}")


CONFIG = """[ca]
default_ca = here
[here]
database = {work}/index.txt
crlnumber = {work}/crlnumber
default_md = sha256
[plain]
authorityKeyIdentifier = keyid:always
[partition]
authorityKeyIdentifier = keyid:always
issuingDistributionPoint = critical,@point
[point]
fullname = URI:http://crl.example.test/1.crl
[req]
distinguished_name = none
prompt = no
[none]
commonName = example.test
[wanted]
subjectAltName = DNS:example.test,IP:192.0.2.1
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
tlsfeature = status_request
"""


def by_openssl(work, folder):
    """openssl ca, ocsp and req beside the certificates in `work`. OCSP responses are of the moment when they are made."""
    (work / "openssl.cnf").write_text(CONFIG.format(work=work))
    serial = f"{0x8000000000001000 + 1:X}"
    (work / "index.txt").write_text(f"R\t21260101000000Z\t260301090000Z,keyCompromise\t{serial}\tunknown\t/CN=leaf-1\n"
                                    f"V\t21260101000000Z\t\t{serial[:-1]}2\tunknown\t/CN=leaf-2\n")
    (work / "crlnumber").write_text("1000\n")
    config = ["-config", work / "openssl.cnf"]
    times = ["-crl_lastupdate", "20260303090000Z", "-crl_nextupdate", "20260310090000Z"]
    signer = ["-cert", work / "ca.pem", "-keyfile", work / "ca.key"]
    moment = int(NOW.timestamp())
    for made, extensions in {"bare": [], "v2": ["-crlexts", "plain"], "partition": ["-crlexts", "partition"]}.items():
        pem = work / f"{made}.pem"
        openssl("ca", "-gencrl", *config, *signer, *times, *extensions, "-out", pem)
        openssl("crl", "-in", pem, "-outform", "DER", "-out", folder / f"openssl-{made}.crl")
        yield f"openssl-{made}.crl", "leaf-1", moment, "revoked"
    yield "openssl-v2.crl", "leaf-2", moment, "good"
    yield "openssl-partition.crl", "leaf-2", moment, "x509.crl.out_of_scope"
    of = ["-issuer", work / "ca.pem"]
    openssl("ocsp", *of, "-cert", work / "leaf-1.pem", "-no_nonce", "-reqout", folder / "openssl.ocspreq")
    openssl("ocsp", *of, "-cert", work / "leaf-1.pem", "-nonce", "-reqout", folder / "openssl-nonce.ocspreq")
    index = ["-index", work / "index.txt", "-CA", work / "ca.pem", "-ndays", "7"]
    for number, says in ((1, "revoked"), (2, "good")):
        request, answer = work / f"{number}.req", f"openssl-delegate-{number}.ocsp"
        openssl("ocsp", *of, "-cert", work / f"leaf-{number}.pem", "-reqout", request)
        openssl("ocsp", *index, "-rsigner", work / "responder.pem", "-rkey", work / "responder.key", "-reqin", request,
                "-respout", folder / answer)
        yield answer, f"leaf-{number}", int(time.time()), says
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", work / "csr.key")
    openssl("req", "-new", *config, "-key", work / "csr.key", "-reqexts", "wanted", "-outform", "DER",
            "-out", folder / "openssl.csr")


def write_key(path, key):
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                       serialization.NoEncryption()))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    ca_key, responder_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    ca = certificate("CA", ca_key, "CA", ca_key, 1, (x509.BasicConstraints(True, None), True),
                     (usage(key_cert_sign=True, crl_sign=True), True))
    responder = certificate("Responder", responder_key, "CA", ca_key, 2, (usage(digital_signature=True), True),
                            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), False),
                            (x509.OCSPNoCheck(), False))
    leaves = {f"leaf-{number}": leaf(number, ca_key) for number in (1, 2)}
    pem = {"ca": ca, **leaves}
    expected = []
    for made in (lists(ca_key, leaves), responses(ca, ca_key, leaves, responder, responder_key)):
        for file, (der, whom, says) in made.items():
            (folder / file).write_bytes(der)
            expected.append((file, whom, int(NOW.timestamp()), says))
    for file, der in requests():
        (folder / file).write_bytes(der)
    with tempfile.TemporaryDirectory() as temporary:
        work = pathlib.Path(temporary)
        for each, made in {**pem, "responder": responder}.items():
            (work / f"{each}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
        write_key(work / "ca.key", ca_key)
        write_key(work / "responder.key", responder_key)
        expected += by_openssl(work, folder)
        for each in pem:
            (folder / f"{each}.pem").write_bytes((work / f"{each}.pem").read_bytes())
    (folder / "expected.txt").write_text("".join(" ".join(map(str, line)) + "\n" for line in expected))
    print(f"{folder}: {len(expected)} judgements")


if __name__ == "__main__":
    main()
