// node's tls as the peer on either side:
//
//   node peer.js serve CHAIN KEY FOLDER GROUPS VERSION CLIENTS
//                                                            a server on a free port of 127.0.0.1; prints "port N"
//   node peer.js get ROOTS PORT PATHS GROUPS SUITES VERSION  fetches from localhost; prints the bodies, and on stderr
//                                                            what was negotiated: "group=G suite=S resumed=true|false"
//
// PATHS are fetched one after the other, each over a connection of its own. /again leads to /body.txt.
// GROUPS and SUITES are lists between commas, the best first; "-" leaves node its own choice. SUITES of TLS 1.2 have
// OpenSSL's names. VERSION is 1.2 or 1.3. CLIENTS vouches for the certificates that clients must show; "-": none.
'use strict';
const fs = require('fs'), https = require('https'), path = require('path');

const [role, ...rest] = process.argv.slice(2);
const listed = list => (list === '-' ? undefined : list.replaceAll(',', ':'));
const names = {prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521'};

const only = version => ({minVersion: `TLSv${version}`, maxVersion: `TLSv${version}`});

function serve(chain, key, folder, groups, version, clients) {
  const options = {cert: fs.readFileSync(chain), key: fs.readFileSync(key), ...only(version)};
  if (listed(groups)) options.ecdhCurve = listed(groups);
  if (clients !== '-') Object.assign(options, {requestCert: true, ca: fs.readFileSync(clients)});
  const server = https.createServer(options, (request, response) => {
    response.setHeader('Connection', 'close');
    if (request.url === '/again') return response.writeHead(302, {Location: '/body.txt'}).end();
    response.end(fs.readFileSync(path.join(folder, new URL(request.url, 'https://localhost').pathname)));
  });
  server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
}

function get(roots, port, paths, groups, suites, version) {
  const options = {ca: fs.readFileSync(roots), host: 'localhost', port, family: 4, ...only(version),
    agent: new https.Agent({keepAlive: false})}; // which keeps sessions
  if (listed(groups)) options.ecdhCurve = listed(groups);
  if (listed(suites)) options.ciphers = listed(suites);
  const [first, ...others] = paths.split(',');
  const fetch = (target, rest) => https.get({...options, path: target}, response => {
    const {name} = response.socket.getEphemeralKeyInfo(), suite = response.socket.getCipher().standardName;
    console.error(`group=${names[name] || name} suite=${suite} resumed=${response.socket.isSessionReused()}`);
    response.pipe(process.stdout, {end: false});
    response.on('end', () => rest.length && fetch(rest[0], rest.slice(1)));
  });
  fetch(first, others);
}

({serve, get})[role](...rest);
