#include "padlock/certs/dns_hook.h"

#include <utility>

namespace padlock::certs {
namespace {

HookCall call_of(HookCall::Verb verb, const acme::ChallengeAnswer& answer) {
  return {verb, acme::dns_01_name(answer.identifier) + ".", acme::dns_01_value(answer.key_authorization)};
}

}  // namespace

std::string_view name_of(HookCall::Verb verb) { return verb == HookCall::Verb::present ? "present" : "cleanup"; }

net::Awaitable<Result<void>> DnsHookAnswers::add(const acme::ChallengeAnswer& answer) {
  HookCall call = call_of(HookCall::Verb::present, answer);
  auto done = co_await runner_->run(std::move(call));
  co_return done;
}

/// The program has said what went wrong; the record that stays does no harm.
net::Awaitable<void> DnsHookAnswers::remove(const acme::ChallengeAnswer& answer) {
  HookCall call = call_of(HookCall::Verb::cleanup, answer);
  const auto done = co_await runner_->run(std::move(call));
  static_cast<void>(done);
}

}  // namespace padlock::certs
