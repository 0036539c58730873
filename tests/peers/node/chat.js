// A WebSocket chat (RFC 6455) on Node's own http and crypto: everybody hears what somebody says. Prints its port.
"use strict";
const http = require("node:http");
const crypto = require("node:crypto");

const clients = new Set();
const page = `<!doctype html><meta charset="utf-8"><title>chat</title><p id="heard"></p><script>
const socket = new WebSocket(location.href.replace(/^http/, "ws"));
socket.onopen = () => socket.send("hello from a page");
socket.onmessage = (event) => { document.querySelector("#heard").textContent += event.data + ";"; };
socket.onclose = (event) => { document.querySelector("#heard").textContent += "closed " + event.code; };
</script>`;

function frame(text) {
  const body = Buffer.from(text);
  const head = body.length < 126 ? Buffer.from([0x81, body.length]) : Buffer.from([0x81, 126, body.length >> 8, body.length & 255]);
  return Buffer.concat([head, body]);
}

// Whole text frames of clients, which are masked; what is left over.
function take(buffer, onText) {
  for (;;) {
    if (buffer.length < 6) return buffer;
    let size = buffer[1] & 127, at = 2;
    if (size === 126) { size = buffer.readUInt16BE(2); at = 4; }
    if (buffer.length < at + 4 + size) return buffer;
    const mask = buffer.subarray(at, at + 4);
    const body = Buffer.from(buffer.subarray(at + 4, at + 4 + size));
    for (let i = 0; i < body.length; i++) body[i] ^= mask[i % 4];
    if ((buffer[0] & 15) === 1) onText(body.toString());
    buffer = buffer.subarray(at + 4 + size);
  }
}

const server = http.createServer((request, response) => {
  response.setHeader("Content-Type", "text/html");
  response.end(page);
});
server.on("upgrade", (request, socket) => {
  const accept = crypto.createHash("sha1")
    .update(request.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest("base64");
  socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
               `Sec-WebSocket-Accept: ${accept}\r\n\r\n`);
  clients.add(socket);
  let rest = Buffer.alloc(0);
  socket.on("data", (data) => {
    rest = take(Buffer.concat([rest, data]), (text) => { for (const one of clients) one.write(frame(text)); });
  });
  socket.on("error", () => {});
  socket.on("close", () => clients.delete(socket));
});
server.listen(0, "127.0.0.1", () => console.log(`port ${server.address().port}`));
