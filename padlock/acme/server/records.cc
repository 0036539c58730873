#include "padlock/acme/server/records.h"

#include <utility>

#include "padlock/acme/certificate_chain.h"
#include "padlock/acme/json_problem.h"
#include "padlock/acme/limits.h"
#include "padlock/acme/rules.h"
#include "padlock/acme/server/json_jwk.h"
#include "padlock/acme/server/limits.h"
#include "padlock/acme/timestamp.h"

namespace padlock::acme {
namespace {

constexpr std::string_view what = "record";

// ---- writing --------------------------------------------------------------------------------------------------------

template <class T>
void set_if(Json& document, const char* name, const std::optional<T>& value, auto&& form) {
  if (value) document[name] = form(*value);
}
void set_if(Json& document, const char* name, const std::string& text) {
  if (!text.empty()) document[name] = text;
}

Json json_of(const ChallengeRecord& record) {
  Json document{{"type", name_of(record.type)}, {"token", record.token}, {"status", name_of(record.status)}};
  set_if(document, "validated", record.validated, timestamp_text);
  set_if(document, "error", record.error, [](const Problem& problem) { return acme::json_of(problem); });
  set_if(document, "account_uri", record.account_uri);
  return document;
}

Json json_of(const AuthorizationRecord& record) {
  Json document{{"name", record.identifier.value}, {"status", name_of(record.status)}};
  document["challenges"] = Json::array();
  for (const ChallengeRecord& one : record.challenges) document["challenges"].push_back(json_of(one));
  return document;
}

// ---- reading --------------------------------------------------------------------------------------------------------

Result<WallTime> time_in(const Json& object, const char* name) {
  const auto time = parse_timestamp(PADLOCK_TRY(text_field(object, what, name)));
  if (!time) return malformed_field(what, name, "is no time");
  return *time;
}

Result<std::optional<WallTime>> time_if_there(const Json& object, const char* name) {
  if (!object.contains(name)) return std::nullopt;
  return std::optional(PADLOCK_TRY(time_in(object, name)));
}

Result<std::string> text_if_there(const Json& object, const char* name) {
  return PADLOCK_TRY(optional_text(object, what, name)).value_or("");
}

Result<ChallengeRecord> read_challenge(const Json& object) {
  if (!object.is_object()) return malformed_field(what, "challenges", "holds what is no object");
  const auto type = find_challenge_type(PADLOCK_TRY(text_field(object, what, "type")));
  if (!type) return malformed_field(what, "type", "is no challenge's");
  return ChallengeRecord{.type = *type,
                         .token = PADLOCK_TRY(text_field(object, what, "token")),
                         .status = PADLOCK_TRY(status_field(object, what)),
                         .validated = PADLOCK_TRY(time_if_there(object, "validated")),
                         .error = PADLOCK_TRY(optional_problem(object, what)),
                         .account_uri = PADLOCK_TRY(text_if_there(object, "account_uri"))};
}

Result<AuthorizationRecord> read_authorization(const Json& object) {
  if (!object.is_object()) return malformed_field(what, "authorizations", "holds what is no object");
  AuthorizationRecord record{.identifier = PADLOCK_TRY(make_identifier(PADLOCK_TRY(text_field(object, what, "name")))),
                             .status = PADLOCK_TRY(status_field(object, what)),
                             .challenges = {}};
  const Json* const challenges = PADLOCK_TRY(array_field(object, what, "challenges", limits::challenges));
  for (const Json& one : *challenges) record.challenges.push_back(PADLOCK_TRY(read_challenge(one)));
  return record;
}

}  // namespace

std::string write_record(const AccountRecord& record) {
  Json document{{"id", record.id},
                {"key", Json::parse(record.key.text)},
                {"status", name_of(record.status)},
                {"contact", record.contact},
                {"created", timestamp_text(record.created)}};
  set_if(document, "external_key", record.external_key);
  return write_json(document) + "\n";
}

std::string write_record(const OrderRecord& record) {
  Json document{{"id", record.id},
                {"account", record.account},
                {"status", name_of(record.status)},
                {"created", timestamp_text(record.created)},
                {"expires", timestamp_text(record.expires)},
                {"profile", record.profile}};
  document["authorizations"] = Json::array();
  for (const AuthorizationRecord& one : record.authorizations) document["authorizations"].push_back(json_of(one));
  set_if(document, "replaces", record.replaces);
  set_if(document, "certificate", record.certificate);
  set_if(document, "error", record.error, [](const Problem& problem) { return acme::json_of(problem); });
  return write_json(document) + "\n";
}

std::string write_record(const CertificateRecord& record) {
  Json document{{"id", record.id}, {"account", record.account}, {"order", record.order}, {"chain", record.chain}};
  set_if(document, "replaced_by", record.replaced_by);
  set_if(document, "revoked", record.revoked, timestamp_text);
  return write_json(document) + "\n";
}

Result<AccountRecord> read_account_record(std::string_view text) {
  const Json object = PADLOCK_TRY(parse_json_object(as_bytes(text), what));
  if (!object.contains("key")) return malformed_field(what, "key", "is missing");
  AccountRecord record{.id = PADLOCK_TRY(text_field(object, what, "id")),
                       .key = PADLOCK_TRY(read_jwk(object.at("key"))),
                       .status = PADLOCK_TRY(status_field(object, what)),
                       .contact = {},
                       .external_key = PADLOCK_TRY(text_if_there(object, "external_key")),
                       .created = PADLOCK_TRY(time_in(object, "created"))};
  const Json* const contacts = PADLOCK_TRY(array_field(object, what, "contact", server_limits::contacts));
  for (const Json& one : *contacts) {
    if (!one.is_string()) return malformed_field(what, "contact", "holds what is no text");
    record.contact.push_back(one.get<std::string>());
  }
  return record;
}

Result<OrderRecord> read_order_record(std::string_view text) {
  const Json object = PADLOCK_TRY(parse_json_object(as_bytes(text), what));
  OrderRecord record{.id = PADLOCK_TRY(text_field(object, what, "id")),
                     .account = PADLOCK_TRY(text_field(object, what, "account")),
                     .status = PADLOCK_TRY(status_field(object, what)),
                     .created = PADLOCK_TRY(time_in(object, "created")),
                     .expires = PADLOCK_TRY(time_in(object, "expires")),
                     .identifiers = {},
                     .authorizations = {},
                     .profile = PADLOCK_TRY(text_field(object, what, "profile")),
                     .replaces = PADLOCK_TRY(text_if_there(object, "replaces")),
                     .certificate = PADLOCK_TRY(text_if_there(object, "certificate")),
                     .error = PADLOCK_TRY(optional_problem(object, what))};
  const Json* const authorizations = PADLOCK_TRY(array_field(object, what, "authorizations", limits::identifiers));
  for (const Json& one : *authorizations) {
    record.authorizations.push_back(PADLOCK_TRY(read_authorization(one)));
    record.identifiers.push_back(record.authorizations.back().identifier);
  }
  return record;
}

Result<CertificateRecord> read_certificate_record(std::string_view text) {
  const Json object = PADLOCK_TRY(parse_json_object(as_bytes(text), what));
  CertificateRecord record{.id = PADLOCK_TRY(text_field(object, what, "id")),
                           .account = PADLOCK_TRY(text_field(object, what, "account")),
                           .order = PADLOCK_TRY(text_field(object, what, "order")),
                           .chain = PADLOCK_TRY(text_field(object, what, "chain")),
                           .leaf = nullptr,
                           .replaced_by = PADLOCK_TRY(text_if_there(object, "replaced_by")),
                           .revoked = PADLOCK_TRY(time_if_there(object, "revoked"))};
  record.leaf = PADLOCK_TRY(read_certificate_chain(record.chain)).certificates.front();
  return record;
}

}  // namespace padlock::acme
