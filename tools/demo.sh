#!/usr/bin/env bash
# demo.sh PROGRAM: the main job, start to end. Serves examples/site over HTTPS with a local certificate, fetches it,
# explains it, asks curl as a stranger's witness, stops the server and ends with 'demo: ok'.
# All that it makes stands in a private temporary folder, which it removes; nothing is left running.
set -euo pipefail
[ $# -eq 1 ] && [ -x "$1" ] || { echo "usage: tools/demo.sh PROGRAM    (./dev demo builds and names it)" >&2; exit 2; }
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/.."

server=
scratch=$(mktemp -d "${TMPDIR:-/tmp}/padlock-demo-XXXXXX")
clean_up() {
  if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
  rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT HUP
trap 'exit 143' TERM

# The demo trusts its own certificate authority alone, whatever this user's settings are.
export XDG_STATE_HOME=$scratch/state XDG_RUNTIME_DIR=$scratch/run
unset SSL_CERT_FILE SSL_CERT_DIR SSLKEYLOGFILE RUNTIME_DIRECTORY
mkdir -m 700 "$XDG_STATE_HOME" "$XDG_RUNTIME_DIR"

step() { printf '\n== %s\n' "$1"; }
show() { printf '   $ %s\n' "$*"; }
fail() {
  printf '\ndemo: failed: %s\n' "$1" >&2
  if [ -s "$scratch/server.err" ]; then echo "the server's last lines:" >&2; tail -n 20 "$scratch/server.err" >&2; fi
  exit 1
}
same() { cmp -s "$1" "$2" || fail "$3 differs from $2"; }

step "1. Serve a folder. Its certificate comes from a local authority, made at the first start."
show padlock serve examples/site
: >"$scratch/server.out" # there from the start, for the loop below
"$program" serve examples/site --port 0 --http-port 0 >"$scratch/server.out" 2>"$scratch/server.err" </dev/null &
server=$!
url= plain=
for _ in $(seq 300); do
  url=$(sed -nE 's|^serving .* on (https://localhost:[0-9]+/).*$|\1|p' "$scratch/server.out" | head -n 1)
  plain=$(sed -nE 's|^plain http on (http://localhost:[0-9]+/).*$|\1|p' "$scratch/server.out" | head -n 1)
  if [ -n "$url" ] && [ -n "$plain" ]; then break; fi
  if ! kill -0 "$server" 2>/dev/null; then wait "$server" || true; server=; fail "padlock serve ended before it was ready"; fi
  sleep 0.1
done
[ -n "$url" ] && [ -n "$plain" ] || fail "padlock serve was not ready after 30 seconds"
cat "$scratch/server.out"

step "2. Fetch the page. The verdict says whom you talked to and how it was protected."
show padlock get "$url" -o page.html
"$program" get "$url" -o "$scratch/page.html" || fail "padlock get ended with code $?"
same "$scratch/page.html" examples/site/index.html "the fetched page"
echo "   the page is equal to examples/site/index.html, byte for byte"

step "3. Plain http leads to https and nowhere else."
show curl -I "$plain"
moved=$(curl -q -sS --noproxy '*' --max-time 20 -o "$scratch/moved" -w '%{http_code} %{redirect_url}' "$plain") || fail "curl ended with code $?"
[ "$moved" = "308 $url" ] || fail "plain http was answered by '$moved' instead of '308 $url'"
echo "   $moved"

step "4. Explain a fetch: every step of the connection, from TCP's SYN to the page."
show padlock explain "$url"
"$program" explain "$url" >"$scratch/ladder" || fail "padlock explain ended with code $?"
cat "$scratch/ladder"
for name in SYN SYN-ACK ACK ClientHello ServerHello EncryptedExtensions Certificate CertificateVerify Finished; do
  grep -q -w -e "$name" "$scratch/ladder" || fail "the ladder does not name $name"
done
for field in ':method +GET' ':path +/ '; do
  grep -q -E -e "$field" "$scratch/ladder" || fail "the ladder does not show the request"
done
grep -q '200' "$scratch/ladder" || fail "the ladder does not show the response"

step "5. And beside it what a listener on the wire reads: after the hello messages, nothing."
show padlock explain --wiretap "${url}secret.txt"
"$program" explain --wiretap "${url}secret.txt" >"$scratch/wiretap" || fail "padlock explain --wiretap ended with code $?"
grep -q 'What a listener' "$scratch/wiretap" || fail "the ladder does not say what a listener knows"
echo "   (the request, and the summary; the whole stands between them)"
awk '/request: GET/ {request = 1} /response:/ {request = 0} /^What a listener on the way knows/ {summary = 1} request || summary' "$scratch/wiretap"

step "6. A stranger's witness: curl, with the local authority's root and nothing else."
root=$XDG_STATE_HOME/padlock/ca/root.pem
show curl --cacert root.pem "$url"
curl -q -sS --noproxy '*' --max-time 20 --cacert "$root" -o "$scratch/curl.html" "$url" || fail "curl ended with code $?"
same "$scratch/curl.html" examples/site/index.html "curl's page"
echo "   curl trusts it and has the same page"
if curl -q -sS --noproxy '*' --max-time 20 -o "$scratch/untrusted.html" "$url" 2>"$scratch/untrusted"; then
  fail "curl trusts the server without the local authority's root"
fi
echo "   without the root it refuses: $(head -n 1 "$scratch/untrusted")"

step "7. Stop the server. Open requests would be answered first."
kill -TERM "$server"
for _ in $(seq 400); do kill -0 "$server" 2>/dev/null || break; sleep 0.1; done
if kill -0 "$server" 2>/dev/null; then kill -KILL "$server"; fail "padlock serve did not stop within 40 seconds"; fi
code=0; wait "$server" || code=$?
server=
[ "$code" = 0 ] || fail "padlock serve ended with code $code"
echo "   stopped; nothing is left running, and the demo's certificate authority is removed"

printf '\ndemo: ok\n'
