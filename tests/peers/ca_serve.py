"""`padlock ca serve` on free ports, with a DNS server of tests behind it, and certbot before it."""

import json
import os
import re
import urllib.request
from contextlib import contextmanager

from peers.ports import free_port
from peers.process import Running, peer, run


class CaServing:
    """`http_port`, `https_port`: where it looks for challenges."""

    def __init__(self, padlock, folder, addresses="127.0.0.1"):
        folder.mkdir(exist_ok=True)
        self.padlock, self.folder, self.addresses = padlock, folder, addresses
        self.http_port, self.https_port, self.dns, self.dns_management = (free_port() for _ in range(4))
        self.port = self.plain_port = None
        self.running = None

    @contextmanager
    def serve(self, *flags, code=0):
        """The server alone, which goes on with what it knows from before; `code`: what it ends with."""
        with Running(self.padlock.program, "ca", "serve", "--port", self.port or 0, "--http-port", self.plain_port or 0,
                     "--dns", f"127.0.0.1:{self.dns}", "--http-01-port", self.http_port, "--tls-alpn-01-port",
                     self.https_port, *flags, folder=self.folder, env=self.padlock.environment(),
                     cwd=self.folder) as self.running:
            self.port = int(self.running.until_says(r"ACME on https://localhost:(\d+)/directory")[1])
            yield self
            assert self.running.stop() == code, self.running.said

    @contextmanager
    def names(self):
        """The DNS server: every name leads to this machine."""
        with Running(peer("pebble-challtestsrv"), "-management", f"127.0.0.1:{self.dns_management}", "-dnsserver",
                     f"127.0.0.1:{self.dns}", "-defaultIPv4", self.addresses, "-defaultIPv6", "", "-http01", "",
                     "-https01", "", "-tlsalpn01", "", "-doh", "", folder=self.folder) as names:
            names.until_accepts(self.dns_management)
            yield names

    @contextmanager
    def all(self, *flags):
        with self.names(), self.serve(*flags):
            yield self

    @property
    def directory(self):
        return f"https://localhost:{self.port}/directory"

    def until_logs(self, pattern):
        return self.running.until(lambda: re.search(pattern, self.running.err, re.MULTILINE), f"a log of {pattern!r}")

    def set_name(self, what, **record):
        urllib.request.urlopen(f"http://127.0.0.1:{self.dns_management}/{what}", json.dumps(record).encode()).close()

    def hook(self):
        """certbot's hooks of dns-01, as scripts."""
        scripts = []
        for call in ("set-txt", "clear-txt"):
            script = self.folder / call
            script.write_text(f"""#!/bin/sh
printf '{{"host": "_acme-challenge.%s.", "value": "%s"}}' "$CERTBOT_DOMAIN" "$CERTBOT_VALIDATION" |
  curl -sS -d @- http://127.0.0.1:{self.dns_management}/{call}
""", "utf-8")
            script.chmod(0o755)
            scripts.append(script)
        return scripts

    def certbot(self, verb, *arguments):
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "REQUESTS_CA_BUNDLE": str(self.padlock.root)}
        folders = [one for name in ("config", "work", "logs") for one in (f"--{name}-dir", self.folder / "certbot" / name)]
        return run(peer("certbot"), verb, "--non-interactive", *folders, *arguments, env=environment, cwd=self.folder)

    def certonly(self, *names, how=None, more=()):
        """An order by certbot, by http-01 unless told otherwise."""
        how = how or ["--standalone", "--http-01-port", self.http_port, "--http-01-address", "127.0.0.1"]
        domains = [one for name in names for one in ("-d", name)]
        return self.certbot("certonly", *how, *domains, "--server", self.directory, "--agree-tos",
                            "--register-unsafely-without-email", *more)

    def live(self, name, file="fullchain.pem"):
        return self.folder / "certbot" / "config" / "live" / name / file
