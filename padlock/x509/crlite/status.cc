#include "padlock/x509/crlite/status.h"

#include <algorithm>
#include <optional>

#include "padlock/x509/crlite/rules.h"
#include "padlock/x509/limits.h"
#include "padlock/x509/revocation_rules.h"

namespace padlock::x509::crlite {

namespace {

/// The end of the year 9999: what lies behind it is no date.
constexpr WallTime end_of_dates = std::chrono::sys_days(std::chrono::year(10000) / 1 / 1) - std::chrono::seconds(1);

WallTime date_of_milliseconds(std::uint64_t milliseconds) {
  const std::uint64_t last = static_cast<std::uint64_t>(end_of_dates.time_since_epoch().count());
  return WallTime(std::chrono::seconds(static_cast<std::int64_t>(std::min(milliseconds / 1000, last))));
}

/// The date of the newest filter with this answer; nothing: none gives it.
std::optional<WallTime> newest_of(std::span<const FilterAnswer> answers, Answer answer) {
  std::optional<WallTime> newest;
  for (const FilterAnswer& one : answers) {
    if (one.answer == answer) newest = std::max(newest.value_or(WallTime{}), date_of_milliseconds(one.newest));
  }
  return newest;
}

RevocationStatus unknown(const Rule& rule, std::string what) {
  return {.source = RevocationSource::crlite, .why = Error{&rule, std::move(what)}};
}

RevocationStatus revoked(WallTime date) {
  return {.state = RevocationState::revoked,
          .source = RevocationSource::crlite,
          .this_update = date,
          .why = Error{&x509::rules::certificate_revoked, "revoked, says the CRLite filter of " + x509::date_of(date)}};
}

RevocationStatus not_revoked(WallTime date, WallTime now) {
  if (date > now + max_crlite_clock_skew) {
    return unknown(rules::not_yet_valid,
                   "the CRLite filter is of " + padlock::to_string(date) + ", now is " + padlock::to_string(now));
  }
  if (now - date > max_crlite_age) {
    return unknown(rules::stale, "the CRLite filter is of " + padlock::to_string(date) + ", which is too old; now is " +
                                     padlock::to_string(now));
  }
  return {.state = RevocationState::good, .source = RevocationSource::crlite, .this_update = date};
}

}  // namespace

RevocationStatus status_of(std::span<const FilterAnswer> answers, WallTime now) {
  if (const auto date = newest_of(answers, Answer::revoked)) return revoked(*date);
  if (const auto date = newest_of(answers, Answer::not_revoked)) return not_revoked(*date, now);
  if (newest_of(answers, Answer::not_enrolled))
    return unknown(rules::not_enrolled, "the CRLite cache does not enroll the certificate's issuer");
  if (answers.empty()) return unknown(rules::not_covered, "the CRLite cache does not cover the certificate");
  return unknown(rules::contradicted, "the CRLite cache's index names filters that do not cover the certificate");
}

bool says_nothing(const RevocationStatus& status) {
  return status.source == RevocationSource::crlite && status.why &&
         (status.why->rule == &rules::not_covered || status.why->rule == &rules::not_enrolled);
}

}  // namespace padlock::x509::crlite
