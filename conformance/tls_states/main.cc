// tls-states: what a client and a server do with every message in every state, against the table of table.cc.
#include <iostream>
#include <map>
#include <string>

#include "conformance/tls_states/cases.h"
#include "conformance/tls_states/player.h"

namespace padlock::tls_states {
namespace {

tls::testing::End make_end(const Case& each) {
  static const auto plain =
      std::make_shared<const tls::ClientConfig>(tls::ClientConfig{.middlebox_compatibility = false});
  static const auto compatible = std::make_shared<const tls::ClientConfig>();
  static const auto server = std::make_shared<const tls::ServerConfig>();
  if (each.tested == Role::server) return tls::testing::End::server(server);
  return tls::testing::End::client(each.compatibility ? compatible : plain);
}

std::string describe(const Outcome& outcome) {
  std::string text = outcome.complete ? "complete" : "not complete";
  if (outcome.alert) text += ", alert " + std::to_string(*outcome.alert);
  if (outcome.ended) text += ", ended in silence";
  return text + ", " + std::to_string(outcome.data) + " data";
}

/// What is wrong with how the tested end took the flight; empty: nothing.
std::string fault_of(const Case& each) {
  tls::testing::End end = make_end(each);
  const auto player = make_player(each.tested, end);
  Outcome seen;
  for (const Letter& letter : each.flight) {
    if (end.failed) break;
    player->say(letter);
    if (!end.complete && !end.received.empty()) return "a byte was delivered before both Finished";
  }
  const Outcome expected = expected_outcome(each.tested, each.flight);
  seen.state = expected.state;  // the states have no names from outside
  seen.complete = end.complete;
  seen.data = end.received.size() / std::string_view("data").size();
  if (!player->alerts().empty()) seen.alert = player->alerts().front().description;
  seen.ended = end.failed && player->alerts().empty();
  if (!player->understood_all()) return "what the end said was not sealed as it must be";
  if (player->alerts().size() > 1) return "the end said more than one alert";
  if (!player->alerts().empty() && player->alerts().front().level != 2) return "the alert's level is not fatal";
  if (seen == expected) return "";
  return "expected " + describe(expected) + "; seen " + describe(seen) +
         (end.failed ? " (" + end.failed->error.to_string() + ")" : "");
}

std::string flight_of(const Case& each) {
  std::string text;
  for (const Letter& letter : each.flight) text += "\n    " + letter.to_string();
  return text;
}

}  // namespace
}  // namespace padlock::tls_states

int main() {
  using namespace padlock::tls_states;
  std::size_t passed = 0, failed = 0;
  std::map<std::string, std::size_t> counts;  // of cases, by flight
  for (const Case& each : all_cases()) {
    ++counts[each.name.substr(0, each.name.find(':'))];
    const std::string fault = fault_of(each);
    if (fault.empty()) {
      ++passed;
      continue;
    }
    ++failed;
    std::cout << "FAILED " << each.name << ": " << fault << flight_of(each) << '\n';
  }
  for (const auto& [flight, count] : counts) std::cout << flight << ": " << count << " cases\n";
  std::cout << "tls-states: " << passed << " passed, " << failed << " failed, 0 skipped\n";
  return failed == 0 ? 0 : 1;
}
