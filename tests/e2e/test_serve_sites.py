"""Sites by name: from flags, from a file of configuration, reloaded while connections run."""

import json
import os
import signal
import ssl

import pytest

from peers.process import until
from peers.wire import exchange, read_all, tls_connect


def request(host, path="/", close=True):
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{'Connection: close' if close else 'X: y'}\r\n\r\n".encode("ascii")


def page(serving, host, name=None, root=None):
    """What the site of `host` shows, over a handshake for `name`."""
    return exchange(serving.port, root or serving.root, request(host), name or host).decode("utf-8")


def folder(parent, name):
    made = parent / name
    made.mkdir(parents=True)
    (made / "index.html").write_text(f"<p>{name}</p>", "utf-8")
    return made


class Configured:
    """A file of configuration with drop-ins, in a folder of its own."""

    def __init__(self, parent):
        self.file = parent / "padlock.toml"
        self.drop_ins = parent / "conf.d"
        self.drop_ins.mkdir(parents=True)
        for name in ("one", "two", "three"):
            folder(parent, name)

    def write(self, text, settings='listen = "127.0.0.1"\nhttps_port = 0\nhttp_port = 0\n'):
        self.file.write_text(settings + text, "utf-8")
        return self.file


@pytest.fixture
def configured(tmp_path):
    return Configured(tmp_path / "etc")


def reload(serving, says):
    before = serving.running.said.count(says)
    os.kill(serving.running.process.pid, signal.SIGHUP)
    serving.running.until(lambda: serving.running.said.count(says) > before, f"it says {says!r} again")


def certificate_of(serving, name, root):
    with tls_connect(serving.port, root, name) as sock:
        return sock.getpeercert(binary_form=True)


# ---- flags -----------------------------------------------------------------------------------------------------------

def test_several_folders_each_have_a_name(fresh_padlock, tmp_path):
    one, two = folder(tmp_path, "one"), folder(tmp_path, "two")
    with fresh_padlock.serve(f"one.test={one}", f"*.two.test={two}") as serving:
        assert f"serving {two} on https://*.two.test:{serving.port}/\n" in serving.running.out
        assert page(serving, "one.test").endswith("<p>one</p>")
        assert page(serving, "a.two.test").endswith("<p>two</p>")
        assert page(serving, "a.two.test", name="one.test").startswith("HTTP/1.1 421 ")
        with pytest.raises(ssl.SSLError, match="(?i)unrecognized.name"):
            page(serving, "three.test")


# ---- configuration ---------------------------------------------------------------------------------------------------

def test_a_configuration_is_served(fresh_padlock, configured):
    configured.write('[sites."one.test"]\ndir = "one"\nhsts = "1 year"\n'
                     '[sites."old.test"]\nredirect = "https://one.test"\n')
    (configured.drop_ins / "two.toml").write_text('[sites."two.test"]\ndir = "../two"\n', "utf-8")
    with fresh_padlock.serve_config(configured.file) as serving:
        one = page(serving, "one.test")
        assert one.endswith("<p>one</p>") and "Strict-Transport-Security: max-age=31536000\r\n" in one
        two = page(serving, "two.test")
        assert two.endswith("<p>two</p>") and "Strict-Transport-Security" not in two
        assert "Location: https://one.test/\r\n" in page(serving, "old.test")
        assert serving.running.stop() == 0


def test_a_reload_changes_sites_and_keeps_connections(fresh_padlock, configured):
    configured.write('[sites."one.test"]\ndir = "one"\n[sites."two.test"]\ndir = "two"\n')
    with fresh_padlock.serve_config(configured.file) as serving:
        before = certificate_of(serving, "one.test", serving.root)
        with tls_connect(serving.port, serving.root, "two.test") as old:
            configured.write('[sites."one.test"]\ndir = "one"\n[sites."three.test"]\ndir = "three"\n')
            reload(serving, "reloaded")
            until(lambda: "three" in page(serving, "three.test"), "the new site is there", serving.running.process)
            assert certificate_of(serving, "one.test", serving.root) == before
            with pytest.raises(ssl.SSLError, match="(?i)unrecognized.name"):
                page(serving, "two.test")
            old.sendall(request("two.test"))
            assert read_all(old).endswith(b"<p>two</p>")


def test_a_bad_configuration_is_refused_whole(fresh_padlock, configured):
    configured.write('[sites."one.test"]\ndir = "one"\n')
    with fresh_padlock.serve_config(configured.file) as serving:
        configured.write('[sites."two.test"]\ndir = "two"\n[sites."one.test"]\ndri = "one"\n')
        reload(serving, "nothing was changed: ")
        assert f'padlock: {configured.file}:7:1: there is no key "dri" here\n' in serving.running.err
        configured.write('[sites."two.test"]\ndir = "none"\n')
        reload(serving, "/none")
        configured.write('workers = 3\n[sites."two.test"]\ndir = "two"\n')
        reload(serving, "restart it for these")
        assert page(serving, "one.test").endswith("<p>one</p>")
        with pytest.raises(ssl.SSLError, match="(?i)unrecognized.name"):
            page(serving, "two.test")


def test_certificate_files_are_read_again_when_they_change(fresh_padlock, configured, pki):
    chain, key = configured.file.parent / "chain.pem", configured.file.parent / "key.pem"

    def put(name):
        credential = pki.credential(name)
        for target, source in ((chain, credential.chain), (key, credential.key)):
            new = target.with_suffix(".new")
            new.touch(0o600)
            new.write_bytes(source.read_bytes())
            new.replace(target)

    put("good-ecdsa")
    configured.write('[sites."example.test"]\ndir = "one"\ncertificate = "chain.pem"\nkey = "key.pem"\n')
    with fresh_padlock.serve_config(configured.file) as serving:
        before = certificate_of(serving, "example.test", pki.roots)
        put("good-rsa")
        until(lambda: certificate_of(serving, "example.test", pki.roots) != before, "the new certificate is shown",
              serving.running.process)
        chain.write_text("no certificate", "ascii")
        serving.running.until_says(r"chain\.pem")
        assert page(serving, "example.test", root=pki.roots).endswith("<p>one</p>")


def test_a_certificate_that_lacks_a_name_of_its_site_is_refused(fresh_padlock, configured, pki):
    credential = pki.credential("good-ecdsa")
    configured.write(f'[sites."other.test"]\ndir = "one"\ncertificate = "{credential.chain}"\nkey = "{credential.key}"\n')
    done = fresh_padlock.run("serve", "--config", configured.file)
    assert done.code == 2
    assert f"{configured.file}:4: no certificate of the site holds its name other.test" in done.err


# ---- logs ------------------------------------------------------------------------------------------------------------

def test_requests_are_logged_in_a_file_that_can_be_moved_away(fresh_padlock, configured):
    log = configured.file.parent / "requests.log"
    configured.write('[log]\nrequests = "requests.log"\nformat = "json"\n[sites."one.test"]\ndir = "one"\n')

    def lines():
        return [json.loads(line) for line in log.read_text("utf-8").splitlines()] if log.exists() else []

    with fresh_padlock.serve_config(configured.file) as serving:
        page(serving, "one.test")
        until(lambda: len(lines()) == 1, "the first request is logged", serving.running.process)
        assert (lines()[0]["target"], lines()[0]["status"], lines()[0]["version"]) == ("/", 200, "HTTP/1.1")
        assert "GET /" not in serving.running.err
        log.rename(log.with_suffix(".1"))
        os.kill(serving.running.process.pid, signal.SIGUSR1)
        until(lambda: page(serving, "one.test") and len(lines()) > 0, "a new file is there", serving.running.process)
        assert log.stat().st_mode & 0o777 == 0o640 & ~umask()


def umask():
    old = os.umask(0)
    os.umask(old)
    return old


def test_a_log_that_cannot_be_written_stops_the_start(fresh_padlock, configured):
    configured.write('[log]\nrequests = "none/requests.log"\n[sites."one.test"]\ndir = "one"\n')
    done = fresh_padlock.run("serve", "--config", configured.file)
    assert done.code == 2 and "none/requests.log" in done.err


def test_no_log_of_requests_is_possible(fresh_padlock, configured):
    configured.write('[log]\nrequests = "off"\n[sites."one.test"]\ndir = "one"\n')
    with fresh_padlock.serve_config(configured.file) as serving:
        page(serving, "one.test")
        assert serving.running.stop() == 0
        assert "GET /" not in serving.running.err


# ---- config check ----------------------------------------------------------------------------------------------------

def test_config_check_says_whether_it_is_good(fresh_padlock, configured):
    configured.write('[sites."one.test"]\nnames = ["www.one.test"]\ndir = "one"\n')
    done = fresh_padlock.run("config", "check", cwd=configured.file.parent)
    assert (done.code, done.text, done.err) == (0, "padlock.toml is good: 1 site with 2 names\n", "")
    assert not fresh_padlock.state.exists(), "nothing is made"


def test_config_check_shows_the_place(fresh_padlock, configured):
    configured.write('[sites."one.test"]\ndri = "one"\n', settings="")
    done = fresh_padlock.run("config", "check", configured.file)
    assert done.code == 2
    assert done.err == (
        f'padlock: {configured.file}:1:8: this site has nothing to show\n'
        '    1 | [sites."one.test"]\n'
        '      |        ^^^^^^^^^^ add dir = "/srv/www", proxy = "http://127.0.0.1:3000" or redirect = "https://..."\n'
        f'padlock: {configured.file}:2:1: there is no key "dri" here\n'
        '    2 | dri = "one"\n'
        '      | ^^^ did you mean dir?\n')


@pytest.mark.parametrize("text, says", [
    ('[sites."one.test"]\ndir = "none"\n', "none"),
    ('[sites."www.example.com"]\ndir = "one"\n', "www.example.com"),
    ('[sites."one.test"]\ndir = "one"\ncertificate = "none.pem"\nkey = "none.key"\n', "none.pem"),
])
def test_config_check_opens_what_is_named(fresh_padlock, configured, text, says):
    configured.write(text)
    done = fresh_padlock.run("config", "check", configured.file)
    assert done.code == 2
    assert f"{configured.file}:4: " in done.err and says in done.err


@pytest.mark.parametrize("arguments, says", [(["--port", "1"], "--port requires SITE"),
                                             (["--config", "x.toml", "."], "SITE excludes --config")])
def test_flags_beside_a_configuration_are_refused(fresh_padlock, arguments, says):
    done = fresh_padlock.run("serve", *arguments)
    assert done.code == 2 and done.err.startswith(f"padlock: {says}\n  next     "), done.err


def test_a_server_without_a_configuration_has_none_to_read_again(fresh_padlock, tmp_path):
    with fresh_padlock.serve(folder(tmp_path, "one")) as serving:
        reload(serving, "this server has no file of configuration to read again")
        assert page(serving, "localhost").endswith("<p>one</p>")


def test_without_a_configuration_the_next_step_is_said(fresh_padlock):
    if os.path.exists("/etc/padlock/padlock.toml"):
        pytest.skip("this machine has a configuration")
    done = fresh_padlock.run("serve")
    assert done.code == 2
    assert 'two lines make a site: [sites."localhost"] and dir = "FOLDER"' in done.err
