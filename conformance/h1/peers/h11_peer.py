"""h11 as a reader of HTTP/1.1 requests: each line on stdin is what a client sends on one connection, in hexadecimal; each is
answered by a line of JSON (conformance/h1/main.cc says which)."""

import json
import re
import sys

import h11


def judge(data):
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(data)
    connection.receive_data(b"")
    requests = []
    try:
        end, why = read(connection, requests)
    except h11.RemoteProtocolError as error:
        why = re.split(r": bytearray|: b'| \(received", str(error))[0]  # without the input's bytes
        return {"requests": requests, "end": "incomplete" if "closed connection" in why else "refused", "why": why}
    return {"requests": requests, "end": end, "why": why}


def read(connection, requests):
    while True:
        event = connection.next_event()
        if isinstance(event, h11.Request):
            current = {"method": event.method.hex(), "target": event.target.hex(), "body": ""}
        elif isinstance(event, h11.Data):
            current["body"] += event.data.hex()
        elif isinstance(event, h11.EndOfMessage):
            requests.append(current)
            connection.send(h11.Response(status_code=404, headers=[("Content-Length", "0")]))
            connection.send(h11.EndOfMessage())
            if connection.our_state is not h11.DONE:
                return "whole", "closes after HTTP/" + connection.their_http_version.decode()  # what follows is not read
            connection.start_next_cycle()
        elif isinstance(event, h11.ConnectionClosed):
            return "whole", ""
        else:
            return "incomplete", ""


for line in sys.stdin:
    print(json.dumps(judge(bytes.fromhex(line.strip()))), flush=True)
