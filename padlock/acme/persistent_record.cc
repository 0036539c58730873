#include "padlock/acme/persistent_record.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "padlock/acme/rules.h"
#include "padlock/base/text.h"
#include "padlock/http/message/syntax.h"
#include "padlock/x509/host_name.h"

namespace padlock::acme {
namespace {

constexpr std::array<std::string_view, 7> fault_words{
    "proves the name", "has expired (persistUntil)", "lacks policy=wildcard", "names another account",
    "is malformed",    "is not for this CA",         "is not there"};

/// value = *(%x21-3A / %x3C-7E)
bool is_value(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~' && c != ';'; });
}

/// tag = (ALPHA / DIGIT) *( *("-") (ALPHA / DIGIT))
bool is_tag(std::string_view text) {
  const auto letter_or_digit = [](char c) { return http::is_alpha(c) || http::is_digit(c); };
  return !text.empty() && text.front() != '-' && text.back() != '-' &&
         std::ranges::all_of(text, [&](char c) { return c == '-' || letter_or_digit(c); });
}

/// Names of CAs are compared without their case and the root's dot.
std::string normalized(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return to_lower_ascii(name);
}

/// Takes a parameter in. False: it has no meaning. Unknown ones are passed over.
bool take_parameter(std::string_view tag, std::string_view value, PersistentRecord& record) {
  if (tag == "accounturi") record.account_uri = value;
  if (tag == "policy") record.wildcard = to_lower_ascii(value) == "wildcard";
  if (tag != "persistuntil") return true;
  record.persist_until = parse_decimal(value);
  return record.persist_until.has_value();
}

/// The parameters behind the first semicolon; nothing: they are malformed. No tag counts twice, known or not: two
/// readers could take different ones.
std::optional<PersistentRecord> parse_parameters(std::string issuer, std::string_view rest) {
  PersistentRecord record{.issuer_domain_name = std::move(issuer), .account_uri = {}};
  std::set<std::string> seen;
  for (bool more = true; more;) {
    const std::size_t end = rest.find(';');
    const std::string_view one = http::trimmed(rest.substr(0, end));
    more = end != std::string_view::npos;
    if (more) rest.remove_prefix(end + 1);
    const std::size_t equals = one.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view name = http::trimmed(one.substr(0, equals)), value = http::trimmed(one.substr(equals + 1));
    const std::string tag = to_lower_ascii(name);
    if (!is_tag(name) || !is_value(value) || !seen.insert(tag).second || !take_parameter(tag, value, record))
      return std::nullopt;
  }
  return record.account_uri.empty() ? std::nullopt : std::optional(std::move(record));
}

}  // namespace

bool is_issuer_domain_name(std::string_view text) {
  return x509::is_host_name(text) && !text.ends_with('.') && to_lower_ascii(text) == text;
}

std::string persistent_record_name(const Identifier& identifier) {
  return "_validation-persist." + (identifier.wildcard() ? identifier.value.substr(2) : identifier.value);
}

Result<std::string> write_persistent_record(const PersistentRecord& record) {
  if (record.account_uri.empty() || !is_value(record.account_uri))
    return padlock::broken(rules::persistent_account_unwritable,
                           "the account is " + (record.account_uri.empty() ? "none" : escaped(record.account_uri)));
  std::string text = record.issuer_domain_name + "; accounturi=" + record.account_uri;
  if (record.wildcard) text += "; policy=wildcard";
  if (record.persist_until) text += "; persistUntil=" + std::to_string(*record.persist_until);
  return text;
}

std::string zone_strings(std::string_view text) {
  constexpr std::size_t most = 255;
  std::string strings;
  do {
    strings += strings.empty() ? "\"" : " \"";
    for (const char c : text.substr(0, most)) strings += (c == '"' || c == '\\' ? "\\" : "") + std::string(1, c);
    strings += '"';
    text.remove_prefix(std::min(most, text.size()));
  } while (!text.empty());
  return strings;
}

Result<PersistentRecord> persistent_record_for(const Identifier& identifier, const PersistentProof& proof) {
  if (proof.issuer_domain_names.empty())
    return padlock::broken(rules::no_issuer_domain_name, "a record for " + identifier.value + " has no CA to name");
  PersistentRecord record{.issuer_domain_name = proof.issuer_domain_names.front(),
                          .account_uri = proof.account_uri,
                          .wildcard = identifier.wildcard()};
  PADLOCK_TRY(write_persistent_record(record));
  return record;
}

std::string_view words_of(PersistentFault fault) { return fault_words.at(static_cast<std::size_t>(fault)); }

PersistentFault judge_persistent_record(std::string_view text, const PersistentProof& proof,
                                        const Identifier& identifier, WallTime now) {
  const std::size_t end = text.find(';');
  std::string issuer = normalized(http::trimmed(text.substr(0, end)));
  if (std::ranges::find(proof.issuer_domain_names, issuer) == proof.issuer_domain_names.end())
    return PersistentFault::of_another_ca;
  if (end == std::string_view::npos) return PersistentFault::malformed;
  const auto record = parse_parameters(std::move(issuer), text.substr(end + 1));
  if (!record) return PersistentFault::malformed;
  if (record->account_uri != proof.account_uri) return PersistentFault::of_another_account;
  if (identifier.wildcard() && !record->wildcard) return PersistentFault::name_alone;
  const auto seconds = static_cast<std::uint64_t>(std::max<std::int64_t>(0, now.time_since_epoch().count()));
  if (record->persist_until && seconds > *record->persist_until) return PersistentFault::expired;
  return PersistentFault::none;
}

PersistentFault judge_persistent_records(std::span<const std::string> texts, const PersistentProof& proof,
                                         const Identifier& identifier, WallTime now) {
  PersistentFault nearest = PersistentFault::absent;
  for (const std::string& text : texts)
    nearest = std::min(nearest, judge_persistent_record(text, proof, identifier, now));
  return nearest;
}

}  // namespace padlock::acme
