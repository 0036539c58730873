#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/acme/identifier.h"
#include "padlock/base/instant.h"
#include "padlock/base/result.h"

// dns-persist-01 (draft-ietf-acme-dns-persist-01): a TXT record that a person sets once. It names a CA and the account
// there that may have certificates for the name, for as long as it stands. Nothing of it changes from order to order.

namespace padlock::acme {

/// Whom a record must name so that it proves a name: the CA, by any of its names, and the account that asks.
struct PersistentProof {
  std::vector<std::string> issuer_domain_names;  ///< in lower case, without a dot at the end
  std::string account_uri;                       ///< the account's URL (RFC 8657, section 3)
  friend bool operator==(const PersistentProof&, const PersistentProof&) = default;
};

/// What a record says: an issue-value of RFC 8659, section 4.2.
struct PersistentRecord {
  std::string issuer_domain_name;
  std::string account_uri;
  bool wildcard = false;                         ///< policy=wildcard: for the `*.` name too
  std::optional<std::uint64_t> persist_until{};  ///< seconds since 1970; nothing: for as long as it stands
  friend bool operator==(const PersistentRecord&, const PersistentRecord&) = default;
};

/// Whether this may stand in a challenge as a CA's name: a host name in lower case, without a dot at the end.
bool is_issuer_domain_name(std::string_view text);

/// "_validation-persist.example.org"; for `*.example.org` the same.
std::string persistent_record_name(const Identifier& identifier);

/// The record's text. Error: `rules::persistent_account_unwritable`.
Result<std::string> write_persistent_record(const PersistentRecord& record);
/// A text as a zone file has it: quoted strings of at most 255 bytes (RFC 1035, sections 3.3 and 5.1).
std::string zone_strings(std::string_view text);

/// The record that an account needs for a name. Error: that of `write_persistent_record`; the proof names no CA:
/// `rules::no_issuer_domain_name`.
Result<PersistentRecord> persistent_record_for(const Identifier& identifier, const PersistentProof& proof);

/// How far a text is from proving a name, the nearest first.
enum class PersistentFault : std::uint8_t {
  none,                ///< it proves it
  expired,             ///< persistUntil has passed
  name_alone,          ///< it does not say policy=wildcard, and a wildcard is asked for
  of_another_account,  ///< for this CA and another account
  malformed,           ///< for this CA, and no issue-value with one accounturi
  of_another_ca,       ///< for another CA, or something else
  absent,              ///< there is no text
};
/// In words: "names another account".
std::string_view words_of(PersistentFault fault);
PersistentFault judge_persistent_record(std::string_view text, const PersistentProof& proof,
                                        const Identifier& identifier, WallTime now);
/// The nearest of several: one that proves the name is enough.
PersistentFault judge_persistent_records(std::span<const std::string> texts, const PersistentProof& proof,
                                         const Identifier& identifier, WallTime now);

}  // namespace padlock::acme
