#include "padlock/acme/problem.h"

#include <algorithm>
#include <array>
#include <utility>

#include "padlock/acme/json_problem.h"
#include "padlock/acme/limits.h"
#include "padlock/acme/rules.h"
#include "padlock/http/message/authority.h"

namespace padlock::acme {
namespace {

constexpr std::string_view name_space = "urn:ietf:params:acme:error:";

/// What each type means for a person (RFC 8555, section 6.7).
struct Meaning {
  std::string_view type;
  const Rule* rule;
};
constexpr std::array meanings{Meaning{"rateLimited", &rules::rate_limited},
                              Meaning{"unauthorized", &rules::unauthorized},
                              Meaning{"incorrectResponse", &rules::unauthorized},
                              Meaning{"connection", &rules::connection},
                              Meaning{"tls", &rules::connection},
                              Meaning{"dns", &rules::dns},
                              Meaning{"caa", &rules::caa},
                              Meaning{"rejectedIdentifier", &rules::rejected_identifier},
                              Meaning{"unsupportedIdentifier", &rules::rejected_identifier},
                              Meaning{"accountDoesNotExist", &rules::account_does_not_exist},
                              Meaning{"serverInternal", &rules::server_internal},
                              Meaning{"externalAccountRequired", &rules::account_binding_required},
                              Meaning{"userActionRequired", &rules::terms_not_agreed},
                              Meaning{"invalidProfile", &rules::unknown_profile},
                              Meaning{"badNonce", &rules::nonce_refused}};

const Rule& rule_of(std::string_view type) {
  const auto* const found = std::ranges::find(meanings, type, &Meaning::type);
  return found == meanings.end() ? rules::problem : *found->rule;
}

Result<std::string> problem_type(const Json& object) {
  std::string type = PADLOCK_TRY(optional_text(object, "problem", "type")).value_or("");
  return type.starts_with(name_space) ? type.substr(name_space.size()) : std::move(type);
}

Result<Problem::Subproblem> parse_subproblem(const Json& object) {
  if (!object.is_object()) return malformed_field("problem", "subproblems", "holds what is no object");
  Problem::Subproblem sub{.identifier = {},
                          .type = PADLOCK_TRY(problem_type(object)),
                          .detail = PADLOCK_TRY(optional_text(object, "problem", "detail")).value_or("")};
  if (const auto at = object.find("identifier"); at != object.end() && at->is_object())
    sub.identifier = PADLOCK_TRY(optional_text(*at, "problem", "value")).value_or("");
  return sub;
}

}  // namespace

std::string shown(std::string_view text) {
  const bool whole = text.size() <= limits::shown_text;
  return escaped(text.substr(0, limits::shown_text)) + (whole ? "" : "...");
}

Result<Problem> parse_problem(const Json& object) {
  Problem problem{.type = PADLOCK_TRY(problem_type(object)),
                  .detail = PADLOCK_TRY(optional_text(object, "problem", "detail")).value_or(""),
                  .subproblems = {}};
  const Json* const subproblems = PADLOCK_TRY(optional_array(object, "problem", "subproblems", limits::identifiers));
  if (subproblems == nullptr) return problem;
  problem.subproblems.reserve(subproblems->size());
  for (const Json& one : *subproblems) problem.subproblems.push_back(PADLOCK_TRY(parse_subproblem(one)));
  return problem;
}

Json json_of(const Problem& problem) {
  // A URI of another's stands as it is.
  const auto uri = [](const std::string& type) {
    return type.find(':') == std::string::npos ? std::string(name_space) + type : type;
  };
  Json document{{"type", uri(problem.type)}, {"detail", problem.detail}};
  for (const Problem::Subproblem& one : problem.subproblems) {
    const bool address = one.identifier.find(':') != std::string::npos || http::is_ipv4_address(one.identifier);
    document["subproblems"].push_back({{"type", uri(one.type)},
                                       {"detail", one.detail},
                                       {"identifier", {{"type", address ? "ip" : "dns"}, {"value", one.identifier}}}});
  }
  return document;
}

Result<Problem> parse_problem(Bytes body) { return parse_problem(PADLOCK_TRY(parse_json_object(body, "problem"))); }

std::unexpected<Error> broken(const Problem& problem, std::string_view doing) {
  std::string what = std::string(doing) + ": the CA says " + (problem.type.empty() ? "no" : shown(problem.type));
  if (!problem.detail.empty()) what += ": " + shown(problem.detail);
  for (const Problem::Subproblem& sub : problem.subproblems) {
    what += "; " + (sub.identifier.empty() ? "" : shown(sub.identifier) + ": ") + shown(sub.detail);
    if (what.size() > 2 * limits::shown_text) break;
  }
  return padlock::broken(rule_of(problem.type), std::move(what));
}

}  // namespace padlock::acme
