#include "padlock/certs/ca_rotation.h"

#include <algorithm>
#include <array>

#include "padlock/acme/rules.h"
#include "padlock/certs/limits.h"
#include "padlock/certs/renewal_plan.h"

namespace padlock::certs {
namespace {

namespace of_acme = acme::rules;

constexpr std::array of_policy{&of_acme::caa, &of_acme::rejected_identifier, &of_acme::unknown_profile};
constexpr std::array of_name{&of_acme::validation_failed, &of_acme::unauthorized, &of_acme::connection, &of_acme::dns,
                             &of_acme::no_challenge_fits};
constexpr std::array of_us{&of_acme::malformed_identifier, &of_acme::identifier_count,
                           &of_acme::unsupported_account_key, &of_acme::malformed_binding_key};
/// The store, keys, and who sets records of dns-01.
constexpr std::array<std::string_view, 3> our_parts{"certs.", "dns.", "net.file"};

}  // namespace

Blame blame_of(const Rule& rule) {
  const auto is_one_of = [&](const auto& rules) { return std::ranges::find(rules, &rule) != rules.end(); };
  if (is_one_of(of_policy)) return Blame::policy;
  if (is_one_of(of_name)) return Blame::name;
  const bool ours = std::ranges::any_of(our_parts, [&](std::string_view part) { return rule.code.starts_with(part); });
  return ours || is_one_of(of_us) ? Blame::us : Blame::ca;
}

void CaRotation::succeeded(std::size_t ca, const std::string& name) {
  Ca& one = cas_[ca];
  one.failures = 0;
  one.rests_until = std::chrono::nanoseconds::min();
  one.trouble.reset();
  one.unproved.erase(name);
}

bool CaRotation::failed(std::size_t ca, std::string_view id, const std::string& name, const Error& error,
                        std::optional<std::chrono::seconds> retry_after, Instant now) {
  Ca& one = cas_[ca];
  switch (blame_of(*error.rule)) {
    case Blame::us: return false;
    case Blame::name: return ++one.unproved[name] >= unproved_before_next_ca;
    case Blame::policy: return true;
    case Blame::ca: break;
  }
  // Of several orders under way when it went away the first counts.
  if (now.monotonic >= one.rests_until) ++one.failures;
  one.rests_until = std::max(one.rests_until, now.monotonic + backoff(one.failures, id, retry_after));
  one.trouble = error;
  return true;
}

std::optional<std::chrono::seconds> CaRotation::all_rest_for(Instant now) const {
  if (cas_.size() == 1) return std::nullopt;
  const auto soonest = std::ranges::min(cas_, {}, &Ca::rests_until).rests_until;
  if (soonest <= now.monotonic) return std::nullopt;
  return std::chrono::ceil<std::chrono::seconds>(soonest - now.monotonic);
}

const Error* CaRotation::trouble(std::size_t ca, Instant now) const {
  return is_asked(ca, now) || !cas_[ca].trouble ? nullptr : &*cas_[ca].trouble;
}

}  // namespace padlock::certs
