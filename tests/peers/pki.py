"""The test PKI: openssl's chains of tests/pki/make.py as files that each peer can read."""

import sys
from dataclasses import dataclass
from pathlib import Path

from peers.process import ROOT, peer, run


@dataclass
class Credential:
    chain: Path  # leaf first
    leaf: Path
    above: Path  # what stands above the leaf; may be empty
    key: Path


def split_pem(text):
    return [block + "-----END CERTIFICATE-----\n" for block in text.split("-----END CERTIFICATE-----\n")[:-1]]


class Pki:
    def __init__(self, folder):
        self.folder = Path(folder)
        done = run(sys.executable, ROOT / "tests" / "pki" / "make.py", folder, timeout=300)
        assert done.code == 0, done.said
        self.roots = self.folder / "roots.pem"

    def credential(self, name):
        """The chain and key of this name of make.py's list."""
        chain = self.folder / f"{name}.pem"
        leaf, *above = split_pem(chain.read_text("ascii"))
        result = Credential(chain, self.folder / f"{name}.leaf", self.folder / f"{name}.above",
                            self.folder / f"{name}.key")
        result.leaf.write_text(leaf, "ascii")
        result.above.write_text("".join(above), "ascii")
        return result


def self_signed(folder):
    """An RSA certificate for localhost that nobody else vouches for; its key may sign and decrypt."""
    result = Credential(folder / "lone.pem", folder / "lone.pem", folder / "lone.above", folder / "lone.key")
    done = run(peer("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-noenc", "-subj", "/CN=lone server", "-days", "7",
               "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-addext",
               "keyUsage=critical,digitalSignature,keyEncipherment", "-addext", "extendedKeyUsage=serverAuth", "-addext",
               "basicConstraints=critical,CA:FALSE", "-keyout", result.key, "-out", result.chain)
    assert done.code == 0, done.said
    result.above.write_text("", "ascii")
    return result


def pkcs12_bundle(chain, key, folder, password):
    """Both as one file, for those who keep them so."""
    out = folder / f"{key.stem}.p12"
    done = run(peer("openssl"), "pkcs12", "-export", "-in", chain, "-inkey", key, "-name", "leaf", "-passout",
               f"pass:{password}", "-out", out)
    assert done.code == 0, done.said
    return out


def finite_field(folder, group):
    """A file of DH parameters: those of a group that has a name, or, without one, made up."""
    out = folder / "dh.pem"
    how = ["genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", f"group:{group}", "-out", out]
    done = run(peer("openssl"), *(how if group else ["dhparam", "-dsaparam", "-out", out, "2048"]))
    assert done.code == 0, done.said
    return out


CLIENT_KEYS = {"ECDSA": ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"), "RSA": ("-newkey", "rsa:2048"),
               "Ed25519": ("-newkey", "ed25519")}


class ClientPki:
    """A CA of openssl's, `root`, and certificates for clients that it has issued, `credentials`, by the kind of key."""

    def __init__(self, folder):
        self.root, self.credentials = folder / "root.pem", {}
        root_key = folder / "root.key"
        self._make(*CLIENT_KEYS["ECDSA"], "-keyout", root_key, "-out", self.root, "-subj", "/CN=clients", "-addext",
                   "keyUsage=critical,keyCertSign,cRLSign")
        for kind, how in CLIENT_KEYS.items():
            chain, key, above = (folder / f"{kind}.{end}" for end in ["pem", "key", "above"])
            self._make(*how, "-keyout", key, "-out", chain, "-subj", f"/CN={kind}", "-CA", self.root, "-CAkey", root_key,
                       "-addext", "basicConstraints=critical,CA:FALSE", "-addext", "extendedKeyUsage=clientAuth", "-addext",
                       f"subjectAltName=DNS:{kind.lower()}.test")
            key.chmod(0o600)
            self.credentials[kind] = Credential(chain, chain, above, key)

    @staticmethod
    def _make(*arguments):
        done = run(peer("openssl"), "req", "-x509", "-nodes", "-days", "3", *arguments)
        assert done.code == 0, done.said
