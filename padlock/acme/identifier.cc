#include "padlock/acme/identifier.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "padlock/acme/limits.h"
#include "padlock/acme/rules.h"
#include "padlock/base/text.h"
#include "padlock/x509/host_name.h"

namespace padlock::acme {
namespace {

std::optional<Identifier> identifier_of(const x509::GeneralName& name) {
  if (name.form == x509::GeneralNameForm::dNSName)
    return Identifier{Identifier::Type::dns, to_lower_ascii(as_text(name.value))};
  if (name.form != x509::GeneralNameForm::iPAddress || name.value.size() > 16) return std::nullopt;
  x509::IpAddress address;
  copy_bytes(name.value, address.bytes);
  address.length = name.value.size();
  return Identifier{Identifier::Type::ip, x509::to_string(address)};
}

void sort_without_repeats(std::vector<Identifier>& identifiers) {
  std::ranges::sort(identifiers);
  const auto twice = std::ranges::unique(identifiers);
  identifiers.erase(twice.begin(), twice.end());
}

}  // namespace

std::string_view name_of(Identifier::Type type) { return type == Identifier::Type::ip ? "ip" : "dns"; }

Result<Identifier> make_identifier(std::string_view name) {
  if (const auto address = x509::parse_ip_address(name))
    return Identifier{Identifier::Type::ip, x509::to_string(*address)};
  Identifier identifier{Identifier::Type::dns, to_lower_ascii(name)};
  if (!x509::is_presented_name(identifier.value))
    return broken(rules::malformed_identifier, "`" + escaped(name) + "` is neither a host name nor an address");
  return identifier;
}

Result<std::vector<Identifier>> make_identifiers(std::span<const std::string> names) {
  if (names.empty() || names.size() > limits::identifiers)
    return broken(rules::identifier_count, "a certificate for " + std::to_string(names.size()) + " names");
  std::vector<Identifier> identifiers;
  identifiers.reserve(names.size());
  for (const std::string& name : names) identifiers.push_back(PADLOCK_TRY(make_identifier(name)));
  sort_without_repeats(identifiers);
  return identifiers;
}

x509::GeneralName general_name_of(const Identifier& identifier) {
  const auto address =
      identifier.type == Identifier::Type::ip ? x509::parse_ip_address(identifier.value) : std::nullopt;
  const Bytes bytes = address ? address->view() : as_bytes(identifier.value);
  return {address ? x509::GeneralNameForm::iPAddress : x509::GeneralNameForm::dNSName, {bytes.begin(), bytes.end()}};
}

std::vector<Identifier> identifiers_of(const x509::Certificate& certificate) {
  std::vector<Identifier> identifiers;
  identifiers.reserve(certificate.subject_alternative_names.size());
  for (const x509::GeneralName& name : certificate.subject_alternative_names) {
    if (auto one = identifier_of(name)) identifiers.push_back(*std::move(one));
  }
  sort_without_repeats(identifiers);
  return identifiers;
}

}  // namespace padlock::acme
