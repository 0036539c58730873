#include "conformance/h1/requests.h"

#include <array>
#include <functional>
#include <string_view>
#include <vector>

#include "conformance/differential.h"
#include "padlock/base/text.h"

namespace padlock::differential {
namespace {

using namespace std::string_view_literals;

/// A request in parts, so that parts can be changed before they are put together.
struct Draft {
  std::string method = "GET";
  std::string target = "/";
  std::string version = "HTTP/1.1";
  std::vector<std::string> fields{"Host: example.test"};
  std::string body;  ///< framed
};

/// What is sent, with the places between its parts.
struct Written {
  std::string bytes;
  std::vector<std::size_t> places;

  void add(std::string_view part) {
    places.push_back(bytes.size());
    bytes += part;
  }
};

constexpr std::array methods{"GET"sv,     "GET"sv,   "GET"sv,      "GET"sv,      "POST"sv,
                             "POST"sv,    "POST"sv,  "HEAD"sv,     "PUT"sv,      "DELETE"sv,
                             "OPTIONS"sv, "PATCH"sv, "PROPFIND"sv, "M-SEARCH"sv, "CONNECT"sv};
constexpr std::array rare_methods{"QUERY"sv, "get"sv, "BREW"sv, "PRI"sv, "G"sv, "x!#$%&'*+-.^_`|~9"sv};
constexpr std::array targets{"/"sv,
                             "/"sv,
                             "/index.html"sv,
                             "/a/b?c=d&e"sv,
                             "/%2e%2e/%00"sv,
                             "/a;b=c/~d'(e)"sv,
                             "/?"sv,
                             "//double"sv,
                             "/{braces}|^`"sv,
                             "/back\\slash"sv,
                             "*"sv,
                             "http://example.test/"sv,
                             "https://example.test/a?b"sv,
                             "https://example.test"sv,
                             "https://example.test?query"sv,
                             "HTTPS://other.test:8443/a"sv,
                             "https://user@example.test/"sv,
                             "https:///a"sv,
                             "ftp://example.test/"sv,
                             "example.test:443"sv,
                             "relative"sv};
constexpr std::array versions{"HTTP/1.0"sv,  "HTTP/1.2"sv,  "HTTP/1.9"sv, "HTTP/0.9"sv, "HTTP/2.0"sv,
                              "HTTP/1.10"sv, "HTTP/01.1"sv, "http/1.1"sv, "HTTP/1,1"sv, "HTTP/1"sv,
                              "HTTP/1.1x"sv, "HTTPS/1.1"sv, ""sv};
constexpr std::array hosts{"Host: example.test"sv,
                           "host:example.test"sv,
                           "HOST: \t EXAMPLE.test\t"sv,
                           "Host: example.test:443"sv,
                           "Host: [::1]:443"sv,
                           "Host: 127.0.0.1"sv,
                           "Host:"sv,
                           "Host: "sv,
                           "Host: a b"sv,
                           "Host: a,b"sv,
                           "Host: a/b"sv,
                           "Host: user@a"sv,
                           "Host: a:b"sv,
                           "Host: a:"sv,
                           "Host: a:99999"sv,
                           "Host: [::1"sv,
                           "Host: a_b"sv,
                           "Host: a%62"sv,
                           "Host: a\x80"sv,
                           "Host : a"sv,
                           "Host"sv};
constexpr std::array good_fields{"Accept: */*"sv,
                                 "User-Agent: probe/1.0 (a; b)"sv,
                                 "Cookie: a=b; c=\"d\""sv,
                                 "X-Empty:"sv,
                                 "X-Tab:\ta\tb\t"sv,
                                 "X-Text: caf\xc3\xa9"sv,
                                 "x!#$%&'*+-.^_`|~9: y"sv,
                                 "X: a:b, c"sv,
                                 "Connection: keep-alive"sv,
                                 "Connection: close"sv,
                                 "Connection: Keep-Alive, X"sv,
                                 "Expect: 100-continue"sv,
                                 "Upgrade: h2c"sv,
                                 "TE: trailers"sv,
                                 "Trailer: X"sv};
/// Framing fields as smugglers write them, and fields that come near.
constexpr std::array odd_fields{"Content-Length: 5"sv,
                                "Content-Length: 0"sv,
                                "content-length:3"sv,
                                "Content-Length: +3"sv,
                                "Content-Length: -1"sv,
                                "Content-Length: 3, 3"sv,
                                "Content-Length: 3,4"sv,
                                "Content-Length: 0x3"sv,
                                "Content-Length: 3 "sv,
                                "Content-Length: 3 3"sv,
                                "Content-Length: 003"sv,
                                "Content-Length:"sv,
                                "Content-Length: 18446744073709551619"sv,
                                "Content-Length: 3;x"sv,
                                "Content-Length : 3"sv,
                                "Content-Length\t: 3"sv,
                                "Content-Length: \x0b\x33"sv,
                                "Content_Length: 3"sv,
                                " Content-Length: 3"sv,
                                "Transfer-Encoding: chunked"sv,
                                "transfer-encoding:CHUNKED"sv,
                                "Transfer-Encoding: identity"sv,
                                "Transfer-Encoding: chunked, identity"sv,
                                "Transfer-Encoding: gzip, chunked"sv,
                                "Transfer-Encoding: chunked, chunked"sv,
                                "Transfer-Encoding: xchunked"sv,
                                "Transfer-Encoding: chunked,"sv,
                                "Transfer-Encoding: ,chunked"sv,
                                "Transfer-Encoding: \"chunked\""sv,
                                "Transfer-Encoding: chunked;q=1"sv,
                                "Transfer-Encoding:\tchunked\t"sv,
                                "Transfer-Encoding:\x0b"
                                "chunked"sv,
                                "Transfer-Encoding: chunked\x0c"sv,
                                "Transfer-Encoding : chunked"sv,
                                "Transfer-Encoding:"sv,
                                "Transfer-Encoding:\r\n chunked"sv,
                                "Transfer_Encoding: chunked"sv,
                                "X: a\r\n Transfer-Encoding: chunked"sv,
                                "X: a\r\n\tb"sv,
                                "X: a\rTransfer-Encoding: chunked"sv,
                                "X: a\nTransfer-Encoding: chunked"sv,
                                "X: a\0b"sv,
                                "X y: z"sv,
                                ": nameless"sv,
                                "colonless"sv,
                                "X(y): z"sv,
                                "X\x80: z"sv,
                                "Expect: 200-ok"sv,
                                "Connection: close, keep-alive"sv,
                                "Connection: Content-Length"sv,
                                "Connection: Upgrade"sv,
                                "Upgrade: websocket"sv};
/// What is put in at places.
constexpr std::array oddities{"\r"sv,   "\n"sv,   "\0"sv,    "\x0b"sv, "\t"sv,     " "sv, "\x0c"sv, "\x7f"sv, "\x80"sv,
                              "\xa0"sv, "\r\n"sv, "\r\n "sv, "\n\n"sv, "\r\r\n"sv, ":"sv, ","sv,    ";"sv,    "+"sv,
                              "-"sv,    "0"sv,    "0x"sv,    "_"sv,    "\""sv,     "a"sv, "1"sv,    "/"sv,    "#"sv};

std::string chunk(std::string_view bytes, std::mt19937_64& random) {
  constexpr std::array extensions{""sv, ""sv, ""sv, ""sv, ";a"sv, ";a=b"sv, ";a=\"b;\\\" c\""sv, ";a;b=1"sv};
  constexpr std::array odd_extensions{";"sv, ";="sv, " ;a"sv, "; a"sv, ";a=\""sv, ";a\tb"sv, " "sv, "\t"sv, ",a"sv};
  constexpr std::string_view digits = "0123456789abcdef";
  std::string size(one_in(random, 6) ? "000" : "");
  size += digits.at(bytes.size());
  size += one_in(random, 40) ? one_of(random, odd_extensions) : one_of(random, extensions);
  return size + "\r\n" + std::string(bytes) + (bytes.empty() ? "" : "\r\n");
}

std::string chunked_body(std::mt19937_64& random) {
  constexpr std::array pieces{"a"sv, "hello"sv, "\r\n"sv, "0\r\n\r\n"sv, "GET / HTTP/1.1\r\n"sv};
  constexpr std::array trailers{""sv, ""sv, ""sv, "X: y\r\n"sv, "ETag: \"a\"\r\nX:\r\n"sv};
  constexpr std::array odd_trailers{
      "Content-Length: 3\r\n"sv, "Host: a\r\n"sv, "colonless\r\n"sv, "X : y\r\n"sv, " X: y\r\n"sv, "X: a\r\n b\r\n"sv};
  std::string body;
  for (std::size_t i = below(random, 4); i > 0; --i) body += chunk(one_of(random, pieces).substr(0, 15), random);
  body += chunk("", random);
  body += one_in(random, 20) ? one_of(random, odd_trailers) : one_of(random, trailers);
  return body + "\r\n";
}

void frame(Draft& draft, std::mt19937_64& random) {
  constexpr std::array bodies{""sv,        "a"sv,         "hello"sv,
                              "a=b&c=d"sv, "0\r\n\r\n"sv, "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"sv};
  const std::string_view body = one_of(random, bodies);
  switch (below(random, 3)) {
    case 0: return;
    case 1:
      draft.fields.push_back((one_in(random, 8) ? "content-length:00" : "Content-Length: ") +
                             std::to_string(body.size()));
      draft.body = body;
      return;
    default: draft.fields.emplace_back("Transfer-Encoding: chunked"); draft.body = chunked_body(random);
  }
}

Draft make_draft(std::mt19937_64& random) {
  Draft draft;
  draft.method = one_in(random, 20) ? one_of(random, rare_methods) : one_of(random, methods);
  if (draft.method == "CONNECT") draft.target = "example.test:443";
  if (one_in(random, 3)) draft.target = one_of(random, targets);
  if (one_in(random, 8)) draft.version = one_of(random, std::span(versions).first(4));
  for (std::size_t i = below(random, 3); i > 0; --i) draft.fields.emplace_back(one_of(random, good_fields));
  frame(draft, random);
  if (one_in(random, 4)) std::swap(draft.fields.front(), draft.fields.back());
  return draft;
}

/// Put together in parts as small as a reader may look at: names, colons, values, ends of lines.
void write(Written& out, const Draft& draft) {
  for (const std::string_view part :
       {std::string_view(draft.method), " "sv, std::string_view(draft.target), " "sv, std::string_view(draft.version)})
    out.add(part);
  out.add("\r\n");
  for (const std::string_view field : draft.fields) {
    const std::size_t colon = std::min(field.find(':'), field.size());
    out.add(field.substr(0, colon));
    out.add(field.substr(colon, 1));
    if (colon < field.size()) out.add(field.substr(colon + 1));
    out.add("\r");
    out.add("\n");
  }
  out.add("\r\n");
  std::string_view body = draft.body;
  while (!body.empty()) {  // at its first digits, extensions and ends of lines
    const std::size_t size = std::min(body.size(), body.find_first_of(";\r\n", 1));
    out.add(body.substr(0, size));
    body.remove_prefix(size);
  }
  out.places.push_back(out.bytes.size());
}

struct NamedChange {
  std::string_view name;
  std::function<void(Draft&, std::mt19937_64&)> change;
};

const std::vector<NamedChange>& changes() {
  static const std::vector<NamedChange> all{
      {"field added", [](Draft& draft, auto& random) { draft.fields.emplace_back(one_of(random, odd_fields)); }},
      {"field put first",
       [](Draft& draft, auto& random) {
         draft.fields.insert(draft.fields.begin(), std::string(one_of(random, odd_fields)));
       }},
      {"field repeated", [](Draft& draft, auto& random) { draft.fields.push_back(one_of(random, draft.fields)); }},
      {"field left out",
       [](Draft& draft, auto& random) {
         draft.fields.erase(draft.fields.begin() + static_cast<std::ptrdiff_t>(below(random, draft.fields.size())));
       }},
      {"host", [](Draft& draft, auto& random) { draft.fields.emplace(draft.fields.begin(), one_of(random, hosts)); }},
      {"host alone", [](Draft& draft, auto& random) { draft.fields = {std::string(one_of(random, hosts))}; }},
      {"version", [](Draft& draft, auto& random) { draft.version = one_of(random, versions); }},
      {"body left out", [](Draft& draft, auto&) { draft.body.clear(); }},
      {"body lengthened", [](Draft& draft, auto&) { draft.body += "x"; }},
      {"body again", [](Draft& draft, auto&) { draft.body += draft.body; }}};
  return all;
}

/// At a place: something put in, a byte left out, or one replaced.
std::string disturb(Written& sent, std::mt19937_64& random) {
  const std::size_t at = one_of(random, sent.places);
  const std::string odd(one_of(random, oddities));
  const std::size_t way = below(random, 3);
  const std::size_t gone = std::min(std::size_t{way == 0 ? 0U : 1U}, sent.bytes.size() - at);
  const std::string put = way == 1 ? std::string() : odd;
  const std::string what =
      "at " + std::to_string(at) + " " + std::to_string(gone) + " byte(s) became \"" + escaped(put) + "\"";
  sent.bytes.replace(at, gone, put);
  for (std::size_t& place : sent.places)
    if (place > at) place = std::min(place - std::min(gone, place) + put.size(), sent.bytes.size());
  return what;
}

}  // namespace

Sent make_requests(std::mt19937_64& random) {
  std::vector<Draft> drafts(1 + below(random, 3));
  for (Draft& draft : drafts) draft = make_draft(random);
  std::string what;
  const auto tell = [&](std::string_view words) { what += (what.empty() ? "" : ", ") + std::string(words); };
  const std::size_t many = one_in(random, 4) ? 0 : 1 + below(random, 3);
  std::size_t disturbances = 0;
  for (std::size_t i = 0; i < many; ++i) {
    if (one_in(random, 2)) {
      ++disturbances;
      continue;
    }
    const NamedChange& one = one_of(random, changes());
    Draft& draft = drafts[below(random, drafts.size())];
    if (draft.fields.empty()) continue;
    one.change(draft, random);
    tell(one.name);
  }
  Written sent;
  for (const Draft& draft : drafts) write(sent, draft);
  for (; disturbances > 0; --disturbances) tell(disturb(sent, random));
  return {sent.bytes, what};
}

}  // namespace padlock::differential
