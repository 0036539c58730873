#include "padlock/x509/names.h"

#include <algorithm>
#include <ranges>

#include "padlock/x509/host_name.h"
#include "padlock/x509/parse.h"
#include "padlock/x509/rules.h"

namespace padlock::x509 {

namespace {

bool is_address_length(std::size_t size) { return size == 4 || size == 16; }

std::string address_text(Bytes octets) {
  IpAddress address;
  copy_bytes(octets, address.bytes);
  address.length = octets.size();
  return to_string(address);
}

/// An address, or address/mask as constraints hold them.
std::string ip_text(Bytes value) {
  if (is_address_length(value.size())) return address_text(value);
  const std::size_t half = value.size() / 2;
  if (value.size() != 8 && value.size() != 32) return "0x" + to_hex(value);
  return address_text(value.first(half)) + "/" + address_text(value.subspan(half));
}

std::string directory_text(Bytes der) {
  der::Reader in(der, "directoryName");
  const auto name = parse_name(in, "directoryName");
  return name ? "directory name " + name->text() : "directory name 0x" + to_hex(der);
}

bool all_of(std::string_view text, std::string_view allowed) {
  return text.find_first_not_of(allowed) == std::string_view::npos;
}

/// Addresses of any spelling that some software takes: decimal with any zeros, hexadecimal, IPv6.
bool reads_as_address(std::string_view text) {
  constexpr std::string_view hex_digits = "0123456789abcdefABCDEF";
  const bool dotted = text.contains('.') && all_of(text, "0123456789.");
  const bool hexadecimal = text.starts_with("0x") && text.size() > 2 && all_of(text.substr(2), hex_digits);
  const bool ipv6 = text.contains(':') && all_of(text, "0123456789abcdefABCDEF:.");
  return dotted || hexadecimal || ipv6;
}

/// A dotted name of characters that stand in host names, international ones included.
bool reads_as_host(std::string_view text) {
  return text.contains('.') && std::ranges::all_of(text, [](char c) {
           const bool ascii = static_cast<unsigned char>(c) < 0x80;
           return !ascii || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  std::string_view("-_.*").contains(c);
         });
}

bool spells_an_address(const GeneralName& name, std::string_view text) {
  return name.form == GeneralNameForm::iPAddress && is_address_length(name.value.size()) &&
         address_text(name.value) == text;
}

bool tells_the_same(const Certificate& certificate, std::string_view text) {
  const bool address = reads_as_address(text);
  bool hosts = false;
  for (const GeneralName& name : certificate.subject_alternative_names) {
    const bool host = name.form == GeneralNameForm::dNSName;
    hosts = hosts || host;
    if (spells_an_address(name, text) || (host && as_text(name.value) == text)) return true;
    if (!address && host && is_within(as_text(name.value), text)) return true;
  }
  return !address && !hosts;
}

}  // namespace

std::string text_of(const GeneralName& name) {
  switch (name.form) {
    case GeneralNameForm::dNSName: return escaped(as_text(name.value));
    case GeneralNameForm::iPAddress: return ip_text(name.value);
    case GeneralNameForm::directoryName: return directory_text(name.value);
    case GeneralNameForm::rfc822Name: return "mail " + escaped(as_text(name.value));
    case GeneralNameForm::uniformResourceIdentifier: return "URI " + escaped(as_text(name.value));
    case GeneralNameForm::otherName: return "otherName";
    case GeneralNameForm::x400Address: return "x400Address";
    case GeneralNameForm::ediPartyName: return "ediPartyName";
    case GeneralNameForm::registeredID: return "registeredID";
  }
  return "unknown form";
}

Result<void> check_names(const Certificate& certificate) {
  for (const GeneralName& name : certificate.subject_alternative_names) {
    const bool bad_host = name.form == GeneralNameForm::dNSName && !is_presented_name(as_text(name.value));
    const bool bad_address = name.form == GeneralNameForm::iPAddress && !is_address_length(name.value.size());
    if (bad_host) return broken(rules::malformed_name, "the dNSName \"" + text_of(name) + "\" is no host name");
    if (bad_address) return broken(rules::malformed_name, "the iPAddress " + text_of(name) + " is no address");
  }
  return {};
}

Result<void> check_common_name(const Certificate& certificate) {
  const auto names = PADLOCK_TRY(parse_relative_names(certificate.subject.der));
  for (const Attribute& attribute : std::views::join(names)) {
    if (attribute.type != der::oid::commonName) continue;
    const bool telling = reads_as_address(attribute.value) || reads_as_host(attribute.value);
    if (telling && !tells_the_same(certificate, attribute.value)) {
      return broken(rules::common_name_not_in_san,
                    "the common name " + escaped(attribute.value) + " is not in subjectAltName");
    }
  }
  return {};
}

}  // namespace padlock::x509
