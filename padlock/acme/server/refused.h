#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "padlock/acme/message.h"
#include "padlock/acme/problem.h"
#include "padlock/base/result.h"

namespace padlock::acme {

/// Why our ACME server does not do what it is asked for (RFC 8555, section 6.7).
struct Refused {
  Refused(Error why) : error(std::move(why)) {}  // NOLINT(google-explicit-constructor): PADLOCK_TRY makes them
  Error error;
  std::vector<Problem::Subproblem> subproblems{};
  std::optional<std::chrono::seconds> retry_after{};
  std::string allow{};     ///< the methods that there are, for 405
  std::string location{};  ///< of what stands in the way (RFC 8555, section 7.3.5); empty: nothing
};

/// What a request comes to.
template <class T>
using Granted = std::expected<T, Refused>;

/// "badNonce": the type of a rule of `server_rules`; "malformed" for those that have none of their own.
std::string_view problem_type_of(const Rule& rule);

/// The error as a problem that somebody looks at later.
Problem problem_of(const Error& error);

/// A problem document (RFC 7807) with the status of its rule.
Response refusal_response(const Refused& refused);

}  // namespace padlock::acme
