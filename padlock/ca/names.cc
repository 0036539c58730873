#include "padlock/ca/names.h"

#include <algorithm>
#include <tuple>

#include "padlock/base/text.h"
#include "padlock/ca/limits.h"
#include "padlock/ca/rules.h"
#include "padlock/crypto/hash.h"
#include "padlock/x509/host_name.h"
#include "padlock/x509/public_suffix.h"

namespace padlock::ca {
namespace {

using x509::GeneralName;
using x509::GeneralNameForm;
using x509::IpAddress;

/// A host under the name that never exists (RFC 6761, section 6.4).
constexpr std::string_view nobody = "padlock.invalid";
constexpr std::size_t folder_digest_bytes = 4;
constexpr std::size_t folder_name_part = 200;  // file systems take 255 bytes

constexpr IpAddress ipv4(std::uint8_t a, std::uint8_t b) { return {.bytes = {a, b}, .length = 4}; }
constexpr IpAddress ipv6(std::uint8_t a, std::uint8_t b) { return {.bytes = {a, b}, .length = 16}; }
constexpr IpAddress ipv6_loopback{.bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, .length = 16};

constexpr std::array ranges{
    AddressRange{ipv4(127, 0), 8},    AddressRange{ipv4(10, 0), 8},       AddressRange{ipv4(172, 16), 12},
    AddressRange{ipv4(192, 168), 16}, AddressRange{ipv4(169, 254), 16},   AddressRange{ipv6_loopback, 128},
    AddressRange{ipv6(0xfc, 0), 7},   AddressRange{ipv6(0xfe, 0x80), 10},
};

std::vector<std::uint8_t> bytes_of(std::string_view text) {
  const Bytes bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

/// The mask's byte number `index` for a prefix.
std::uint8_t mask_byte(unsigned prefix_bits, std::size_t index) {
  const auto before = static_cast<unsigned>(8 * index);
  const unsigned bits = std::clamp(prefix_bits, before, before + 8) - before;
  return static_cast<std::uint8_t>(0xff00U >> bits);
}

/// iPAddress of a constraint: address and mask (RFC 5280, section 4.2.1.10).
GeneralName constraint_of(const AddressRange& range) {
  const Bytes address = range.address.view();
  GeneralName name{GeneralNameForm::iPAddress, {address.begin(), address.end()}};
  for (std::size_t i = 0; i < address.size(); ++i) name.value.push_back(mask_byte(range.prefix_bits, i));
  return name;
}

bool contains(const AddressRange& range, const IpAddress& address) {
  if (range.address.length != address.length) return false;
  for (std::size_t i = 0; i < address.length; ++i) {
    if (((range.address.bytes[i] ^ address.bytes[i]) & mask_byte(range.prefix_bits, i)) != 0) return false;
  }
  return true;
}

bool below(std::string_view name, std::string_view domain) {
  return name == domain || (name.ends_with(domain) && name.substr(0, name.size() - domain.size()).ends_with('.'));
}

/// Letters, digits and inner hyphens (RFC 1123, section 2.1).
bool is_label(std::string_view label) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !label.empty() && label.size() <= max_label_length && std::ranges::all_of(label, allowed) &&
         !label.starts_with('-') && !label.ends_with('-');
}

/// A lower-case host name; `*` only as a whole leftmost label beside two or more (docs/threats.md, X5).
bool is_host_name(std::string_view name) {
  if (name.size() > max_dns_name_length) return false;
  const bool wildcard = name.starts_with("*.");
  if (wildcard) name.remove_prefix(2);
  std::size_t labels = 0;
  for (std::size_t at = 0; at <= name.size(); ++labels) {
    const std::size_t dot = std::min(name.find('.', at), name.size());
    if (!is_label(name.substr(at, dot - at))) return false;
    at = dot + 1;
  }
  return labels >= (wildcard ? 2U : 1U);
}

std::unexpected<Error> outside(std::string_view text) {
  return broken(rules::name_outside, "the local CA may not certify " + escaped(text));
}

Result<GeneralName> alternative_name(std::string_view text, std::span<const std::string> more) {
  if (const auto address = x509::parse_ip_address(text)) {
    const auto holds = [&](const AddressRange& range) { return contains(range, *address); };
    if (!std::ranges::any_of(ranges, holds)) return outside(text);
    return GeneralName{GeneralNameForm::iPAddress, {address->view().begin(), address->view().end()}};
  }
  const std::string name = to_lower_ascii(text);
  if (!is_host_name(name)) {
    return broken(rules::malformed_name, "'" + escaped(text) + "' is neither a host name nor an IP address");
  }
  const auto holds = [&](std::string_view domain) { return below(name, domain); };
  if (!std::ranges::any_of(permitted_domains, holds) && !std::ranges::any_of(more, holds)) return outside(text);
  return GeneralName{GeneralNameForm::dNSName, bytes_of(name)};
}

auto key_of(const GeneralName& name) { return std::tie(name.form, name.value); }
bool same_names(const std::vector<GeneralName>& a, const std::vector<GeneralName>& b) {
  return std::ranges::equal(a, b, {}, key_of, key_of);
}

}  // namespace

std::span<const AddressRange> permitted_ranges() { return ranges; }

x509::NameConstraints name_constraints(std::span<const std::string> more) {
  x509::NameConstraints constraints;
  for (const std::string_view domain : permitted_domains) {
    constraints.permitted.push_back({GeneralNameForm::dNSName, bytes_of(domain)});
  }
  for (const std::string& domain : more) constraints.permitted.push_back({GeneralNameForm::dNSName, bytes_of(domain)});
  for (const AddressRange& range : ranges) constraints.permitted.push_back(constraint_of(range));
  for (const GeneralNameForm form : {GeneralNameForm::rfc822Name, GeneralNameForm::uniformResourceIdentifier}) {
    constraints.permitted.push_back({form, bytes_of(nobody)});
    constraints.excluded.push_back({form, bytes_of(nobody)});
  }
  return constraints;
}

bool same_constraints(const x509::NameConstraints& a, const x509::NameConstraints& b) {
  return same_names(a.permitted, b.permitted) && same_names(a.excluded, b.excluded);
}

Result<std::string> canonical_domain(std::string_view text) {
  std::string domain = to_lower_ascii(text.starts_with('.') ? text.substr(1) : text);
  if (x509::parse_ip_address(domain) || !x509::is_host_name(domain))
    return broken(rules::domain_unfit, "'" + escaped(text) + "' is no domain");
  if (x509::is_public_suffix(domain))
    return broken(rules::domain_unfit, "anybody can have names below " + escaped(domain));
  return domain;
}

std::vector<std::string> more_domains(const x509::Certificate& certificate) {
  std::vector<std::string> more;
  if (!certificate.name_constraints) return more;
  for (const GeneralName& one : certificate.name_constraints->permitted) {
    std::string domain(as_text(one.value));
    const bool usual = std::ranges::find(permitted_domains, domain) != permitted_domains.end();
    if (one.form == GeneralNameForm::dNSName && !usual && canonical_domain(domain)) more.push_back(std::move(domain));
  }
  return more;
}

Result<std::vector<x509::GeneralName>> alternative_names(std::span<const std::string> names,
                                                         std::span<const std::string> more) {
  if (names.empty() || names.size() > max_names) {
    return broken(rules::name_count, "a certificate for " + std::to_string(names.size()) + " names");
  }
  std::vector<GeneralName> result;
  for (const std::string& name : names) result.push_back(PADLOCK_TRY(alternative_name(name, more)));
  std::ranges::sort(result, {}, key_of);
  const auto twice = std::ranges::unique(result, {}, key_of);
  result.erase(twice.begin(), twice.end());
  return result;
}

std::string to_text(const x509::GeneralName& name) {
  if (name.form != GeneralNameForm::iPAddress) return escaped(as_text(name.value));
  IpAddress address{.bytes = {}, .length = std::min<std::size_t>(name.value.size(), 16)};
  std::ranges::copy_n(name.value.begin(), static_cast<std::ptrdiff_t>(address.length), address.bytes.begin());
  return x509::to_string(address);
}

std::string file_name_of(std::string name) {
  std::ranges::replace(name, ':', '_');
  if (name.starts_with('*')) name.replace(0, 1, "_wildcard");
  return name;
}

std::string folder_name(std::span<const x509::GeneralName> names) {
  std::string first = file_name_of(to_text(names.front()));
  if (names.size() == 1 && first.size() <= folder_name_part) return first;
  std::string all;
  for (const GeneralName& name : names) all += to_text(name) + "\n";
  const crypto::Digest digest = crypto::hash_of(crypto::HashAlgorithm::sha256, as_bytes(all));
  return first.substr(0, folder_name_part) + "+" + std::to_string(names.size() - 1) + "-" +
         to_hex(digest.bytes().first(folder_digest_bytes));
}

}  // namespace padlock::ca
