// node's tls as the peer on either side:
//
//   node peer.js serve CHAIN KEY FOLDER GROUPS VERSION       a server on a free port of 127.0.0.1; prints "port N"
//   node peer.js get ROOTS PORT PATH GROUPS SUITES VERSION   fetches from localhost; prints the body, and on stderr what
//                                                            was negotiated: "group=G suite=S"
//
// GROUPS and SUITES are lists between commas, the best first; "-" leaves node its own choice. SUITES of TLS 1.2 have
// OpenSSL's names. VERSION is 1.2 or 1.3.
'use strict';
const fs = require('fs'), https = require('https'), path = require('path');

const [role, ...rest] = process.argv.slice(2);
const listed = list => (list === '-' ? undefined : list.replaceAll(',', ':'));
const names = {prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521'};

const only = version => ({minVersion: `TLSv${version}`, maxVersion: `TLSv${version}`});

function serve(chain, key, folder, groups, version) {
  const options = {cert: fs.readFileSync(chain), key: fs.readFileSync(key), ...only(version)};
  if (listed(groups)) options.ecdhCurve = listed(groups);
  const server = https.createServer(options, (request, response) => {
    response.setHeader('Connection', 'close');
    response.end(fs.readFileSync(path.join(folder, new URL(request.url, 'https://localhost').pathname)));
  });
  server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
}

function get(roots, port, target, groups, suites, version) {
  const options = {ca: fs.readFileSync(roots), host: 'localhost', port, path: target, family: 4, agent: false,
    ...only(version)};
  if (listed(groups)) options.ecdhCurve = listed(groups);
  if (listed(suites)) options.ciphers = listed(suites);
  https.get(options, response => {
    const {name} = response.socket.getEphemeralKeyInfo();
    console.error(`group=${names[name] || name} suite=${response.socket.getCipher().standardName}`);
    response.pipe(process.stdout);
  });
}

({serve, get})[role](...rest);
