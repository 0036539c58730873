#pragma once

#include <string>
#include <string_view>

#include "padlock/certs/dns_answers.h"

namespace padlock::certs {

/// What a program that sets records is asked to do. Its arguments are `present FQDN VALUE` and `cleanup FQDN VALUE`, as
/// lego's `exec` and others call theirs; FQDN ends with a dot.
struct HookCall {
  enum class Verb : std::uint8_t { present, cleanup };
  Verb verb = Verb::present;
  std::string fqdn;   ///< "_acme-challenge.example.com."
  std::string value;  ///< of the TXT record
};
std::string_view name_of(HookCall::Verb verb);

/// Whoever may run programs: a worker itself may not.
class HookRunner {
 public:
  virtual ~HookRunner() = default;
  /// Runs it to its end. Errors: `rules::hook_failed`, `rules::hook_not_run`.
  virtual net::Awaitable<Result<void>> run(HookCall call) = 0;
};

/// Answers of dns-01 by a program that sets the records; when it has ended, they are there.
class DnsHookAnswers final : public DnsAnswers {
 public:
  /// Both outlive it.
  DnsHookAnswers(HookRunner& runner, ChallengeAnswers& others) : DnsAnswers(others), runner_(&runner) {}

 protected:
  net::Awaitable<Result<void>> add(const acme::ChallengeAnswer& answer) override;
  net::Awaitable<void> remove(const acme::ChallengeAnswer& answer) override;

 private:
  HookRunner* runner_;
};

}  // namespace padlock::certs
