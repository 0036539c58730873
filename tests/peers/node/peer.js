// node's tls as the peer on either side, with the words of peers/programs.py. `serve` prints "port N"; `get` prints the
// bodies, and on stderr what was negotiated: "group=G suite=S resumed=true|false".
//
// SUITES of TLS 1.2 have OpenSSL's names. node has no early data.
'use strict';
const {constants} = require('crypto'), fs = require('fs'), https = require('https'), path = require('path');

const [role, ...rest] = process.argv.slice(2);
const words = Object.fromEntries(rest.map(word => word.split(/=(.*)/s).slice(0, 2)));
const names = {prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521'};

const options = {minVersion: `TLSv${words.version}`, maxVersion: `TLSv${words.version}`};
if (words.chain) Object.assign(options, {cert: fs.readFileSync(words.chain), key: fs.readFileSync(words.key)});
if (words.groups) options.ecdhCurve = words.groups.replaceAll(',', ':');
if (words.suites) options.ciphers = words.suites.replaceAll(',', ':');

// It remembers no sessions by itself.
function rememberSessions(server) {
  const sessions = {};
  server.on('newSession', (id, session, done) => { sessions[id.toString('hex')] = session; done(); });
  server.on('resumeSession', (id, done) => done(null, sessions[id.toString('hex')] || null));
}

function serve() {
  if (words.version === '1.2') Object.assign(options, {ciphers: 'ALL:@SECLEVEL=0', dhparam: 'auto'});
  if (words.tickets === 'no') options.secureOptions = constants.SSL_OP_NO_TICKET;
  if (words.clients) Object.assign(options, {requestCert: true, ca: fs.readFileSync(words.clients)});
  const server = https.createServer(options, (request, response) => {
    response.setHeader('Connection', 'close');
    if (request.url === '/again') return response.writeHead(302, {Location: '/body.txt'}).end();
    response.end(fs.readFileSync(path.join(words.folder, new URL(request.url, 'https://localhost').pathname)));
  });
  if (words.tickets === 'no') rememberSessions(server);
  server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
}

function get() {
  Object.assign(options, {ca: fs.readFileSync(words.roots), host: 'localhost', port: words.port, family: 4,
    agent: new https.Agent({keepAlive: false})}); // which keeps sessions
  const [first, ...others] = words.paths.split(',');
  const fetch = (target, rest) => https.get({...options, path: target}, response => {
    const {name} = response.socket.getEphemeralKeyInfo(), suite = response.socket.getCipher().standardName;
    console.error(`group=${names[name] || name} suite=${suite} resumed=${response.socket.isSessionReused()}`);
    response.pipe(process.stdout, {end: false});
    response.on('end', () => rest.length && fetch(rest[0], rest.slice(1)));
  });
  fetch(first, others);
}

({serve, get})[role]();
