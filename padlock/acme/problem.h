#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/base/text.h"

namespace padlock::acme {

/// Why an ACME server refuses (RFC 7807; RFC 8555, section 6.7).
struct Problem {
  struct Subproblem {  ///< RFC 8555, section 6.7.1
    std::string identifier;
    std::string type;
    std::string detail;
  };
  std::string type;  ///< "rateLimited" for an error of ACME's namespace, else the whole URI; empty: none was given
  std::string detail;
  std::vector<Subproblem> subproblems;
};

/// Reads a problem document. Errors: those of JSON, `rules::field_malformed`.
Result<Problem> parse_problem(Bytes body);

/// The error with what to do next. `doing`: "the new order". Texts of the server are escaped and cut.
std::unexpected<Error> broken(const Problem& problem, std::string_view doing);

/// A server's text, safe to print and not too long.
std::string shown(std::string_view text);

}  // namespace padlock::acme
