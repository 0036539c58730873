#include "padlock/acme/server/refused.h"

#include <algorithm>
#include <array>

#include "padlock/acme/json_problem.h"
#include "padlock/acme/server/rules.h"
#include "padlock/acme/server/signed_request.h"

namespace padlock::acme {
namespace {

struct Type {
  const Rule* rule;
  std::string_view name;
};
constexpr std::array types{Type{&server_rules::bad_signature_algorithm, "badSignatureAlgorithm"},
                           Type{&server_rules::bad_public_key, "badPublicKey"},
                           Type{&server_rules::wrong_url, "unauthorized"},
                           Type{&server_rules::bad_nonce, "badNonce"},
                           Type{&server_rules::account_does_not_exist, "accountDoesNotExist"},
                           Type{&server_rules::account_deactivated, "unauthorized"},
                           Type{&server_rules::unsupported_contact, "unsupportedContact"},
                           Type{&server_rules::invalid_contact, "invalidContact"},
                           Type{&server_rules::external_account_required, "externalAccountRequired"},
                           Type{&server_rules::external_account_refused, "unauthorized"},
                           Type{&server_rules::not_yours, "unauthorized"},
                           Type{&server_rules::unsupported_identifier, "unsupportedIdentifier"},
                           Type{&server_rules::rejected_identifier, "rejectedIdentifier"},
                           Type{&server_rules::several_faults, "compound"},
                           Type{&server_rules::invalid_profile, "invalidProfile"},
                           Type{&server_rules::already_replaced, "alreadyReplaced"},
                           Type{&server_rules::rate_limited, "rateLimited"},
                           Type{&server_rules::order_not_ready, "orderNotReady"},
                           Type{&server_rules::bad_csr, "badCSR"},
                           Type{&server_rules::unauthorized_record, "unauthorized"},
                           Type{&server_rules::incorrect_response, "incorrectResponse"},
                           Type{&server_rules::validation_connection, "connection"},
                           Type{&server_rules::validation_dns, "dns"},
                           Type{&server_rules::validation_tls, "tls"},
                           Type{&server_rules::already_revoked, "alreadyRevoked"},
                           Type{&server_rules::bad_revocation_reason, "badRevocationReason"},
                           Type{&server_rules::server_internal, "serverInternal"}};

constexpr int bad_request = 400;

}  // namespace

std::string_view problem_type_of(const Rule& rule) {
  const auto* const found = std::ranges::find(types, &rule, &Type::rule);
  return found == types.end() ? "malformed" : found->name;
}

Problem problem_of(const Error& error) {
  return {.type = std::string(problem_type_of(*error.rule)),
          .detail = error.what + "; " + std::string(error.rule->hint),
          .subproblems = {}};
}

Response refusal_response(const Refused& refused) {
  const Rule& rule = *refused.error.rule;
  const int status = rule.status == 0 ? bad_request : rule.status;
  Problem problem = problem_of(refused.error);
  problem.subproblems = refused.subproblems;
  Json document = json_of(problem);
  document["status"] = status;
  if (&rule == &server_rules::bad_signature_algorithm) document["algorithms"] = signature_algorithms();
  const std::string text = write_json(document);
  Response response{.status = status, .fields = {}, .body = {as_bytes(text).begin(), as_bytes(text).end()}};
  response.fields.add("Content-Type", "application/problem+json");
  if (refused.retry_after) response.fields.add("Retry-After", std::to_string(refused.retry_after->count()));
  if (!refused.allow.empty()) response.fields.add("Allow", refused.allow);
  if (!refused.location.empty()) response.fields.add("Location", refused.location);
  return response;
}

}  // namespace padlock::acme
