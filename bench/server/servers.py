"""The servers of `./dev bench server`: each with one worker on one core, the same files and certificate, and up to 20,000
connections. None writes an access log."""

import os
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from peers.ports import free_port
from peers.process import Running

SERVER_CORE, LOAD_CORE = (0, 1) if (os.cpu_count() or 1) > 1 else (0, 0)
OWNER = "root" if os.geteuid() == 0 else None  # who may read what this run makes
CONNECTIONS = 20_000


class NotBuilt(Exception):
    """The server has not got what a row is about."""


class Absent(Exception):
    """The peer's program is not there."""


def on_core(core):
    return ["taskset", "-c", str(core)]


def processes(root):
    """A process and those below it."""
    below = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text("ascii", "replace").rsplit(")", 1)[1].split()[1])
        except OSError:
            continue  # it has ended meanwhile
        below.setdefault(parent, []).append(int(stat.parent.name))
    found = [root]
    for pid in found:
        found += below.get(pid, [])
    return found


class Server:
    """One that runs: what it has cost so far, and what it holds."""

    def __init__(self, name, running, port):
        self.name, self.port, self._running = name, port, running

    def cpu_ns(self):
        # The kernel's clock of another process's CPU time, all its threads included, also those that have ended
        # (clock_getcpuclockid of libc makes the same number).
        return self._sum(lambda pid: time.clock_gettime_ns((~pid << 3) | 2))

    def memory_bytes(self):
        """Proportional set size of all its processes: what its workers share counts once."""
        def held(pid):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
            return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))

        return self._sum(held)

    def _sum(self, of_process):
        total = 0
        for pid in processes(self._running.process.pid):
            with suppress(OSError):  # a helper that has ended meanwhile, or that nobody has waited for
                total += of_process(pid)
        return total


def program(name):
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin") or Absent(name)


def padlock_command(port, site, work):
    content = f'proxy = "http://127.0.0.1:{site.upstream}"' if site.upstream else f'dir = "{site.folder}"'
    config = work / "padlock.toml"
    config.write_text(f"""
listen = ["127.0.0.1"]
https_port = {port}
http_port = {free_port()}
workers = 1
[log]
requests = "off"
[limits]
connections = {CONNECTIONS}
connections_per_address = {CONNECTIONS}
idle = "10 min"
[sites."localhost"]
names = ["127.0.0.1"]
{content}
certificate = "{site.credential.chain}"
key = "{site.credential.key}"
""", "utf-8")
    done = subprocess.run([os.environ["PADLOCK"], "config", "check", str(config)], capture_output=True, text=True, check=False)
    if done.returncode and "proxy" in done.stdout + done.stderr:
        raise NotBuilt("its configuration knows no proxy")
    return [os.environ["PADLOCK"], "serve", "--config", config]


def nginx_command(port, site, work):
    tls = f"""
    listen 127.0.0.1:{port} ssl http2 backlog=4096;
    ssl_certificate {site.credential.chain};
    ssl_certificate_key {site.credential.key};
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_tickets on;"""
    content = f"root {site.folder};"
    if site.upstream:
        content = """location / { proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection ""; }"""
    return nginx(work, f"""
  upstream up {{ server 127.0.0.1:{site.upstream or 1}; keepalive 64; keepalive_requests 1000000000; }}
  server {{ {tls}
    {content}
  }}""")


def plain_nginx_command(port, site, work):
    """The upstream of proxies."""
    return nginx(work, f"server {{ listen 127.0.0.1:{port} backlog=4096; root {site.folder}; }}")


def nginx(work, servers):
    config = work / "nginx.conf"
    temporary = " ".join(f"{kind}_temp_path {work};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    config.write_text(f"""
{f'user {OWNER};' if OWNER else ''}
daemon off;
pid {work}/nginx.pid;
worker_processes 1;
worker_rlimit_nofile {CONNECTIONS};
events {{ worker_connections {CONNECTIONS}; }}
http {{
  {temporary}
  access_log off;
  sendfile on;
  tcp_nopush on;
  open_file_cache max=100;
  keepalive_timeout 600s;
  keepalive_requests 1000000000;
  {servers}
}}
""", "utf-8")
    return [program("nginx"), "-p", work, "-e", "stderr", "-c", config]


def h2o_command(port, site, work):
    content = f"file.dir: {site.folder}"
    if site.upstream:
        content = f'proxy.reverse.url: "http://127.0.0.1:{site.upstream}/"\n        proxy.timeout.keepalive: 600000'
    config = work / "h2o.conf"
    config.write_text(f"""
{f'user: {OWNER}' if OWNER else ''}
num-threads: 1
max-connections: {CONNECTIONS}
http1-request-timeout: 600
listen:
  host: 127.0.0.1
  port: {port}
  ssl:
    certificate-file: {site.credential.chain}
    key-file: {site.credential.key}
hosts:
  default:
    paths:
      /:
        {content}
""", "utf-8")
    return [program("h2o"), "-m", "worker", "-c", config]


def haproxy_command(port, site, work):
    """It serves no files: the small one is a constant response that it holds in memory."""
    pem = work / "haproxy.pem"
    pem.write_text(site.credential.chain.read_text("ascii") + site.credential.key.read_text("ascii"), "ascii")
    content = f"""
  http-request return status 200 content-type application/octet-stream file {site.folder}/1k"""
    if site.upstream:
        content = f"""
  default_backend up
backend up
  http-reuse always
  server one 127.0.0.1:{site.upstream}"""
    config = work / "haproxy.cfg"
    config.write_text(f"""
global
  nbthread 1
  maxconn {CONNECTIONS // 4}
defaults
  mode http
  timeout client 600s
  timeout server 600s
  timeout connect 10s
  timeout http-keep-alive 600s
  maxconn {CONNECTIONS // 2}
frontend front
  bind 127.0.0.1:{port} ssl crt {pem} alpn h2,http/1.1{content}
""", "utf-8")
    return [program("haproxy"), "-db", "-f", config]


def caddy_command(port, site, work):
    content = f"root * {site.folder}\n  file_server"
    if site.upstream:
        content = f"reverse_proxy 127.0.0.1:{site.upstream}"
    config = work / "Caddyfile"
    config.write_text(f"""
{{
  admin off
  auto_https off
  default_sni localhost
  storage file_system {work}
  servers {{
    protocols h1 h2
  }}
}}
https://localhost:{port}, https://127.0.0.1:{port} {{
  bind 127.0.0.1
  tls {site.credential.chain} {site.credential.key}
  {content}
}}
""", "utf-8")
    return [program("caddy"), "run", "--adapter", "caddyfile", "--config", config]


COMMANDS = {"padlock": padlock_command, "nginx": nginx_command, "h2o": h2o_command, "haproxy": haproxy_command,
            "caddy": caddy_command, "upstream": plain_nginx_command}


@contextmanager
def serving(name, site, scratch):
    """The server of this name, ready, on a free port."""
    port, work = free_port(), scratch / f"{name}-{time.monotonic_ns()}"
    work.mkdir()
    command = COMMANDS[name](port, site, work)
    if isinstance(command[0], Absent):
        raise command[0]
    core = LOAD_CORE if name == "upstream" else SERVER_CORE
    environment = {**os.environ, "HOME": str(work), "XDG_STATE_HOME": str(work), "GOMAXPROCS": "1"}
    with Running(*on_core(core), *command, folder=work, cwd=work, env=environment) as running:
        try:
            running.until_accepts(port)
            yield Server(name, running, port)
        finally:
            end(running.process)


def end(process, patience=10):
    """Ends a server and, where it does not do so in time, the processes below it, too."""
    below = processes(process.pid)
    process.terminate()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        for pid in below:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()
