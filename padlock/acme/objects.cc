#include "padlock/acme/objects.h"

#include <algorithm>
#include <array>
#include <utility>

#include "padlock/acme/json_problem.h"
#include "padlock/acme/limits.h"
#include "padlock/acme/rules.h"
#include "padlock/acme/timestamp.h"
#include "padlock/base/text.h"

namespace padlock::acme {
namespace {

constexpr std::array status_names{"pending", "ready",       "processing", "valid",
                                  "invalid", "deactivated", "expired",    "revoked"};

std::string about(std::string_view structure, const char* field) {
  return std::string(structure) + ": its field `" + field + "`";
}

Result<std::string> url_field(const Json& object, std::string_view structure, const char* field, const Origin& origin) {
  const std::string text = PADLOCK_TRY(text_field(object, structure, field));
  return origin.check(text, about(structure, field));
}

Result<std::optional<std::string>> optional_url(const Json& object, std::string_view structure, const char* field,
                                                const Origin& origin) {
  const auto text = PADLOCK_TRY(optional_text(object, structure, field));
  if (!text) return std::nullopt;
  return std::optional(PADLOCK_TRY(origin.check(*text, about(structure, field))));
}

/// {"type": "dns", "value": "example.org"}
Result<Identifier> parse_identifier(const Json& object, std::string_view structure) {
  if (!object.is_object()) return malformed_field(structure, "identifier", "is no object");
  const std::string type = PADLOCK_TRY(text_field(object, structure, "type"));
  const std::string value = PADLOCK_TRY(text_field(object, structure, "value"));
  auto identifier = make_identifier(value);
  if (!identifier || name_of(identifier->type) != type)
    return malformed_field(structure, "identifier", "is `" + shown(value) + "` of type `" + shown(type) + "`");
  return identifier;
}

/// At least 128 bits in base64url (RFC 8555, section 8.1); it becomes part of a path.
bool is_token(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  return text.size() >= limits::least_token_bytes && text.size() <= limits::token_bytes &&
         std::ranges::all_of(text, fits);
}

/// draft-ietf-acme-dns-persist-01, section 3.1: at least one name of the CA, at most ten, and none that could be more
/// than a name in the record that a person is told to set.
Result<PersistentProof> parse_persistent(const Json& object) {
  constexpr const char* names = "issuer-domain-names";
  PersistentProof proof;
  const Json* const list = PADLOCK_TRY(array_field(object, "challenge", names, limits::issuer_domain_names));
  for (const Json& one : *list) {
    if (!one.is_string() || !is_issuer_domain_name(one.get<std::string>()))
      return malformed_field("challenge", names, "holds what is no name of a CA");
    proof.issuer_domain_names.push_back(one.get<std::string>());
  }
  if (proof.issuer_domain_names.empty()) return malformed_field("challenge", names, "is empty");
  proof.account_uri = PADLOCK_TRY(optional_text(object, "challenge", "accounturi")).value_or("");
  return proof;
}

Result<Challenge> parse_challenge(const Json& object, ChallengeType type, const Origin& origin) {
  const bool persistent = type == ChallengeType::dns_persist_01;
  Challenge challenge{.type = type,
                      .url = PADLOCK_TRY(url_field(object, "challenge", "url", origin)),
                      .status = PADLOCK_TRY(status_field(object, "challenge")),
                      .token = {},
                      .error = PADLOCK_TRY(optional_problem(object, "challenge"))};
  if (persistent) {
    challenge.persistent = PADLOCK_TRY(parse_persistent(object));
    return challenge;
  }
  challenge.token = PADLOCK_TRY(text_field(object, "challenge", "token"));
  if (!is_token(challenge.token)) return malformed_field("challenge", "token", "is no token of 128 bits or more");
  return challenge;
}

Result<std::vector<std::string>> parse_profiles(const Json& meta) {
  std::vector<std::string> names;
  const auto at = meta.find("profiles");
  if (at == meta.end() || at->is_null()) return names;
  if (!at->is_object()) return malformed_field("directory", "profiles", "is no object");
  if (at->size() > limits::profiles)
    return padlock::broken(rules::too_many_values, "the directory has " + std::to_string(at->size()) + " profiles");
  names.reserve(at->size());
  for (const auto& [name, description] : at->items()) names.push_back(name);
  return names;
}

Result<std::vector<std::string>> parse_caa_identities(const Json& meta) {
  std::vector<std::string> names;
  const Json* const list = PADLOCK_TRY(optional_array(meta, "directory", "caaIdentities", limits::caa_identities));
  if (list == nullptr) return names;
  for (const Json& one : *list) {
    if (!one.is_string()) return malformed_field("directory", "caaIdentities", "holds what is no text");
    names.push_back(to_lower_ascii(one.get<std::string>()));
  }
  return names;
}

Result<void> parse_meta(const Json& document, Directory& directory) {
  const auto meta = document.find("meta");
  if (meta == document.end() || meta->is_null()) return {};
  if (!meta->is_object()) return malformed_field("directory", "meta", "is no object");
  directory.terms_of_service = PADLOCK_TRY(optional_text(*meta, "directory", "termsOfService")).value_or("");
  directory.external_account_required = PADLOCK_TRY(flag_field(*meta, "directory", "externalAccountRequired"));
  directory.profiles = PADLOCK_TRY(parse_profiles(*meta));
  directory.caa_identities = PADLOCK_TRY(parse_caa_identities(*meta));
  return {};
}

}  // namespace

// ---- parts of several
// --------------------------------------------------------------------------------------------------

Result<Status> status_field(const Json& object, std::string_view structure) {
  const std::string text = PADLOCK_TRY(text_field(object, structure, "status"));
  const auto* const found = std::ranges::find(status_names, text);
  if (found == status_names.end()) return malformed_field(structure, "status", "is `" + shown(text) + "`");
  return static_cast<Status>(found - status_names.begin());
}

Result<std::optional<Problem>> optional_problem(const Json& object, std::string_view structure) {
  const auto at = object.find("error");
  if (at == object.end() || at->is_null()) return std::nullopt;
  if (!at->is_object()) return malformed_field(structure, "error", "is no problem document");
  return std::optional(PADLOCK_TRY(parse_problem(*at)));
}

// ---- URLs -----------------------------------------------------------------------------------------------------------

Result<Origin> Origin::of(std::string_view directory_url) {
  const http::Url url = PADLOCK_TRY(http::parse_url(directory_url));
  if (!url.secure())
    return padlock::broken(rules::url_not_https, "the directory's URL " + shown(directory_url) + " is not https");
  return Origin{url.origin()};
}

Result<std::string> Origin::check(std::string_view url, std::string_view what) const {
  if (url.size() > limits::url_bytes)
    return padlock::broken(rules::field_malformed, std::string(what) + " is longer than a URL");
  const http::Url parsed = PADLOCK_TRY(http::parse_url(url));
  if (!parsed.secure()) return padlock::broken(rules::url_not_https, std::string(what) + " is " + shown(url));
  if (parsed.origin() != text)
    return padlock::broken(rules::url_off_origin, std::string(what) + " is " + shown(url) + ", not on " + text);
  return parsed.to_string();
}

// ---- resources ------------------------------------------------------------------------------------------------------

Result<Directory> parse_directory(Bytes body, const Origin& origin) {
  const Json document = PADLOCK_TRY(parse_json_object(body, "directory"));
  const auto url = [&](const char* field) { return url_field(document, "directory", field, origin); };
  Directory directory{.new_nonce = PADLOCK_TRY(url("newNonce")),
                      .new_account = PADLOCK_TRY(url("newAccount")),
                      .new_order = PADLOCK_TRY(url("newOrder")),
                      .revoke_cert = PADLOCK_TRY(url("revokeCert")),
                      .key_change = PADLOCK_TRY(url("keyChange")),
                      .renewal_info = PADLOCK_TRY(optional_url(document, "directory", "renewalInfo", origin)),
                      .terms_of_service = {},
                      .external_account_required = false,
                      .profiles = {}};
  PADLOCK_TRY(parse_meta(document, directory));
  return directory;
}

std::string_view name_of(Status status) { return status_names.at(static_cast<std::size_t>(status)); }

Result<Account> parse_account(Bytes body) {
  return Account{PADLOCK_TRY(status_field(PADLOCK_TRY(parse_json_object(body, "account")), "account"))};
}

Result<Authorization> parse_authorization(Bytes body, const Origin& origin) {
  const Json document = PADLOCK_TRY(parse_json_object(body, "authorization"));
  const auto identifier = document.find("identifier");
  if (identifier == document.end()) return malformed_field("authorization", "identifier", "is missing");
  Authorization authorization{.identifier = PADLOCK_TRY(parse_identifier(*identifier, "authorization")),
                              .status = PADLOCK_TRY(status_field(document, "authorization")),
                              .challenges = {},
                              .offered = {}};
  if (PADLOCK_TRY(flag_field(document, "authorization", "wildcard"))) authorization.identifier.value.insert(0, "*.");
  const Json* const challenges = PADLOCK_TRY(array_field(document, "authorization", "challenges", limits::challenges));
  authorization.challenges.reserve(challenges->size());
  for (const Json& one : *challenges) {
    if (!one.is_object()) return malformed_field("authorization", "challenges", "holds what is no object");
    authorization.offered.push_back(PADLOCK_TRY(text_field(one, "challenge", "type")));
    const auto type = find_challenge_type(authorization.offered.back());
    if (!type) continue;
    auto challenge = parse_challenge(one, *type, origin);
    if (!challenge && type == ChallengeType::dns_persist_01) {  // other drafts have other forms, and few want it
      authorization.offered.back() += " in another form";
      continue;
    }
    authorization.challenges.push_back(PADLOCK_TRY(std::move(challenge)));
  }
  return authorization;
}

Result<Order> parse_order(Bytes body, const Origin& origin) {
  const Json document = PADLOCK_TRY(parse_json_object(body, "order"));
  Order order{.status = PADLOCK_TRY(status_field(document, "order")),
              .identifiers = {},
              .authorizations = {},
              .finalize = PADLOCK_TRY(url_field(document, "order", "finalize", origin)),
              .certificate = PADLOCK_TRY(optional_url(document, "order", "certificate", origin)),
              .error = PADLOCK_TRY(optional_problem(document, "order"))};
  const Json* const identifiers = PADLOCK_TRY(array_field(document, "order", "identifiers", limits::identifiers));
  order.identifiers.reserve(identifiers->size());
  for (const Json& one : *identifiers) order.identifiers.push_back(PADLOCK_TRY(parse_identifier(one, "order")));
  std::ranges::sort(order.identifiers);
  const Json* const authorizations = PADLOCK_TRY(array_field(document, "order", "authorizations", limits::identifiers));
  order.authorizations.reserve(authorizations->size());
  for (const Json& one : *authorizations) {
    if (!one.is_string()) return malformed_field("order", "authorizations", "holds what is no URL");
    order.authorizations.push_back(PADLOCK_TRY(origin.check(one.get<std::string>(), about("order", "authorizations"))));
  }
  return order;
}

Result<RenewalInfo> parse_renewal_info(Bytes body) {
  constexpr std::string_view structure = "renewalInfo";
  const Json document = PADLOCK_TRY(parse_json_object(body, structure));
  const auto window = document.find("suggestedWindow");
  if (window == document.end() || !window->is_object())
    return malformed_field(structure, "suggestedWindow", "is no object");
  const auto start = parse_timestamp(PADLOCK_TRY(text_field(*window, structure, "start")));
  const auto end = parse_timestamp(PADLOCK_TRY(text_field(*window, structure, "end")));
  if (!start || !end) return malformed_field(structure, "suggestedWindow", "has no good times");
  if (*end <= *start)
    return padlock::broken(rules::renewal_window, "from " + to_string(*start) + " to " + to_string(*end));
  return RenewalInfo{*start, *end, PADLOCK_TRY(optional_text(document, structure, "explanationURL")).value_or("")};
}

}  // namespace padlock::acme
