"""Sessions: other implementations go on from ours, and we from theirs, in both versions of TLS."""

import json
import ssl

import pytest

from peers.clients import body_of, request
from peers.process import peer, run
from peers.servers import nginx_server, openssl_server
from peers.wire import client_context, connect, read_all

VERSIONS = {"1.3": "-tls1_3", "1.2": "-tls1_2"}


@pytest.mark.parametrize("version", VERSIONS)
def test_openssl_client_with_a_ticket(lab, version):
    ours, session = lab.serving("ECDSA P-256"), lab.folder("sessions") / "session.pem"

    def visit(*arguments):
        target = f"/body.txt?{lab.count()}"
        done = run(peer("openssl"), "s_client", "-connect", f"127.0.0.1:{ours.port}", "-servername", "localhost", "-CAfile",
                   lab.roots, "-verify_return_error", VERSIONS[version], "-alpn", "http/1.1", "-ign_eof", *arguments,
                   stdin=request(ours.port, target))
        assert done.code == 0 and "Verify return code: 0 (ok)" in done.text, done.err
        assert body_of(done.out) == lab.body
        return done.text

    assert "\nNew, " in visit("-sess_out", session)
    assert "\nReused, " in visit("-sess_in", session)


def test_openssl_client_with_a_session_id(lab):
    """Each worker has its own cache, so that one of a few connections in a row comes to the one that knows it."""
    ours = lab.serving("ECDSA P-256")
    for _ in range(20):
        done = run(peer("openssl"), "s_client", "-connect", f"127.0.0.1:{ours.port}", "-servername", "localhost", "-CAfile",
                   lab.roots, "-verify_return_error", "-tls1_2", "-no_ticket", "-reconnect",
                   stdin=request(ours.port, "/body.txt"))
        assert "Verify return code: 0 (ok)" in done.text, done.err
        if "\nReused, TLSv1.2" in done.text:
            return
    pytest.fail("no session was resumed by its ID")


@pytest.mark.parametrize("version", VERSIONS)
def test_gnutls_client(lab, version):
    ours = lab.serving("ECDSA P-256")
    done = run(peer("gnutls-cli"), "--x509cafile", lab.roots, "--port", ours.port, "--resume", "--waitresumption",
               "--priority", f"NORMAL:-VERS-ALL:+VERS-TLS{version}", "localhost", stdin=b"")
    assert "*** This is a resumed session" in done.text, done.text + done.err


@pytest.mark.parametrize("version", VERSIONS)
def test_python_client(lab, version):
    ours, context = lab.serving("RSA-2048"), client_context(lab.roots)
    context.maximum_version = ssl.TLSVersion.TLSv1_3 if version == "1.3" else ssl.TLSVersion.TLSv1_2

    def visit(session):
        with context.wrap_socket(connect(ours.port), server_hostname="localhost", session=session) as sock:
            sock.sendall(request(ours.port, "/body.txt"))
            assert body_of(read_all(sock)) == lab.body
            return sock.session, sock.session_reused

    session, reused = visit(None)
    assert not reused
    assert visit(session)[1]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ["go", "node", "rustls"])  # Java does not tell
def test_program_client(lab, name, version):
    ours = lab.serving("RSA-2048")
    done, told = getattr(lab, name).get(lab.roots, ours.port, "/body.txt,/body.txt", version=version)
    assert done.out == 2 * lab.body and told["resumed"] == "true", done.err


def resumed(lab, url, *arguments):
    """Whether the second connection of a fetch that is redirected to the same server goes on from the first."""
    done = lab.padlock.run("get", "-L", "--json", "--cacert", lab.roots, *arguments, url)
    assert done.code == 0, done.err
    report = json.loads(done.err)
    assert len(report["redirects"]) == 1 and report["security"]["level"] == "locked"
    return report["security"]["tls"]["resumed"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ["go", "java", "node", "rustls"])
def test_program_server(lab, name, version):
    server = lab.server(name, "RSA-2048", (), version)
    assert resumed(lab, f"https://localhost:{server.port}/again")


@pytest.mark.parametrize("version", VERSIONS)
def test_nginx_server(lab, version):
    folder = lab.folder("nginx")
    (folder / "hello.txt").write_text("hello", "ascii")
    credential = lab.pki.credential("good-ecdsa")
    with nginx_server(credential, folder, lab.folder("nginx-work"), version=version) as server:
        assert resumed(lab, f"https://localhost:{server.port}/found")


@pytest.mark.parametrize("version,how", [("1.3", ()), ("1.2", ()), ("1.2", ("-no_ticket",))])
def test_openssl_server(lab, version, how):
    folder = lab.folder("responses")
    (folder / "first").write_bytes(b"HTTP/1.0 302 Found\r\nLocation: /second\r\n\r\n")
    (folder / "second").write_bytes(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nhello")
    credential = lab.pki.credential("good-ecdsa")
    with openssl_server(credential, folder, "-HTTP", VERSIONS[version], *how, by_hand=True) as server:
        assert resumed(lab, f"https://localhost:{server.port}/first")
