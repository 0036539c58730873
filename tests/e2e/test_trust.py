"""`padlock trust`: other programs take the root from their own stores, and lose it again; nobody's real store is touched."""

import json
import os
import tempfile
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from peers.browser import CHROMIUM_FLAGS, FIREFOX_SETTINGS, certutil, nss_store, open_in_firefox
from peers.process import peer, run
from peers.site import PAGE

UNPRIVILEGED = 65534


class Machine:
    """A user with a home, on a machine whose system store is a folder."""

    def __init__(self, padlock):
        self.padlock = padlock
        self.home = padlock.home
        self.system = padlock.home.parent / "system"
        self.bundle = self.system / "etc" / "ssl" / "certs" / "ca-certificates.crt"
        self.record = padlock.state / "trust.json"

    def trust(self, verb, *arguments, **environment):
        return self.padlock.run("trust", verb, "--system-root", self.system, *arguments, **environment)

    def standings(self, **environment):
        """{store: yes, no, absent or unknown}"""
        stores = json.loads(self.trust("status", "--json", **environment).text)["stores"]
        return {one["store"]: one["trusts_root"] for one in stores}

    def curl(self, url):
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.home), "SSL_CERT_FILE": str(self.bundle)}
        return run(peer("curl"), "-sS", url, env=environment)

    def browse(self, url):
        """Chromium in this home, with no word on certificates among its flags and no page kept from before."""
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.home)}
        assert not any("certificate" in flag for flag in CHROMIUM_FLAGS)
        profile = tempfile.mkdtemp(prefix="chromium-", dir=self.home)
        return run(peer("chromium"), *CHROMIUM_FLAGS, f"--user-data-dir={profile}", "--dump-dom", url,
                   env=environment, timeout=180)


@pytest.fixture
def machine(fresh_padlock):
    peer("update-ca-certificates")
    peer("certutil")
    return Machine(fresh_padlock)


def make_firefox_profile(home, name="x.default"):
    profile = home / ".mozilla" / "firefox" / name
    profile.mkdir(parents=True)
    certutil(f"sql:{profile}", "-N", "--empty-password")
    return profile


def with_chromium(machine):
    """Chromium counts as used where its settings lie."""
    (machine.home / ".config" / "chromium").mkdir(parents=True)
    return machine


def test_curl_and_chromium_trust_the_root_as_long_as_it_is_installed(machine, site):
    peer("chromium")
    with_chromium(machine)
    with machine.padlock.serve(site) as server:
        assert machine.curl(server.url("/hello.txt")).code in (60, 77)
        assert "the padlock page" not in machine.browse(server.url()).said

        done = machine.trust("install", "--yes")
        assert done.code == 0, done.said
        assert machine.curl(server.url("/hello.txt")).text == "hello over https\n"
        assert "the padlock page" in machine.browse(server.url()).said

        done = machine.trust("uninstall", "--yes")
        assert done.code == 0, done.said
        assert machine.curl(server.url("/hello.txt")).code in (60, 77)
        assert "the padlock page" not in machine.browse(server.url()).said


def test_openssl_finds_it_in_the_folder_too(machine, site):
    assert machine.trust("install", "--yes", "--only", "system").code == 0
    with machine.padlock.serve(site) as server:
        environment = {"PATH": os.environ["PATH"], "SSL_CERT_DIR": str(machine.bundle.parent), "SSL_CERT_FILE": "/none"}
        done = run(peer("openssl"), "s_client", "-connect", f"localhost:{server.port}", "-verify_return_error",
                   "-verify_hostname", "localhost", env=environment)
        assert "Verify return code: 0 (ok)" in done.text, done.said


def test_firefox_trusts_it(machine, site):
    peer("firefox-esr")
    profile = make_firefox_profile(machine.home)
    (profile / "user.js").write_text(FIREFOX_SETTINGS, "ascii")
    assert machine.trust("install", "--yes", "--only", "firefox").code == 0
    assert "padlock-local-ca-" in run(peer("certutil"), "-d", f"sql:{profile}", "-L").text
    with machine.padlock.serve(site) as server, open_in_firefox(profile, server.url(), machine.home):
        server.until_logs('"GET / HTTP/1.1" 200|"GET /" 200')
    assert machine.trust("uninstall", "--yes", "--only", "firefox").code == 0
    assert "padlock-local-ca-" not in run(peer("certutil"), "-d", f"sql:{profile}", "-L").text


def test_twice_changes_nothing(machine):
    with_chromium(machine)
    assert machine.trust("install", "--yes").code == 0
    assert machine.standings() == {"system": "yes", "chromium": "yes", "firefox": "absent"}
    bundle, record = machine.bundle.read_bytes(), machine.record.read_bytes()
    again = machine.trust("install")  # no --yes: there is nothing to ask for
    assert again.code == 0 and "nothing is to be changed" in again.text, again.said
    assert (machine.bundle.read_bytes(), machine.record.read_bytes()) == (bundle, record)
    assert machine.record.stat().st_mode & 0o777 == 0o600
    assert machine.trust("uninstall", "--yes").code == 0
    assert machine.standings() == {"system": "no", "chromium": "no", "firefox": "absent"}
    assert json.loads(machine.record.read_text("utf-8"))["installed"] == []
    again = machine.trust("uninstall")
    assert again.code == 0 and "nothing is to be changed" in again.text, again.said


def test_the_plan_comes_first_and_without_a_yes_nothing_happens(machine):
    with_chromium(machine)
    done = machine.trust("install")
    assert done.code == 2 and "code cli.trust.unconfirmed" in done.err, done.said
    anchor = machine.system / "usr" / "local" / "share" / "ca-certificates" / "padlock-local-ca-"
    for part in [f"  system    write {anchor}", f"--etccertsdir {machine.system}/etc/ssl/certs",
                 f"certutil -d sql:{machine.home}/.pki/nssdb -A -a -t C,, -n padlock-local-ca-", "SHA-256 "]:
        assert part in done.text, done.said
    assert not machine.system.exists() and not (machine.home / ".pki").exists() and not machine.record.exists()


@pytest.mark.parametrize("answer, code", [("y", 0), ("n", 1), ("", 1)])
def test_on_a_terminal_it_asks(machine, answer, code):
    """`script` gives it a terminal."""
    script = peer("script")
    command = f"{machine.padlock.program} trust install --only system --system-root {machine.system}"
    done = run(script, "-qec", command, "/dev/null", stdin=f"{answer}\n".encode("ascii"), cwd=machine.home,
               env=machine.padlock.environment())
    assert done.code == code and "Go on? [y/N]" in done.said, done.said
    assert machine.bundle.exists() == (code == 0)


def test_what_somebody_else_removed_or_spoiled(machine):
    with_chromium(machine)
    profile = make_firefox_profile(machine.home)
    assert machine.trust("install", "--yes").code == 0
    name = json.loads(machine.record.read_text("utf-8"))["installed"][0]["fingerprint"][:8]
    certutil(nss_store(machine.home), "-D", "-n", f"padlock-local-ca-{name}")
    (profile / "cert9.db").write_text("rubbish", "ascii")
    assert machine.standings() == {"system": "yes", "chromium": "no", "firefox": "unknown"}

    done = machine.trust("uninstall", "--yes")
    assert done.code == 1 and f"cannot be read: /usr/bin/certutil -d sql:{profile}" in done.text, done.said
    shutil.rmtree(profile)
    done = machine.trust("uninstall", "--yes")
    assert done.code == 0, done.said
    assert machine.standings() == {"system": "no", "chromium": "no", "firefox": "absent"}
    assert json.loads(machine.record.read_text("utf-8"))["installed"] == []


def test_a_damaged_record_is_set_aside_and_the_root_still_goes(machine):
    assert machine.trust("install", "--yes", "--only", "system").code == 0
    machine.record.write_text("{", "ascii")
    done = machine.trust("uninstall", "--yes", "--only", "system")
    assert done.code == 0 and "trust.json.set-aside-1" in done.err, done.said
    assert machine.standings()["system"] == "no"


def test_the_root_of_an_earlier_ca_goes_too(machine):
    assert machine.trust("install", "--yes", "--only", "system").code == 0
    first = machine.bundle.read_bytes()
    shutil.rmtree(machine.padlock.state / "ca")
    assert machine.trust("install", "--yes", "--only", "system").code == 0
    assert first in machine.bundle.read_bytes() and first != machine.bundle.read_bytes()
    assert "the root of an earlier CA, padlock-local-ca-" in machine.trust("status").text
    shutil.rmtree(machine.padlock.state / "ca")
    assert machine.trust("uninstall", "--yes").code == 0, "with no CA at all"
    assert machine.bundle.read_bytes() == b""


def test_without_certutil_the_system_store_still_gets_it(machine):
    with_chromium(machine)
    done = machine.trust("install", "--yes", PATH="/nowhere")
    assert done.code == 1 and "code ca.trust.program_missing" in done.err and "libnss3-tools" in done.err, done.said
    assert machine.standings() == {"system": "yes", "chromium": "no", "firefox": "absent"}


def test_a_store_that_is_asked_for_and_is_not_here(machine):
    done = machine.trust("install", "--yes", "--only", "firefox")
    assert done.code == 2 and "code cli.trust.no_such_store" in done.err, done.said
    assert machine.trust("install", "--yes", "--only", "opera").code == 2


def test_only_a_root_of_ours_is_installed(machine, pki):
    done = machine.trust("install", "--yes", "--only", "system", "--root", pki.roots)
    assert done.code in (1, 2) and not machine.system.exists(), done.said
    one = machine.home / "one.pem"
    one.write_text(re.search("-----BEGIN.*?END CERTIFICATE-----\n", pki.roots.read_text("ascii"), re.DOTALL)[0], "ascii")
    done = machine.trust("install", "--yes", "--only", "system", "--root", one)
    assert done.code == 1 and "code ca.root.not_ours" in done.err and not machine.system.exists(), done.said


@pytest.fixture
def as_nobody(tmp_path):
    """Runs padlock as somebody who is not root, in a home that others can enter."""
    program = Path(os.environ.get("PADLOCK") or Path(__file__).parents[2] / "build" / "dev" / "padlock")
    options = {"user": UNPRIVILEGED, "group": UNPRIVILEGED, "extra_groups": []} if os.geteuid() == 0 else {}

    def run_it(*arguments):
        with tempfile.TemporaryDirectory(dir="/tmp") as home:
            copy = shutil.copy(program, home)
            if options:
                os.chown(home, UNPRIVILEGED, UNPRIVILEGED)
            done = subprocess.run([copy, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  timeout=60, check=False, cwd="/", env={"HOME": home, "PATH": os.environ["PATH"]},
                                  **options)
            return home, done
    return run_it


def test_who_is_not_root_is_told_the_command(machine, as_nobody):
    """The real system store, which this user may not touch: nothing else could be tried here."""
    home, done = as_nobody("trust", "install", "--yes")
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(f"^padlock: only root may change the system's store: sudo {home}/padlock trust install "
                     f"--only system --root {home}/.local/state/padlock/ca/root.pem$", done.stderr, re.MULTILINE)
    _, done = as_nobody("trust", "install", "--yes", "--only", "system")
    assert done.returncode == 1 and "code cli.trust.needs_root" in done.stderr, done.stderr


def test_root_installs_nothing_of_its_own_for_a_user(machine):
    if os.geteuid() != 0:
        pytest.skip("root absent (run as root)")
    done = machine.trust("install", "--yes", SUDO_USER="someone")
    assert done.code == 2 and "code cli.trust.sudo_without_root" in done.err and not machine.system.exists(), done.said
    assert machine.trust("status").code == 0
    machine.padlock.run("trust", "install", "--yes", "--only", "system", "--system-root", machine.system)
    os.chown(machine.padlock.state, UNPRIVILEGED, UNPRIVILEGED)
    done = machine.trust("uninstall", "--yes")
    assert done.code == 2 and "code cli.state_of_another" in done.err, done.said


def test_export_writes_the_root(machine):
    assert machine.padlock.run("trust", "export").code == 2, "there is none yet"
    machine.trust("install", "--yes", "--only", "system")
    done = machine.padlock.run("trust", "export")
    assert done.code == 0 and done.text == machine.padlock.root.read_text("ascii"), done.said
    assert "COPY padlock-root.crt" in done.err and "RUN update-ca-certificates" in done.err
    out = machine.home / "root.der"
    assert machine.padlock.run("trust", "export", "--der", "--out", out).code == 0
    shown = run(peer("openssl"), "x509", "-inform", "DER", "-in", out, "-outform", "PEM")
    assert shown.text == machine.padlock.root.read_text("ascii")
