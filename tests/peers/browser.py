"""Headless Chromium and Firefox, and NSS with a private store."""

import fcntl
import json
import os
import select
import time
from contextlib import contextmanager
from pathlib import Path

from peers.pki import pkcs12_bundle
from peers.process import LIMIT_SECONDS, Running, peer, run

CHROMIUM_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                  "--disable-background-networking", "--disable-component-update",
                  "--disable-extensions",  # Chromium would make a folder for them beside its program
                  "--enable-features=EnableTLS13EarlyData"]  # off by default


def make_nss_home(home, *roots):
    """A HOME whose NSS stores trust the certificates in these files; Chromium reads both."""
    for store in [nss_store(home), f"sql:{home}/.local/share/pki/nssdb"]:
        make_nss_store(store, home, *roots)
    return home


def nss_store(home):
    return f"sql:{home}/.pki/nssdb"


def make_nss_store(store, scratch, *roots):
    Path(store[4:]).mkdir(parents=True)
    (scratch / "empty").write_text("", "ascii")
    certutil(store, "-N", "--empty-password")
    for number, root in enumerate(roots):
        certutil(store, "-A", "-t", "C,,", "-n", f"padlock {number}", "-i", root, "-f", scratch / "empty")


def certutil(store, *arguments):
    done = run(peer("certutil"), "-d", store, *arguments)
    assert done.code == 0, done.said


def add_key_pair(store, credential, scratch):
    """Adds a certificate and its key, under the name "leaf"."""
    password = scratch / "no-password"
    password.write_text("\n", "ascii")
    bundle = pkcs12_bundle(credential.chain, credential.key, scratch, "")
    done = run(peer("pk12util"), "-d", store, "-i", bundle, "-w", password, "-k", password)
    assert done.code == 0, done.said


def browse(home, url, profile, *flags):
    """What headless Chromium makes of a page: its DOM as text, or that of an error page."""
    return run(peer("chromium"), *CHROMIUM_FLAGS, f"--user-data-dir={profile}", *flags, "--dump-dom", url,
               env=dict(os.environ, HOME=str(home)), timeout=180).said


# ---- Chromium as its developer tools see it --------------------------------------------------------------------------

# The registry's names of what Chromium calls otherwise.
CIPHERS = {"AES_128_GCM": "TLS_AES_128_GCM_SHA256", "AES_256_GCM": "TLS_AES_256_GCM_SHA384",
           "CHACHA20_POLY1305": "TLS_CHACHA20_POLY1305_SHA256"}
SCHEMES = {0x0403: "ecdsa_secp256r1_sha256", 0x0503: "ecdsa_secp384r1_sha384", 0x0804: "rsa_pss_rsae_sha256"}


class Chromium:
    """One browser with one page, told what to do in the DevTools protocol over a pair of pipes."""

    def __init__(self, process, commands, answers):
        self._process, self._commands, self._answers = process, commands, answers
        self._rest, self._count, self._session, self.events = b"", 0, None, []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ["Page", "Network", "Security", "Runtime"]:
            self.ask(f"{domain}.enable")

    def ask(self, method, **parameters):
        """A command's result; what comes before it are events."""
        self._count += 1
        command = {"id": self._count, "method": method, "params": parameters}
        if self._session:
            command["sessionId"] = self._session
        os.write(self._commands, json.dumps(command).encode("utf-8") + b"\0")
        while (message := self._next()).get("id") != self._count:
            self.events.append(message)
        assert "result" in message, message
        return message["result"]

    def _next(self):
        end = time.monotonic() + LIMIT_SECONDS
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._answers], [], [], max(0, end - time.monotonic()))
            assert ready, f"Chromium says nothing for {LIMIT_SECONDS} s\n{self._process.said}"
            piece = os.read(self._answers, 65536)
            assert piece, f"Chromium has ended\n{self._process.said}"
            self._rest += piece
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)

    def until(self, method, fits=lambda parameters: True):
        """The parameters of the first event of this kind since the last visit that fits."""
        at = 0
        while True:
            while at < len(self.events):
                event = self.events[at]
                if event.get("method") == method and fits(event["params"]):
                    return event["params"]
                at += 1
            self.events.append(self._next())

    def visit(self, url):
        self.events.clear()
        failed = self.ask("Page.navigate", url=url).get("errorText")
        assert not failed, failed
        self.until("Page.loadEventFired")
        return self

    def outcome_of(self, url):
        """"loaded", or the code of the error for which it shows no page."""
        self.events.clear()
        failed = self.ask("Page.navigate", url=url).get("errorText")
        if failed:
            return failed
        # An event of the page's loading may still be that of the error page before.
        response = self.until("Network.responseReceived", lambda one: one["response"]["url"] == url)["response"]
        assert response["status"] == 200, response
        return "loaded"

    def evaluate(self, expression):
        """The value of an expression of the page's, or of the promise that it is."""
        done = self.ask("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in done, done
        return done["result"]["value"]

    def security_of(self, url):
        """What it says was negotiated for the response of `url`."""
        response = self.until("Network.responseReceived", lambda one: one["response"]["url"] == url)["response"]
        details = response["securityDetails"]
        assert response["securityState"] == "secure" and details["protocol"] == "TLS 1.3", response
        return {"group": details["keyExchangeGroup"], "suite": CIPHERS[details["cipher"]],
                "scheme": SCHEMES[details["serverSignatureAlgorithm"]]}

    def close(self):
        self._session = None
        os.write(self._commands, b'{"id": 0, "method": "Browser.close"}\0')
        assert self._process.wait() == 0, self._process.said


@contextmanager
def chromium(home, folder):
    """Chromium with the NSS stores of `home` and a profile in `folder`."""
    commands, to_us = os.pipe(), os.pipe()
    for_child = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (commands[0], to_us[1])]  # 3 and 4 are set by the shell
    try:
        with Running("bash", "-c", f'exec "$@" 3<&{for_child[0]} 4>&{for_child[1]}', "bash", peer("chromium"),
                     *CHROMIUM_FLAGS, f"--user-data-dir={folder}/profile", "--remote-debugging-pipe", folder=folder,
                     env=dict(os.environ, HOME=str(home)), pass_fds=for_child) as running:
            for end in [*for_child, commands[0], to_us[1]]:
                os.close(end)
            browser = Chromium(running, commands[1], to_us[0])
            yield browser
            browser.close()
    finally:
        for end in (commands[1], to_us[0]):
            os.close(end)


# ---- Firefox ---------------------------------------------------------------------------------------------------------

FIREFOX_SETTINGS = """
user_pref("app.normandy.enabled", false);
user_pref("app.update.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("network.dns.disablePrefetch", true);
user_pref("services.settings.server", "data:,");
user_pref("toolkit.telemetry.enabled", false);
"""


def make_firefox_profile(folder, *roots):
    """A profile that trusts the certificates in these files, and calls nobody."""
    make_nss_store(f"sql:{folder}/profile", folder, *roots)
    (folder / "profile" / "user.js").write_text(FIREFOX_SETTINGS, "ascii")
    return folder / "profile"


@contextmanager
def open_in_firefox(profile, url, folder):
    environment = dict(os.environ, HOME=str(folder), MOZ_HEADLESS="1")
    with Running(peer("firefox-esr"), "--no-remote", "--profile", profile, url, folder=folder,
                 env=environment) as running:
        yield running
        running.stop()
