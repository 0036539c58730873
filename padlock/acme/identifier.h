#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/x509/certificate.h"

namespace padlock::acme {

/// What a certificate is for (RFC 8555, section 7.1.3; RFC 8738, section 3): a host name in lower case, perhaps with
/// `*.` in front, or an address in the form of RFC 5952.
struct Identifier {
  enum class Type : std::uint8_t { dns, ip };
  Type type = Type::dns;
  std::string value;

  bool wildcard() const { return value.starts_with("*."); }
  friend bool operator==(const Identifier&, const Identifier&) = default;
  friend auto operator<=>(const Identifier&, const Identifier&) = default;
};

/// "dns", "ip": the registry's names.
std::string_view name_of(Identifier::Type type);

/// What a person writes. Error: `rules::malformed_identifier`.
Result<Identifier> make_identifier(std::string_view name);

/// The same for each name, sorted and none twice. Errors: also `rules::identifier_count`.
Result<std::vector<Identifier>> make_identifiers(std::span<const std::string> names);

/// As it stands in a certificate.
x509::GeneralName general_name_of(const Identifier& identifier);

/// The names of a certificate as identifiers, sorted and none twice; names of other forms are left out.
std::vector<Identifier> identifiers_of(const x509::Certificate& certificate);

}  // namespace padlock::acme
