"""What `padlock serve` shows of a folder, what it hides, and how it starts, logs and stops."""

import email
import email.policy
import os
import pathlib
import re
import signal
import ssl
import tempfile

import pytest

from peers.process import accepts, peer, run
from peers.site import BIG_BYTES, HELLO, PAGE, SECRET
from peers.wire import ask, client_context, connect, exchange, read_all, read_exactly, tls_connect


# ---- files -----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("path, content_type", [
    ("/", "text/html; charset=utf-8"),
    ("/hello.txt", "text/plain; charset=utf-8"),
    ("/bare/file.css", "text/css; charset=utf-8"),
    ("/script.js", "text/javascript; charset=utf-8"),
    ("/data.json", "application/json"),
    ("/picture.svg", "image/svg+xml"),
    ("/unknown.thing", "application/octet-stream"),
])
def test_content_types(serving, path, content_type):
    answer = ask(serving, path)
    assert (answer.status, answer.fields["Content-Type"]) == (200, content_type)
    assert answer.fields["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path, text", [
    ("/", PAGE), ("/index.html", PAGE), ("/sub/", "<p>a folder's page</p>\n"), ("/with%20space.txt", "spaced\n"),
    ("/%C3%BCbung.txt", "umlaut\n"), ("/hello.txt?query", HELLO), ("/%68ello.txt", HELLO), ("/sub/../hello.txt", HELLO),
    ("/near.txt", HELLO),
])
def test_paths(serving, path, text):
    answer = ask(serving, path)
    assert (answer.status, answer.body.decode("utf-8")) == (200, text)


@pytest.mark.parametrize("path, target", [("/sub", "/sub/"), ("/sub?a=b", "/sub/?a=b")])
def test_a_folder_is_redirected_to_its_own_address(serving, path, target):
    answer = ask(serving, path)
    assert (answer.status, answer.fields["Location"]) == (308, target)


@pytest.mark.parametrize("path", [
    "/../secret.txt", "/%2e%2e/secret.txt", "/sub/../../secret.txt", "/..%2fsecret.txt", "/..%5csecret.txt",
    "/%2e%2e%2fsecret.txt", "//secret.txt", "/sub/%2e%2e/%2e%2e/secret.txt", "/....//secret.txt", "/%252e%252e/secret.txt",
    "/out/secret.txt", "/leak.txt", "/out/", "/out", "/.hidden", "/.git/config", "/%2egit/config", "/sub/../.hidden",
    "/hello.txt%00.html", "/hello.txt/", "/bare/", "/none", "/%ff", "/%zz", "/C:/secret.txt", "/.%2e/secret.txt",
])
def test_nothing_else_is_shown(serving, path):
    answer = ask(serving, path)
    assert answer.status in (400, 404), answer
    assert SECRET.encode("ascii") not in answer.body


def test_absolute_paths_stay_in_the_folder(serving, site):
    answer = ask(serving, str(site.parent / "secret.txt"))
    assert answer.status == 404


@pytest.mark.parametrize("path", ["/hello.txt", "/none", "/sub"])
def test_head_is_get_without_the_body(serving, path):
    get, head = ask(serving, path), ask(serving, path, "HEAD")
    assert (head.status, head.body) == (get.status, b"")
    assert [pair for pair in head.fields.items() if pair[0] != "Date"] == [
        pair for pair in get.fields.items() if pair[0] != "Date"]


def test_an_unchanged_file_is_not_sent_again(serving, site):
    os.utime(site / "data.json", (1_700_000_000, 1_700_000_000))  # long enough ago for a strong tag
    first = ask(serving, "/data.json")
    tag, date = first.fields["ETag"], first.fields["Last-Modified"]
    assert tag.startswith('"') and date == "Tue, 14 Nov 2023 22:13:20 GMT"
    for fields in [{"If-None-Match": tag}, {"If-None-Match": f'"x", W/{tag}'}, {"If-Modified-Since": date}]:
        answer = ask(serving, "/data.json", fields=fields)
        assert (answer.status, answer.body, answer.fields["ETag"]) == (304, b"", tag)
    for fields in [{"If-None-Match": '"x"'}, {"If-Modified-Since": "Mon, 13 Nov 2023 22:13:20 GMT"}]:
        assert ask(serving, "/data.json", fields=fields).status == 200
    assert ask(serving, "/data.json", fields={"If-Match": '"x"'}).status == 412


@pytest.mark.parametrize("wanted, first, last", [("0-4", 0, 4), ("6-", 6, 16), ("-4", 13, 16), ("6-999", 6, 16)])
def test_a_range(serving, wanted, first, last):
    answer = ask(serving, "/hello.txt", fields={"Range": f"bytes={wanted}"})
    assert (answer.status, answer.body) == (206, HELLO.encode("ascii")[first:last + 1])
    assert answer.fields["Content-Range"] == f"bytes {first}-{last}/{len(HELLO)}"


def test_a_range_that_lies_outside(serving):
    answer = ask(serving, "/hello.txt", fields={"Range": "bytes=17-"})
    assert (answer.status, answer.fields["Content-Range"]) == (416, f"bytes */{len(HELLO)}")


@pytest.mark.parametrize("wanted", ["bytes=a-b", "bytes=5-1", "bytes=-", "bytes="])
def test_a_range_that_means_nothing(serving, wanted):
    assert ask(serving, "/hello.txt", fields={"Range": wanted}).status == 416


@pytest.mark.parametrize("path", ["/hello.txt", "/big.bin"])
@pytest.mark.parametrize("http2", [False, True])
def test_several_ranges(serving, site, path, http2):
    """As parts of a multipart (RFC 9110, section 14.6), in both versions, read by Python's own reader of such texts."""
    whole = (site / path[1:]).read_bytes()
    with tempfile.NamedTemporaryFile() as head:
        done = run(peer("curl"), "-q", "-sS", "--noproxy", "*", "--cacert", serving.root, "--http2" if http2 else "--http1.1",
                   "-D", head.name, "-r", "6-9,0-1,-3", serving.url(path))
        assert done.code == 0, done.said
        lines = pathlib.Path(head.name).read_text("ascii").splitlines()
    assert lines[0].split()[1] == "206"
    fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
    message = email.message_from_bytes(f"Content-Type: {fields['content-type']}\r\n\r\n".encode("ascii") + done.out,
                                       policy=email.policy.HTTP)
    parts = [(part["Content-Range"], part.get_payload(decode=True)) for part in message.iter_parts()]
    size = len(whole)
    assert parts == [(f"bytes 6-9/{size}", whole[6:10]), (f"bytes 0-1/{size}", whole[:2]),
                     (f"bytes {size - 3}-{size - 1}/{size}", whole[-3:])]


@pytest.mark.parametrize("wanted", ["lines=1-2", "bytes=0-4,4-6", "bytes=" + ",".join(["0-"] * 1000)])
def test_a_range_that_is_passed_over(serving, wanted):
    """Other units, and ranges that overlap or are too many, are answered by the whole (docs/threats.md, H9)."""
    answer = ask(serving, "/hello.txt", fields={"Range": wanted})
    assert (answer.status, answer.body) == (200, HELLO.encode("ascii"))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
def test_other_methods(serving, method):
    answer = ask(serving, "/hello.txt", method)
    assert (answer.status, answer.fields["Allow"]) == (405, "GET, HEAD")


# ---- hosts -----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("host, status", [("localhost", 200), ("LOCALHOST", 200), ("localhost.", 200),
                                          ("127.0.0.1", 200), ("[::1]", 200), ("other.test", 421), ("localhost.evil.test", 421)])
def test_hosts(serving, host, status):
    assert ask(serving, "/hello.txt", fields={"Host": host}).status == status


@pytest.mark.parametrize("path", ["/hello.txt", "/sub/?a=b", "//evil.test/"])
def test_plain_http_leads_to_https(serving, path):
    answer = ask(serving, path, secure=False)
    assert (answer.status, answer.fields["Location"]) == (308, serving.url(path))
    assert HELLO.encode("ascii") not in answer.body


def test_plain_http_leads_nowhere_else(serving):
    assert ask(serving, "/", fields={"Host": "evil.test"}, secure=False).status == 421


# ---- starting --------------------------------------------------------------------------------------------------------

def test_it_prints_where_it_serves(serving, site):
    lines = serving.running.out.splitlines()
    assert lines[0] == f"serving {site} on https://localhost:{serving.port}/"
    assert lines[1] == f"plain http on http://localhost:{serving.http_port}/ is redirected"


def test_keys_are_for_their_owner_alone(serving, padlock):
    modes = {path.relative_to(padlock.state): path.stat().st_mode & 0o777 for path in padlock.state.rglob("*")}
    keys = [path for path in modes if path.name.endswith(".key") or path.name == "key.pem"]
    assert len(keys) >= 3
    for path, mode in modes.items():
        assert mode == (0o700 if (padlock.state / path).is_dir() else 0o600), path


def test_a_second_start_keeps_root_and_leaf(fresh_padlock, site):
    leaves = []
    for _ in range(2):
        with fresh_padlock.serve(site) as server, tls_connect(server.port, server.root) as sock:
            leaves.append((server.root.read_bytes(), sock.getpeercert(binary_form=True)))
    assert leaves[0] == leaves[1]


def test_own_names(padlock, site):
    with padlock.serve(site, "--name", "shop.test", "--name", "*.app.localhost") as server:
        for name in ["shop.test", "a.app.localhost"]:
            text = exchange(server.port, server.root, f"GET /hello.txt HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n"
                            .encode("ascii"), name)
            assert text.startswith(b"HTTP/1.1 200 ") and text.endswith(HELLO.encode("ascii"))
        assert ask_by_get(padlock, server, "shop.test").text == HELLO


def ask_by_get(padlock, server, name):
    return padlock.get("--resolve", f"{name}:{server.port}:127.0.0.1", server.url("/hello.txt", name))


def subject_names(server, name):
    """The names of the certificate that a client gets who names this server, or none."""
    context = client_context(server.root)
    context.check_hostname = False
    with context.wrap_socket(connect(server.port), server_hostname=name) as sock:
        return [value for _, value in sock.getpeercert()["subjectAltName"]]


def test_clients_that_name_no_server(padlock, site):
    """No certificate holds the address: --fallback says which one they get; an unknown name gets none."""
    with padlock.serve(site, "--name", "shop.test") as server:
        with pytest.raises(ssl.SSLError):
            subject_names(server, None)
    with padlock.serve(site, "--name", "shop.test", "--fallback", "shop.test") as server:
        assert subject_names(server, None) == ["shop.test"]
        with pytest.raises(ssl.SSLError, match="UNRECOGNIZED_NAME"):
            subject_names(server, "other.test")


@pytest.mark.parametrize("name", ["example.com", "localhost.example.com", "8.8.8.8"])
def test_names_outside_the_local_ca(padlock, site, name):
    done = padlock.run("serve", site, "--port", "0", "--http-port", "0", "--name", name)
    assert (done.code, done.out) == (2, b""), done.said
    assert name in done.err and "ca.name.outside" in done.err
    assert ("--cert" in done.err and "--key" in done.err) or "ACME" in done.err, done.err


def test_a_public_address_is_said_to_be_public(padlock, site):
    with padlock.serve(site, "--listen", "0.0.0.0") as server:
        server.running.until_says("public")
        assert ask(server, "/hello.txt").status == 200


def test_the_given_address_alone(padlock, site):
    with padlock.serve(site, "--listen", "127.0.0.2", "--name", "127.0.0.2") as server:
        done = run(peer("curl"), "-q", "-sS", "--noproxy", "*", "--cacert", server.root,
                   server.url("/hello.txt", "127.0.0.2"), server.url("/hello.txt", "127.0.0.1"))
        assert (done.code, done.text) == (7, HELLO), done.said
        assert "public" not in server.running.said


# ---- logs and the end ------------------------------------------------------------------------------------------------

def test_a_line_for_each_request(serving):
    ask(serving, "/hello.txt?log")
    serving.until_logs(r'^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC (127\.0\.0\.1|\[?::1\]?):\d+ localhost:\d+ '
                       r'"GET /hello\.txt\?log" 200 17 B \d+\.\d+ ms TLS 1\.3 '
                       r'TLS_[A-Z0-9_]+ [A-Za-z0-9]+ ecdsa_secp256r1_sha256$')
    ask(serving, "/log-redirect", secure=False)
    serving.until_logs(r'"GET /log-redirect" 308 .* plain$')


@pytest.mark.parametrize("target, logged", [(b"/a\x1b[31m", "x1b"), (b"/b\r127.0.0.1", "CR"), (b"/\xe2\x80\xae", "xe2"),
                                            (b"/quote%22%0aforged", "GET /quote%22%0aforged")])
def test_a_log_line_cannot_be_forged(serving, target, logged):
    exchange(serving.port, serving.root, b"GET " + target + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    serving.until_logs(re.escape(logged))
    assert all(char == "\n" or " " <= char <= "~" for char in serving.running.err)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_well(padlock, site, number):
    with padlock.serve(site) as server:
        ask(server)
        assert server.running.stop(number) == 0, server.running.said


def test_a_download_comes_to_its_end(padlock, site):
    """SIGTERM in the middle: no new connection, but what runs is sent whole."""
    big = (site / "big.bin").read_bytes()
    with padlock.serve(site) as server, tls_connect(server.port, server.root) as sock:
        sock.sendall(b"GET /big.bin HTTP/1.1\r\nHost: localhost\r\n\r\n")
        received = read_exactly(sock, 100_000)
        server.running.process.send_signal(signal.SIGTERM)
        server.running.until(lambda: not accepts(server.port), "it takes no new connection")
        head, _, body = received.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        assert body + read_exactly(sock, len(big) - len(body)) == big
        assert sock.recv(1) == b""  # close_notify: the end is not a cut
        assert server.running.wait() == 0, server.running.said


def test_idle_connections_end_with_it(padlock, site):
    with padlock.serve(site) as server, tls_connect(server.port, server.root) as idle:
        idle.sendall(b"GET /hello.txt HTTP/1.1\r\nHost: localhost\r\n\r\n")
        server.until_logs("GET /hello.txt")
        server.running.process.send_signal(signal.SIGTERM)
        assert read_all(idle).endswith(HELLO.encode("ascii"))
        with idle.unwrap():  # close_notify came, and ours goes back
            pass
        assert server.running.wait() == 0, server.running.said


def test_a_second_signal_ends_it_at_once(padlock, site):
    """A client that does not read its download would hold it up."""
    with padlock.serve(site) as server, tls_connect(server.port, server.root) as sock:
        sock.sendall(b"GET /big.bin HTTP/1.1\r\nHost: localhost\r\n\r\n")
        read_exactly(sock, 1000)
        server.running.process.send_signal(signal.SIGTERM)
        server.running.until_says("^stopping")
        assert server.running.stop(signal.SIGTERM) == 0, server.running.said


def test_a_file_that_shrinks_while_it_is_sent(padlock, tmp_path):
    """The promised length cannot be kept: the connection breaks, so that nobody takes the part for the whole."""
    path = tmp_path / "big.bin"
    path.write_bytes(bytes(BIG_BYTES))
    with padlock.serve(tmp_path) as server:
        with tls_connect(server.port, server.root) as sock:
            sock.sendall(b"GET /big.bin HTTP/1.1\r\nHost: localhost\r\n\r\n")
            received = len(read_exactly(sock, 1000))
            os.truncate(path, 100)
            assert received + len(read_all(sock)) < BIG_BYTES
        server.until_logs('"GET /big.bin" 200 .* incomplete')
        assert ask(server, "/none").status == 404
