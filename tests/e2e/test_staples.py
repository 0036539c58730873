"""OCSP responses beside our certificates: fetched from openssl's responder, shown to openssl's client and to ours."""

import json
import re
from contextlib import contextmanager

import pytest

from peers.ports import free_port
from peers.process import Running, peer, run, until

HOST = "stapled.test"


class Authority:
    """A CA of openssl's with its responder, and a certificate that names that."""

    def __init__(self, folder, must_staple=False):
        folder.mkdir()
        self.folder, self.port = folder, free_port()
        self.root, self.root_key = folder / "root.pem", folder / "root.key"
        self.leaf, self.key, self.chain = folder / "leaf.pem", folder / "leaf.key", folder / "chain.pem"
        self.make("-subj", "/CN=authority", "-addext", "keyUsage=critical,keyCertSign,cRLSign,digitalSignature", "-keyout",
                  self.root_key, "-out", self.root)
        feature = ["-addext", "tlsfeature=status_request"] if must_staple else []
        self.make("-subj", f"/CN={HOST}", "-CA", self.root, "-CAkey", self.root_key, "-set_serial", "0x1234", "-addext",
                  f"subjectAltName=DNS:{HOST}", "-addext", "basicConstraints=critical,CA:FALSE", "-addext",
                  f"authorityInfoAccess=OCSP;URI:http://127.0.0.1:{self.port}/ocsp", *feature, "-keyout", self.key, "-out",
                  self.leaf)
        self.key.chmod(0o600)
        self.chain.write_text(self.leaf.read_text("ascii") + self.root.read_text("ascii"), "ascii")

    @staticmethod
    def make(*arguments):
        done = run(peer("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc",
                   "-days", "7", *arguments)
        assert done.code == 0, done.said

    @contextmanager
    def responding(self, status="V", minutes=60, signer=None):
        index = self.folder / "index.txt"
        revoked = "300101000000Z" if status == "R" else ""
        index.write_text(f"{status}\t991231235959Z\t{'200101000000Z' if revoked else ''}\t1234\tunknown\t/CN={HOST}\n", "ascii")
        by = signer or self
        with Running(peer("openssl"), "ocsp", "-index", index, "-port", self.port, "-rsigner", by.root, "-rkey", by.root_key,
                     "-CA", self.root, "-nmin", minutes, folder=self.folder) as running:
            running.until_says("ACCEPT")  # it cannot bear a connection that says nothing
            yield running

    def config(self, more=""):
        file, page = self.folder / "padlock.toml", self.folder / "www"
        page.mkdir(exist_ok=True)
        (page / "index.html").write_text("<p>page</p>", "utf-8")
        file.write_text('listen = "127.0.0.1"\nhttps_port = 0\nhttp_port = 0\n'
                        f'[sites."{HOST}"]\ndir = "www"\ncertificate = "chain.pem"\nkey = "leaf.key"\n{more}', "utf-8")
        return file


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path / "authority")


def status(serving, root, host=HOST, version="-tls1_3"):
    """What openssl's client says of the response that it gets."""
    return run(peer("openssl"), "s_client", "-connect", f"127.0.0.1:{serving.port}", "-servername", host, "-status", "-CAfile",
               root, version).text


def is_good(text):
    return "OCSP Response Status: successful" in text and "Cert Status: good" in text


def is_stapled_soon(serving, root, host=HOST):
    until(lambda: is_good(status(serving, root, host)), "the response is stapled", serving.running.process)


def test_a_response_is_fetched_kept_and_shown(fresh_padlock, authority):
    with authority.responding():
        with fresh_padlock.serve_config(authority.config()) as serving:
            is_stapled_soon(serving, authority.root)
            assert is_good(status(serving, authority.root, version="-tls1_2"))
            done = fresh_padlock.get("--cacert", authority.root, "--revocation", "hard", "--resolve",
                                     f"{HOST}:{serving.port}:127.0.0.1", f"https://{HOST}:{serving.port}/")
            assert done.code == 0 and done.text == "<p>page</p>", done.said
    with fresh_padlock.serve_config(authority.config()) as serving:  # nobody responds
        assert is_good(status(serving, authority.root)), "it was kept"
    with fresh_padlock.serve_config(authority.config("staple = false\n")) as serving:
        assert "no response sent" in status(serving, authority.root)


@pytest.mark.parametrize("how", ["down", "revoked", "wrong signer"])
def test_what_clients_would_refuse_is_not_shown(fresh_padlock, authority, tmp_path, how):
    @contextmanager
    def responder():
        if how == "down":
            yield
            return
        options = {"status": "R"} if how == "revoked" else {"signer": Authority(tmp_path / "other")}
        with authority.responding(**options):
            yield
    with responder(), fresh_padlock.serve_config(authority.config()) as serving:
        serving.running.until(lambda: "cli.serve.no_staple" in serving.running.err, "it says why")
        assert "no response sent" in status(serving, authority.root)
        assert (f"http://127.0.0.1:{authority.port}/ocsp" if how == "down" else "is not stapled") in serving.running.err
        assert serving.running.err.count("no_staple") == 1


def test_what_is_kept_is_judged_too(fresh_padlock, authority):
    kept = fresh_padlock.home / "state" / "padlock" / "staples"
    with authority.responding(), fresh_padlock.serve_config(authority.config()) as serving:
        is_stapled_soon(serving, authority.root)
    file, = kept.glob("*.ocsp")
    assert file.stat().st_mode & 0o777 == 0o600
    response = bytearray(file.read_bytes())
    response[len(response) // 4] ^= 1  # in what is signed
    file.write_bytes(response)
    with fresh_padlock.serve_config(authority.config()) as serving:
        assert "no response sent" in status(serving, authority.root)


def test_a_responder_that_comes_back_is_asked_again(fresh_padlock, authority):
    with fresh_padlock.serve_config(authority.config()) as serving:
        serving.running.until(lambda: "cli.serve.no_staple" in serving.running.err, "it says that nobody is there")
        with authority.responding():
            is_stapled_soon(serving, authority.root)


def test_a_certificate_that_demands_a_response_and_has_none_is_spoken_of(fresh_padlock, tmp_path):
    authority = Authority(tmp_path / "authority", must_staple=True)
    with fresh_padlock.serve_config(authority.config()) as serving:
        said = serving.running.until_says(r"must-staple, RFC 7633.*")[0]
        assert "clients refuse it" in said
        notes = json.loads(fresh_padlock.run("status", "--json").text)["notes"]
        assert any(HOST in note and "must-staple" in note for note in notes)
        with authority.responding():
            is_stapled_soon(serving, authority.root)
        assert not any("must-staple" in note for note in json.loads(fresh_padlock.run("status", "--json").text)["notes"])


def test_flags_have_it_too(fresh_padlock, authority):
    """The sandbox lets nobody else be asked."""
    with authority.responding():
        authority.config()
        with fresh_padlock.serve(authority.folder / "www", "--cert", authority.chain, "--key", authority.key) as serving:
            is_stapled_soon(serving, authority.root)


def test_the_local_ca_signs_its_own(fresh_padlock, site):
    """Nothing is asked over the network: its URL leads nowhere."""
    assert fresh_padlock.run("ca", "create", "--url", f"http://127.0.0.1:{free_port()}").code == 0
    with fresh_padlock.serve(site) as serving:
        is_stapled_soon(serving, serving.root, "localhost")
        assert not re.search("staple", serving.running.err)
