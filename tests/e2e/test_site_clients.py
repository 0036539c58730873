"""Sites that ask their clients for certificates: by other people's clients and by ours, on connections of their own and on
those of other sites."""

import base64
import json
import re
import ssl

import pytest

from peers.pki import ClientPki
from peers.process import peer, run, until
from peers.servers import QuietHandler, python_server
from peers.wire import client_context, connect, read_all

HOSTS = ("open.test", "closed.test", "other.test")


@pytest.fixture(scope="module")
def clients(tmp_path_factory):
    return ClientPki(tmp_path_factory.mktemp("clients"))


@pytest.fixture(scope="module")
def others(tmp_path_factory):
    """Certificates by somebody of whom the sites know nothing."""
    return ClientPki(tmp_path_factory.mktemp("others"))


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A certificate that all hosts share, so that one connection could be for any of them."""
    folder = tmp_path_factory.mktemp("shared")
    chain, key = folder / "chain.pem", folder / "key.pem"
    names = ",".join(f"DNS:{host}" for host in HOSTS)
    done = run(peer("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-subj",
               "/CN=shared", "-days", "7", "-addext", f"subjectAltName={names}", "-addext",
               "basicConstraints=critical,CA:FALSE", "-keyout", key, "-out", chain)
    assert done.code == 0, done.said
    return chain, key


class Configured:
    def __init__(self, folder, shared):
        self.file = folder / "padlock.toml"
        self.text = ('listen = "127.0.0.1"\nhttps_port = 0\nhttp_port = 0\n[log]\nformat = "json"\nrequests = "requests.log"\n')
        self.log = folder / "requests.log"
        self.chain, self.key = shared
        self.page = folder / "www"
        self.page.mkdir()
        (self.page / "index.html").write_text("<p>page</p>", "utf-8")

    def site(self, host, content=None, **clients):
        self.text += f'[sites."{host}"]\n{content or "dir = " + json.dumps(str(self.page))}\n'
        self.text += f'certificate = "{self.chain}"\nkey = "{self.key}"\n'
        if clients:
            lines = [f"{key} = {json.dumps(str(value))}\n" for key, value in clients.items()]
            self.text += f'[sites."{host}".client_certificates]\n' + "".join(lines)
        self.file.write_text(self.text, "utf-8")
        return self


@pytest.fixture
def configured(tmp_path, shared):
    return Configured(tmp_path, shared)


def shown(credential):
    return ["--cert", credential.chain, "--key", credential.key] if credential else []


def curl(configured, serving, host, *arguments, own=None):
    return run(peer("curl"), "--silent", "--show-error", "--cacert", configured.chain, "--max-time", "30", "--resolve",
               f"{host}:{serving.port}:127.0.0.1", *shown(own), *arguments, f"https://{host}:{serving.port}/")


def s_client(configured, serving, host, *arguments, own=None):
    return run(peer("openssl"), "s_client", "-connect", f"127.0.0.1:{serving.port}", "-servername", host, "-CAfile",
               configured.chain, "-ign_eof", *(["-cert", own.leaf, "-key", own.key] if own else []), *arguments,
               stdin=f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode("ascii"))


def ours(configured, serving, host, *arguments, own=None):
    return serving.padlock.get("--cacert", configured.chain, "--resolve", f"{host}:{serving.port}:127.0.0.1", *shown(own),
                               *arguments, f"https://{host}:{serving.port}/")


def conversation(configured, serving, name, *hosts, own=None):
    """The statuses of requests for these hosts on one connection for `name`."""
    context = client_context(configured.chain)
    if own:
        context.load_cert_chain(own.chain, own.key)
    with context.wrap_socket(connect(serving.port), server_hostname=name) as sock:
        for at, host in enumerate(hosts, 1):
            last = "Connection: close\r\n" if at == len(hosts) else ""
            sock.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\n{last}\r\n".encode("ascii"))
        return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", read_all(sock))]


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_a_site_that_requires_them_serves_nobody_else(fresh_padlock, configured, clients, others, version):
    configured.site("closed.test", ca=clients.root)
    curl_version, s_version = f"--tlsv{version}", f"-tls{version.replace('.', '_')}"
    most = ["--tls-max", version]
    with fresh_padlock.serve_config(configured.file) as serving:
        for kind, own in clients.credentials.items():
            assert curl(configured, serving, "closed.test", curl_version, *most, own=own).text == "<p>page</p>", kind
        own, stranger = clients.credentials["ECDSA"], others.credentials["ECDSA"]
        assert "<p>page</p>" in s_client(configured, serving, "closed.test", s_version, own=own).text
        assert ours(configured, serving, "closed.test", own=own).text == "<p>page</p>"
        assert curl(configured, serving, "closed.test", curl_version, *most).code in (35, 56)
        alert = "alert number 116" if version == "1.3" else "alert number 40"
        assert alert in s_client(configured, serving, "closed.test", s_version).said
        assert ours(configured, serving, "closed.test").code in (35, 56)
        assert curl(configured, serving, "closed.test", curl_version, *most, own=stranger).code in (35, 56)
        assert "alert number 48" in s_client(configured, serving, "closed.test", s_version, own=stranger).said  # unknown_ca
        assert ours(configured, serving, "closed.test", own=stranger).code in (35, 56)
        serving.until_logs(r"x509\.path\.unknown_issuer")
        lines = [json.loads(line) for line in configured.log.read_text("utf-8").splitlines()]
        assert {line["client_subject"] for line in lines} == {"CN=ECDSA", "CN=RSA", "CN=Ed25519"}


def test_where_they_are_optional_a_bad_one_is_still_refused(fresh_padlock, configured, clients, others):
    configured.site("open.test", ca=clients.root, mode="optional")
    with fresh_padlock.serve_config(configured.file) as serving:
        assert curl(configured, serving, "open.test").text == "<p>page</p>"
        assert curl(configured, serving, "open.test", own=clients.credentials["RSA"]).text == "<p>page</p>"
        assert curl(configured, serving, "open.test", own=others.credentials["RSA"]).code in (35, 56)
        lines = [json.loads(line) for line in configured.log.read_text("utf-8").splitlines()]
        assert [line.get("client_subject") for line in lines] == [None, "CN=RSA"]


def test_a_connection_serves_only_sites_that_ask_the_same(fresh_padlock, configured, clients, others):
    """All hosts share a certificate; browsers would use one connection for all (docs/threats.md, H7)."""
    configured.site("open.test").site("closed.test", ca=clients.root).site("other.test", ca=others.root)
    own = clients.credentials["ECDSA"]
    with fresh_padlock.serve_config(configured.file) as serving:
        assert conversation(configured, serving, "open.test", *HOSTS, "open.test") == [200, 421, 421, 200]
        assert conversation(configured, serving, "closed.test", *HOSTS, own=own) == [421, 200, 421]
        for name, expected in (("open.test", ["200", "421", "421"]), ("closed.test", ["421", "200", "421"])):
            parts = []
            for host in HOSTS:
                parts += [*(["--next"] if parts else []), "--silent", "--http2", "--cacert", configured.chain, *shown(own),
                          "--resolve", f"{name}:{serving.port}:127.0.0.1", "--header", f"Host: {host}", "--output",
                          "/dev/null", "--write-out", "%{http_version} %{http_code} %{num_connects}\n",
                          f"https://{name}:{serving.port}/"]
            done = run(peer("curl"), *parts)
            assert done.code == 0, done.said
            assert done.text.split("\n")[:-1] == [f"2 {status} {int(at == 0)}" for at, status in enumerate(expected)]


def test_a_session_goes_on_only_where_it_was_begun(fresh_padlock, configured, clients, others, tmp_path):
    configured.site("open.test").site("closed.test", ca=clients.root).site("other.test", ca=others.root)
    own, session = clients.credentials["ECDSA"], tmp_path / "session.pem"
    with fresh_padlock.serve_config(configured.file) as serving:
        for version in ("-tls1_2", "-tls1_3"):
            first = s_client(configured, serving, "closed.test", version, "-sess_out", session, own=own)
            assert "\nNew, " in first.text and "<p>page</p>" in first.text
            again = s_client(configured, serving, "closed.test", version, "-sess_in", session)
            assert "\nReused, " in again.text and "<p>page</p>" in again.text, "the session holds the certificate"
            for host in ("other.test", "open.test"):
                elsewhere = s_client(configured, serving, host, version, "-sess_in", session)
                assert "\nReused, " not in elsewhere.text, host
                assert ("<p>page</p>" in elsewhere.text) == (host == "open.test")
            open_session = tmp_path / "open.pem"
            s_client(configured, serving, "open.test", version, "-sess_out", open_session)
            assert "<p>page</p>" not in s_client(configured, serving, "closed.test", version, "-sess_in", open_session).text


def revocation_list(clients, folder, revoked, name="clients.crl"):
    """By openssl's ca, for the CA of the clients; `revoked`: certificates."""
    (folder / "index.txt").write_text("", "ascii")
    (folder / "number").write_text("01\n", "ascii")
    config = folder / "ca.cnf"
    config.write_text(f"[ca]\ndefault_ca=d\n[d]\ndatabase={folder}/index.txt\ncrlnumber={folder}/number\ndefault_md=sha256\n"
                      "default_crl_days=3\ncrl_extensions=e\n[e]\nauthorityKeyIdentifier=keyid\n", "ascii")
    common = ["-config", config, "-cert", clients.root, "-keyfile", clients.root.with_suffix(".key")]
    for certificate in revoked:
        assert run(peer("openssl"), "ca", *common, "-revoke", certificate).code == 0
    new = folder / "new.crl"
    done = run(peer("openssl"), "ca", *common, "-gencrl", "-out", new)
    assert done.code == 0, done.said
    new.replace(folder / name)
    return folder / name


def test_who_was_revoked_is_refused_a_session_too(fresh_padlock, configured, tmp_path):
    folder = tmp_path / "ca"
    folder.mkdir()
    clients = ClientPki(folder)
    configured.site("closed.test", ca=clients.root, crl=revocation_list(clients, folder, []))
    own, session = clients.credentials["ECDSA"], tmp_path / "session.pem"
    with fresh_padlock.serve_config(configured.file) as serving:
        assert curl(configured, serving, "closed.test", own=own).text == "<p>page</p>"
        s_client(configured, serving, "closed.test", "-sess_out", session, own=own)
        revocation_list(clients, folder, [own.leaf])
        until(lambda: curl(configured, serving, "closed.test", own=own).code != 0, "the list was read again",
              serving.running.process)
        assert "alert number 44" in s_client(configured, serving, "closed.test", "-sess_in", session).said
        assert curl(configured, serving, "closed.test", own=clients.credentials["RSA"]).text == "<p>page</p>"


class Telling(QuietHandler):
    """Says which fields about certificates came."""
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = json.dumps([[name.lower(), value] for name, value in self.headers.items() if "lient" in name]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def test_servers_behind_learn_who_came(fresh_padlock, configured, clients):
    """RFC 9440; what clients say of themselves is taken out."""
    own = clients.credentials["ECDSA"]
    with python_server(None, Telling) as behind:
        content = f'proxy = "http://127.0.0.1:{behind.port}"'
        configured.site("open.test", content).site("closed.test", content, ca=clients.root)
        lie = ["--header", "Client-Cert: :AAAA:", "--header", "Client-Cert-Chain: :AAAA:", "--header", "Client_Cert: :AAAA:"]
        with fresh_padlock.serve_config(configured.file) as serving:
            for version in ("--http1.1", "--http2"):
                assert json.loads(curl(configured, serving, "open.test", version, *lie).text) == []
                told = json.loads(curl(configured, serving, "closed.test", version, *lie, own=own).text)
                der = ssl.PEM_cert_to_DER_cert(own.leaf.read_text("ascii"))
                assert told == [["client-cert", f":{base64.b64encode(der).decode('ascii')}:"]]


def test_what_is_wrong_is_said_at_the_start(fresh_padlock, configured, tmp_path):
    configured.site("closed.test", ca=tmp_path / "none.pem")
    done = fresh_padlock.run("serve", "--config", configured.file)
    assert done.code == 2 and "none.pem" in done.err and f"{configured.file}:" in done.err
