"""What a running server may still do: docs/threats.md, P6 and P7. What a taken-over one would try is in sandbox_test.cc."""

import os
import re
from pathlib import Path


from peers.site import HELLO
from peers.wire import ask


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


