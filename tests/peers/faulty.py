"""Servers whose certificates have one fault each, made by the openssl command, and what their CA publishes beside them."""

import shutil
import ssl
from contextlib import contextmanager
from dataclasses import dataclass, field

from peers.pki import Credential
from peers.process import peer, run
from peers.servers import Page, QuietHandler, nginx_server, python_server
from pki.make import FAR, LONG_AGO, PAST, Certificate, make

TYPES = {".crl": "application/pkix-crl", ".crt": "application/pkix-cert", ".ocsp": "application/ocsp-response"}
MUST_STAPLE = "tlsfeature = status_request"
WEAK = "DEFAULT@SECLEVEL=0"  # OpenSSL serves no weak certificate otherwise

AUTHORITIES = [
    Certificate("root", ca=True),
    Certificate("unknown root", ca=True),
    Certificate("issuing CA", "root", ca=True),
    Certificate("constrained", "root", ca=True, constraints="critical,permitted;DNS:example.test"),
]


@dataclass
class Server:
    """A leaf, what the server sends above it, and whether it staples what the CA says of the leaf."""

    leaf: Certificate
    above: list = field(default_factory=lambda: ["issuing CA"])
    revoked: bool = False
    staples: bool = False


def leaf(name, issuer="issuing CA", **more):
    return Certificate(name, issuer, **{"names": "DNS:localhost", **more})


def servers(published):
    """All of them; the CA publishes at this URL."""
    by_list, by_responder = f"crlDistributionPoints = URI:{published}", f"authorityInfoAccess = OCSP;URI:{published}"
    return [
        Server(leaf("good")),
        Server(leaf("expired", start=LONG_AGO, end=PAST)),
        Server(leaf("not yet valid", start=FAR)),
        Server(leaf("wrong host", names="DNS:other.test")),
        Server(leaf("self-signed", ""), above=[]),
        Server(leaf("below unknown root", "unknown root"), above=[]),
        Server(leaf("intermediate left out"), above=[]),
        Server(leaf("intermediate left out, named", extra=f"authorityInfoAccess = caIssuers;URI:{published}/issuing_CA.crt"),
               above=[]),
        Server(leaf("listed", extra=f"{by_list}/list.crl"), revoked=True),
        Server(leaf("not listed", extra=f"{by_list}/list.crl")),
        Server(leaf("silent list", extra=f"{by_list}/silent.crl")),
        Server(leaf("responder says revoked", extra=f"{by_responder}/responder_says_revoked.ocsp"), revoked=True),
        Server(leaf("responder says good", extra=f"{by_responder}/responder_says_good.ocsp")),
        Server(leaf("revoked staple"), revoked=True, staples=True),
        Server(leaf("must-staple, none", extra=MUST_STAPLE)),
        Server(leaf("must-staple, good", extra=MUST_STAPLE), staples=True),
        Server(leaf("outside constraints", "constrained"), above=["constrained"]),
        Server(leaf("RSA of 1024 bits", key="rsa1024")),
        Server(leaf("SHA-1", digest="sha1")),
        Server(leaf("unknown critical", extra="1.2.3.4.5 = critical,ASN1:NULL")),
    ]


def file_name(name):
    return name.replace(" ", "_").replace(",", "")


class Published(QuietHandler):
    """The files of a CA, to whoever asks in whatever way; for silent.crl it takes the request and says nothing."""

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.requests.append(f"{self.command} {self.path}")
        if self.path == "/silent.crl":
            self.rfile.read()  # until the client goes
            return
        file = self.server.folder / self.path.rpartition("/")[2]
        self.send_response(200)
        self.send_header("Content-Type", TYPES[file.suffix])
        self.end_headers()
        self.wfile.write(file.read_bytes())

    do_POST = do_GET


class Faulty:
    """The CA's files lie in `folder`; `requests` is what it was asked for."""

    def __init__(self, folder, publishing):
        self.folder, self.requests, self.root = folder, publishing.requests, folder / "root.crt"
        self.published = f"http://127.0.0.1:{publishing.port}"
        self.servers = {one.leaf.name: one for one in servers(self.published)}
        self._issue()
        self._publish()

    def _issue(self):
        (self.folder / "index.txt").touch()
        for one in [*AUTHORITIES, *(one.leaf for one in self.servers.values())]:
            names = {"name": file_name(one.name), "issuer": file_name(one.issuer), "same_subject": one.name}
            make(Certificate(**{**vars(one), **names}), self.folder)

    def _publish(self):
        """The list, the responses and, in DER, the intermediate."""
        (self.folder / "ca.cnf").write_text((self.folder / "issuing_CA.cnf").read_text("ascii") +
                                            "[list]\nauthorityKeyIdentifier = keyid:always\n", "ascii")
        ca = ["ca", "-config", self.folder / "ca.cnf", "-cert", self.folder / "issuing_CA.crt", "-keyfile",
              self.folder / "issuing_CA.key"]
        for name, one in self.servers.items():
            if one.revoked:
                self._openssl(*ca, "-revoke", self._file(name, "crt"), "-crl_reason", "keyCompromise")
        self._openssl(*ca, "-gencrl", "-crldays", "7", "-crlexts", "list", "-out", self.folder / "list.pem")
        self._openssl("crl", "-in", self.folder / "list.pem", "-outform", "DER", "-out", self.folder / "list.crl")
        for name, one in self.servers.items():
            if one.staples or "OCSP;" in one.leaf.extra:
                self._answer(name)
        shown = self.folder / "published"
        shown.mkdir()
        for file in [*self.folder.glob("*.crl"), *self.folder.glob("*.ocsp")]:
            shutil.copy(file, shown)
        self._openssl("x509", "-in", self.folder / "issuing_CA.crt", "-outform", "DER", "-out", shown / "issuing_CA.crt")

    def _answer(self, name):
        """What the CA's responder says of this certificate."""
        ca, question = self.folder / "issuing_CA.crt", self._file(name, "question")
        self._openssl("ocsp", "-issuer", ca, "-cert", self._file(name, "crt"), "-no_nonce", "-reqout", question)
        self._openssl("ocsp", "-index", self.folder / "index.txt", "-CA", ca, "-rsigner", ca, "-rkey",
                      self.folder / "issuing_CA.key", "-ndays", "7", "-reqin", question, "-respout",
                      self._file(name, "ocsp"))

    @staticmethod
    def _openssl(*arguments):
        done = run(peer("openssl"), *arguments)
        assert done.code == 0, done.said

    def _file(self, name, ending):
        return self.folder / f"{file_name(name)}.{ending}"

    def credential(self, name):
        leaf, above, chain = (self._file(name, ending) for ending in ["crt", "above", "chain"])
        above.write_text("".join(self._file(one, "crt").read_text("ascii") for one in self.servers[name].above), "ascii")
        chain.write_text(leaf.read_text("ascii") + above.read_text("ascii"), "ascii")
        return Credential(chain, leaf, above, self._file(name, "key"))

    @contextmanager
    def asked(self, expected):
        """Exactly this is asked of the CA meanwhile."""
        self.requests.clear()
        yield
        assert self.requests == expected

    @contextmanager
    def serving(self, name):
        """The URL of the server with this certificate, which has one page."""
        credential = self.credential(name)
        with self._stapling(name, credential) if self.servers[name].staples else self._plain(credential) as server:
            yield f"https://localhost:{server.port}/"

    @staticmethod
    def _plain(credential):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers(WEAK)
        return python_server(credential, context=context)

    @contextmanager
    def _stapling(self, name, credential):
        """Python's ssl staples nothing, nginx what it is given."""
        work = self._file(name, "nginx")
        work.mkdir(exist_ok=True)
        (work / "index.html").write_bytes(Page.page)
        staple = f"ssl_stapling on; ssl_stapling_file {self._file(name, 'ocsp')};"
        with nginx_server(credential, work, work, more=staple) as server:
            yield server


@contextmanager
def faulty_servers(folder):
    peer("openssl")
    with python_server(handler=Published) as publishing:
        publishing.folder = folder / "published"
        yield Faulty(folder, publishing)
