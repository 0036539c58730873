// tls-states: what a client and a server do with every message in every state, against the table of table.cc.
#include <iostream>
#include <map>
#include <string>

#include "conformance/tls_states/cases.h"
#include "conformance/tls_states/player.h"
#include "conformance/tls_states/sessions.h"

namespace padlock::tls_states {
namespace {

tls::ClientConfig client_config(const Tested& tested) {
  tls::ClientConfig config;
  if (tested.version == Version::tls12) {
    config.policy = tls::Policy::intermediate;
    if (!tested.compatible) config.max_version = tls::ProtocolVersion::TLS_1_2;
  } else {
    config.middlebox_compatibility = tested.compatible;
  }
  config.certificates = tested.has == Has::certificate;
  config.resumption = session_for(tested) != nullptr;
  return config;
}

tls::ServerConfig server_config(const Tested& tested) {
  tls::ServerConfig config = server_with_sessions(tested);
  if (tested.compatible) config.max_version = tls::ProtocolVersion::TLS_1_3;
  return config;
}

/// One that asks for a certificate, and is content with the one that it gets.
std::shared_ptr<const tls::Credential> asking() {
  tls::Credential credential = *tls::testing::credential();
  credential.client_authentication = std::make_shared<const tls::ClientAuthentication>();
  return std::make_shared<const tls::Credential>(std::move(credential));
}

tls::testing::End make_end(const Tested& tested) {
  if (tested.role == Role::client) {
    return tls::testing::End::client(std::make_shared<const tls::ClientConfig>(client_config(tested)), nullptr, nullptr,
                                     "server.test", {session_for(tested), now});
  }
  auto end = tls::testing::End::server(std::make_shared<const tls::ServerConfig>(server_config(tested)));
  if (tested.has == Has::certificate) end.credential = asking();
  return end;
}

std::unique_ptr<Player> make_player(const Tested& tested, tls::testing::End& end) {
  return tested.version == Version::tls12 ? make_player12(tested, end) : make_player13(tested, end);
}

constexpr std::uint8_t no_renegotiation = 100;

std::string describe(const Outcome& outcome) {
  std::string text = outcome.complete ? "complete" : "not complete";
  if (outcome.alert) text += ", alert " + std::to_string(*outcome.alert);
  if (outcome.ended) text += ", ended in silence";
  if (outcome.warnings > 0) text += ", " + std::to_string(outcome.warnings) + " warnings";
  return text + ", " + std::to_string(outcome.data) + " data";
}

/// What is wrong with how the tested end took the flight; empty: nothing.
std::string fault_of(const Case& each) {
  tls::testing::End end = make_end(each.tested);
  end.now = now;
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
  if (!player->understood_all()) return "what the end said was not sealed as it must be";
  for (const HeardAlert& alert : player->alerts()) {
    const bool warns = alert.level == 1 && alert.description == no_renegotiation;
    if (!warns && alert.level != 2) return "the alert's level is not fatal";
    if (seen.alert) return "the end said something after a fatal alert";
    if (warns) ++seen.warnings;
    if (!warns) seen.alert = alert.description;
  }
  seen.ended = end.failed && !seen.alert;
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
