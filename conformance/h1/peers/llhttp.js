// node's llhttp as a reader of HTTP/1.1 requests: each line on stdin is what a client sends on one connection, in
// hexadecimal; each is answered by a line of JSON (conformance/h1/main.cc says which). It is the parser alone, without the
// checks that node's server adds.
'use strict';
process.noDeprecation = true; // of process.binding: there is no other way to the parser itself
const binding = process.binding('http_parser');
const {HTTPParser} = binding, methods = binding.allMethods || binding.methods;

const hex = text => Buffer.from(text, 'latin1').toString('hex');

function judge(input) {
  const requests = [];
  let current, begun = '', upgrade = false;
  const parser = new HTTPParser();
  parser.initialize(HTTPParser.REQUEST, {});
  // Before kOnHeadersComplete when there are many fields, and for trailers.
  parser[HTTPParser.kOnHeaders] = (fields, url) => { begun += url; };
  parser[HTTPParser.kOnHeadersComplete] = (major, minor, fields, method, url, status, phrase, asked) => {
    current = {method: hex(methods[method]), target: hex(url === undefined ? begun : url), body: ''};
    upgrade = asked;
    begun = '';
    return 0;
  };
  // Older versions give the whole input and where the piece lies.
  parser[HTTPParser.kOnBody] = (bytes, from = 0, size = bytes.length - from) => {
    current.body += bytes.subarray(from, from + size).toString('hex');
  };
  parser[HTTPParser.kOnMessageComplete] = () => { requests.push(current); begun = ''; };
  const answer = (end, why) => ({requests, end, why});
  const taken = parser.execute(input);
  if (taken instanceof Error) {
    if (taken.code === 'HPE_CLOSED_CONNECTION') return answer('whole', '');
    return answer('refused', taken.reason || taken.code);
  }
  if (upgrade && taken < input.length) return answer('whole', ''); // what follows is not HTTP to it
  const finished = parser.finish();
  if (finished instanceof Error) return answer('incomplete', finished.reason || finished.code);
  return answer('whole', '');
}

let unread = '';
process.stdin.setEncoding('latin1').on('data', piece => {
  const lines = (unread + piece).split('\n');
  unread = lines.pop();
  for (const line of lines) process.stdout.write(JSON.stringify(judge(Buffer.from(line, 'hex'))) + '\n');
});
