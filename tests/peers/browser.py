"""Headless Chromium and NSS with a private store."""

import os
from pathlib import Path

from peers.process import peer, run


def make_nss_home(home, root=None):
    """A HOME whose NSS stores trust the certificate in the file `root`, if one is given; Chromium reads both."""
    (home / "empty").write_text("", "ascii")
    for store in [nss_store(home), f"sql:{home}/.local/share/pki/nssdb"]:
        Path(store[4:]).mkdir(parents=True)
        certutil(store, "-N", "--empty-password")
        if root is not None:
            certutil(store, "-A", "-t", "C,,", "-n", "padlock", "-i", root, "-f", home / "empty")
    return home


def nss_store(home):
    return f"sql:{home}/.pki/nssdb"


def certutil(store, *arguments):
    done = run(peer("certutil"), "-d", store, *arguments)
    assert done.code == 0, done.said


def browse(home, url, profile):
    """What headless Chromium makes of a page: its DOM as text, or that of an error page."""
    return run(peer("chromium"), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
               "--no-first-run", "--disable-background-networking", "--disable-component-update",
               f"--user-data-dir={profile}", "--dump-dom", url, env=dict(os.environ, HOME=str(home)),
               timeout=180).said
