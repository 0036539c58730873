// h1 DIFFERENCES GO_PEER NODE NODE_PEER PYTHON H11_PEER [COUNT [SEED]]: requests, good and mutated (requests.h), each
// read by Padlock, Go's net/http, node's llhttp and h11. What Padlock takes, two of the others have to take with the
// same meaning: method, target and body of each request, and their number. A peer that disagrees counts with those that
// agree where DIFFERENCES (docs/decisions/h1-differences.md) explains this kind of disagreement. Prints the kinds with
// how often they came, each input that fails, and last `h1: N passed, N failed, 0 skipped`. Exit 1 if one has failed.
//
// A peer answers each input by one line: {"requests": [{"method", "target", "body": in hexadecimal}, ...], "end":
// "whole", "refused" or "incomplete", "why": its words}. "requests" are those that came whole before the end. "whole":
// nothing is left but what it does not read because the connection has ended for it.
#include <algorithm>
#include <array>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "bench/program.h"
#include "bench/require.h"
#include "conformance/differential.h"
#include "conformance/h1/requests.h"
#include "padlock/http/h1/testing.h"
#include "padlock/http/rules.h"

namespace padlock::differential {
namespace {

using http::h1::Connection;
namespace rules = http::rules;

struct Request {
  std::string method;
  std::string target;  ///< in origin form, or whatever else was sent
  std::string body;
  bool operator==(const Request&) const = default;
};

struct Reading {
  std::vector<Request> requests;  ///< that came whole
  std::string end;                ///< "whole", "refused", "incomplete"; of ours also "closed": no more was read
  std::string why;
};

/// Collects what the codec understands; answers each request with 404, which fits CONNECT too.
class Collector {
 public:
  explicit Collector(Connection& connection) : connection_(connection) {}
  void operator()(const http::h1::Event& event) {
    if (const auto* head = std::get_if<http::h1::RequestHead>(&event))
      current_ = {head->request.method, head->request.target, {}};
    else if (const auto* data = std::get_if<http::h1::BodyData>(&event))
      current_.body += as_text(data->bytes);
    else if (const auto* failed = std::get_if<http::h1::Failed>(&event))
      reading.why = failed->error.rule->code;
    else if (std::holds_alternative<http::h1::MessageEnd>(event)) {
      reading.requests.push_back(current_);
      (void)connection_.send_response({.status = 404, .fields = {}}, http::h1::KnownLength{0});
      (void)connection_.end_message();
    }
  }
  Reading reading;

 private:
  Connection& connection_;
  Request current_;
};

Reading padlock_reads(const std::string& input) {
  Connection connection = Connection::server("https");
  Collector collector(connection);
  http::h1::testing::Record record;
  http::h1::testing::run(connection, {input}, record, collector);
  const bool closed = connection.finished();
  connection.input_ended();
  http::h1::testing::run(connection, {""}, record, collector);
  Reading& reading = collector.reading;
  if (reading.why.empty())
    reading.end = closed ? "closed" : "whole";
  else
    reading.end = reading.why == rules::message_truncated.code ? "incomplete" : "refused";
  return reading;
}

/// What RFC 9112, section 3.2.2, leaves of an absolute form once its authority is known: peers hand the target on as it
/// came.
std::string origin_form(const std::string& target, const std::string& method) {
  const std::size_t scheme = target.find("://");
  if (scheme == std::string::npos || target.starts_with('/') || method == "CONNECT") return target;
  const std::size_t path = target.find_first_of("/?", scheme + 3);
  if (path == std::string::npos) return method == "OPTIONS" ? "*" : "/";
  return (target[path] == '?' ? "/" : "") + target.substr(path);
}

struct Peer {
  Peer(std::string its_name, std::string file, std::vector<std::string> words)
      : name(std::move(its_name)), program(std::move(file), std::move(words)) {}
  std::string name;
  bench::Program program;

  Reading reads(const std::string& input) {
    const std::string line = program.ask(to_hex(as_bytes(input)));
    const auto answer = nlohmann::json::parse(line, nullptr, false);
    if (answer.is_discarded()) program.misunderstood(line);
    const auto text = [](const nlohmann::json& hex) {
      const auto bytes = from_hex(hex.get<std::string>());
      return std::string(as_text(bytes.value()));
    };
    Reading reading{{}, answer.at("end"), answer.at("why")};
    for (const auto& request : answer.at("requests")) {
      const std::string method = text(request.at("method"));
      reading.requests.push_back({method, origin_form(text(request.at("target")), method), text(request.at("body"))});
    }
    return reading;
  }
};

/// How a peer's reading is less than ours or other; empty if all that we take is there. Beyond the last request that we
/// take whole, a peer may say what it likes unless we say that nothing follows.
std::string disagreement(const Reading& ours, const Reading& theirs) {
  const std::size_t both = std::min(ours.requests.size(), theirs.requests.size());
  for (std::size_t i = 0; i < both; ++i) {
    const Request& a = ours.requests[i];
    const Request& b = theirs.requests[i];
    if (a.method != b.method) return "reads another method";
    if (a.target != b.target) return "reads another target";
    if (a.body != b.body) return "reads another body";
  }
  const bool fewer = theirs.requests.size() < ours.requests.size();
  if (fewer && theirs.end == "whole") return "reads fewer requests" + (theirs.why.empty() ? "" : ": " + theirs.why);
  if (!fewer && ours.end != "whole") return {};
  if (theirs.end == "refused") return "refuses: " + theirs.why;
  if (theirs.end == "incomplete") return "waits for more";
  return theirs.requests.size() > ours.requests.size() ? "reads more requests" : "";
}

/// Rows "| peer | kind | reason |" of the document.
std::set<std::pair<std::string, std::string>> explained_kinds(const std::string& file) {
  std::ifstream lines(file);
  if (!lines) bench::fail("cannot read " + file);
  std::set<std::pair<std::string, std::string>> kinds;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t kind = line.find(" | ");
    const std::size_t reason = kind == std::string::npos ? kind : line.find(" | ", kind + 3);
    if (line.starts_with("| ") && reason != std::string::npos)
      kinds.emplace(line.substr(2, kind - 2), line.substr(kind + 3, reason - kind - 3));
  }
  return kinds;
}

struct Seen {
  std::uint64_t times = 0;
  std::uint64_t first = 0;  ///< seed
};

/// For a run over one input: what everybody makes of it.
void print_reading(std::string_view who, const Reading& reading) {
  std::cout << who << ": " << reading.end << (reading.why.empty() ? "" : ": " + reading.why) << "\n";
  for (const Request& one : reading.requests)
    std::cout << "  " << escaped(one.method) << " " << escaped(one.target) << " \"" << escaped(one.body) << "\"\n";
}

struct Tally {
  void saw(const std::string& kind, std::uint64_t seed) {
    Seen& seen = kinds[kind];
    if (seen.times++ == 0) seen.first = seed;
  }
  std::map<std::string, Seen> kinds;
  std::uint64_t failed = 0;
  std::uint64_t taken = 0;  ///< inputs of which Padlock takes a request
};

void judge(const Sent& sent, std::uint64_t seed, std::vector<std::unique_ptr<Peer>>& peers,
           const std::set<std::pair<std::string, std::string>>& explained, Tally& tally, bool alone) {
  const Reading ours = padlock_reads(sent.bytes);
  if (alone) {
    std::cout << sent.what << ": " << escaped(sent.bytes) << "\n";
    print_reading("padlock", ours);
  }
  const bool takes_some = !ours.requests.empty();
  if (takes_some) ++tally.taken;
  std::size_t behind_us = 0;
  std::size_t whole = 0;
  std::string failures;
  for (const auto& peer : peers) {
    const Reading theirs = peer->reads(sent.bytes);
    if (alone) print_reading(peer->name, theirs);
    if (theirs.end == "whole") ++whole;
    const std::string kind = takes_some ? disagreement(ours, theirs) : std::string();
    const bool known = kind.empty() || explained.contains({peer->name, kind});
    if (!kind.empty()) tally.saw(peer->name + " " + kind + (known ? " (explained)" : ""), seed);
    if (known) ++behind_us;
    if (!known) failures += "\n  " + peer->name + " " + kind;
  }
  if (ours.end == "refused" && whole == peers.size()) tally.saw("padlock alone refuses: " + ours.why, seed);
  if (behind_us >= 2) return;
  ++tally.failed;
  std::cout << "FAILED input " << seed << ": Padlock takes " << ours.requests.size() << " (" << ours.end << "); "
            << sent.what << failures << "\n  " << escaped(sent.bytes) << "\n";
}

int run(std::span<const std::string> arguments, Extent extent) {
  const auto explained = explained_kinds(arguments[0]);
  std::vector<std::unique_ptr<Peer>> peers;
  const auto start = [&](const char* name, const std::string& file, std::vector<std::string> words) {
    peers.push_back(std::make_unique<Peer>(name, file, std::move(words)));
  };
  start("go", arguments[1], {});
  start("llhttp", arguments[2], {arguments[3]});
  start("h11", arguments[4], {arguments[5]});
  Tally tally;
  for (std::uint64_t i = 0; i < extent.count; ++i) {
    std::mt19937_64 random(extent.seed + i);
    judge(make_requests(random), extent.seed + i, peers, explained, tally, extent.count == 1);
  }
  for (const auto& [kind, seen] : tally.kinds)
    std::cout << std::setw(6) << seen.times << "  " << kind << "; first: " << seen.first << "\n";
  std::cout << "of " << extent.count << " inputs Padlock takes requests from " << tally.taken << "\n";
  std::cout << "h1: " << extent.count - tally.failed << " passed, " << tally.failed << " failed, 0 skipped\n";
  return tally.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace padlock::differential

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(std::next(argv), std::next(argv, argc));
  if (arguments.size() < 6) {
    std::cerr << "usage: h1 DIFFERENCES GO_PEER NODE NODE_PEER PYTHON H11_PEER [COUNT [SEED]]\n";
    return 2;
  }
  const auto extent = padlock::differential::extent_of("h1", std::span(arguments).subspan(6));
  return extent ? padlock::differential::run(arguments, *extent) : 2;
}
