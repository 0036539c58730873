"""CORS as a browser sees it: what pages of one origin may ask of another."""

from peers.browser import browse, make_nss_home
from peers.ports import free_port

PAGE = """<!doctype html><title>asks</title><body><script>
async function ask(name, host, options) {
  let said;
  try {
    const answer = await fetch("https://" + host + ":" + location.port + "/", options);
    said = answer.status + " " + await answer.text();
  } catch (error) {
    said = "kept out";
  }
  document.body.append(name + "=" + said + ";");
}
(async () => {
  await ask("simple", "api.localhost", {});
  await ask("preflight", "api.localhost", {method: "DELETE", headers: {"X-Token": "1"}});
  await ask("method", "api.localhost", {method: "PATCH"});
  await ask("header", "api.localhost", {headers: {"X-Other": "1"}});
  await ask("closed", "closed.localhost", {});
  document.body.append("done");
})();
</script>"""


def test_pages_read_what_they_may(padlock, tmp_path):
    (tmp_path / "www").mkdir()
    for name in ("index.html", "stranger.html"):
        (tmp_path / "www" / name).write_text(PAGE, "utf-8")
    port = free_port()
    config = tmp_path / "padlock.toml"
    config.write_text(f"""
listen = "127.0.0.1"
https_port = {port}
http_port = 0
[sites."app.localhost"]
dir = "www"
[sites."stranger.localhost"]
dir = "www"
[sites."api.localhost"]
respond = "shared"
cors = {{ origins = ["https://app.localhost:{port}"], methods = ["DELETE"], headers = ["X-Token"] }}
[sites."closed.localhost"]
respond = "closed"
""", "utf-8")
    with padlock.serve_config(config) as serving:
        home = tmp_path / "browser"
        home.mkdir()
        make_nss_home(home, serving.root)

        def page_of(host):
            dom = browse(home, f"https://{host}:{port}/", tmp_path / f"profile-{host}", "--virtual-time-budget=5000",
                         "--host-resolver-rules=MAP *.localhost 127.0.0.1")
            assert "done" in dom, dom
            return dom
        allowed = page_of("app.localhost")
        assert "simple=200 shared;" in allowed and "preflight=200 shared;" in allowed, allowed
        for refused in ("method", "header", "closed"):
            assert f"{refused}=kept out;" in allowed, allowed
        stranger = page_of("stranger.localhost")
        for refused in ("simple", "preflight", "method", "header", "closed"):
            assert f"{refused}=kept out;" in stranger, stranger
        serving.until_logs(r'"OPTIONS /" 204')
