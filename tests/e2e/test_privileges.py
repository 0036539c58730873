"""What a running server may still do: docs/threats.md, P6 and P7. What a taken-over one would try is in sandbox_test.cc."""

import os
import re
from pathlib import Path


from peers.process import until
from peers.site import HELLO
from peers.wire import ask, tls_connect


def tasks(process):
    """What the kernel says of each thread of a process."""
    for task in Path(f"/proc/{process.pid}/task").iterdir():
        yield dict(line.split(":\t", 1) for line in (task / "status").read_text("ascii").splitlines() if ":\t" in line)


def test_every_thread_is_in_the_sandbox(fresh_padlock, site):
    with fresh_padlock.serve(site) as serving:
        seen = list(tasks(serving.running.process))
        assert len(seen) > 2
        assert all((task["NoNewPrivs"].strip(), task["Seccomp"].strip()) == ("1", "2") for task in seen), seen
        text = fresh_padlock.run("status").text
        assert re.search(r"^  sandbox +system calls restricted, ", text, re.MULTILINE), text
        assert ask(serving, "/hello.txt").body.decode("ascii") == HELLO


def test_its_memory_is_in_no_core_dump(fresh_padlock, site):  # docs/threats.md, P6
    with fresh_padlock.serve(site) as serving:
        # What is not dumpable belongs to root in /proc, whoever runs it; as root the kernel's own word is asked.
        assert os.stat(f"/proc/{serving.running.process.pid}/environ").st_uid == 0


def test_a_link_that_leads_out_is_shut_by_the_kernel_twice(fresh_padlock, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "secret.txt").write_text("secret", "ascii")
    (folder / "link.txt").symlink_to("../secret.txt")
    (folder / "index.html").write_text("here", "ascii")
    with fresh_padlock.serve(folder) as serving:
        assert ask(serving, "/link.txt").status == 404
        assert ask(serving, "/").body == b"here"
        (folder / "later.txt").write_text("later", "ascii")
        assert ask(serving, "/later.txt").body == b"later"


def test_certificates_behind_links_are_read_again(fresh_padlock, pki, tmp_path, site):
    live, archive = tmp_path / "live", tmp_path / "archive"
    live.mkdir()
    archive.mkdir()

    def lead_to(name):
        credential = pki.credential(name)
        for link, source in (("chain.pem", credential.chain), ("key.pem", credential.key)):
            version = archive / f"{name}-{link}"
            version.touch(0o600)
            version.write_bytes(source.read_bytes())
            (live / "new").symlink_to(version)
            (live / "new").replace(live / link)

    def shown(serving):
        with tls_connect(serving.port, pki.roots, "example.test") as sock:
            return sock.getpeercert(binary_form=True)

    lead_to("good-ecdsa")
    with fresh_padlock.serve(site, "--cert", live / "chain.pem", "--key", live / "key.pem") as serving:
        before = shown(serving)
        lead_to("good-rsa")
        until(lambda: shown(serving) != before, "the new certificate is shown", serving.running.process)
