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
