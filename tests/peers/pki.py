"""The test PKI: openssl's chains of tests/pki/make.py as files that each peer can read."""

import sys
from dataclasses import dataclass
from pathlib import Path

from peers.process import ROOT, run


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
