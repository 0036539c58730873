"""An application that says whether it was told that a request came early (RFC 8470), and counts those."""

import threading

from peers.servers import QuietHandler


class EarlyUpstream(QuietHandler):
    early = 0
    lock = threading.Lock()

    def do_GET(self):
        if self.headers.get("Early-Data") == "1":
            with EarlyUpstream.lock:
                EarlyUpstream.early += 1
        said = f"early: {self.headers.get('Early-Data', 'no')}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)
