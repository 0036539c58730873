"""A folder to serve, with what must stay hidden around it."""

import random

PAGE = "<!doctype html>\n<title>site</title>\n<p>the padlock page</p>\n"
HELLO = "hello over https\n"
SECRET = "the secret that nobody may read"
BIG_BYTES = 20 << 20


def make_site(parent):
    """The folder `parent`/site; beside it stands a secret, and links inside lead to it."""
    site = parent / "site"
    files = {
        "index.html": PAGE,
        "hello.txt": HELLO,
        "sub/index.html": "<p>a folder's page</p>\n",
        "bare/file.css": "p { color: red }\n",
        "with space.txt": "spaced\n",
        "übung.txt": "umlaut\n",
        "script.js": "1\n",
        "data.json": "{}\n",
        "picture.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>\n",
        "unknown.thing": "what am I\n",
        ".hidden": SECRET,
        ".git/config": SECRET,
        "../secret.txt": SECRET,
    }
    for name, text in files.items():
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    (site / "out").symlink_to(parent)
    (site / "leak.txt").symlink_to(parent / "secret.txt")
    (site / "near.txt").symlink_to("hello.txt")
    (site / "big.bin").write_bytes(random.Random(8446).randbytes(BIG_BYTES))
    return site
