#include <algorithm>
#include <array>
#include <ranges>
#include <string>

#include "padlock/x509/limits.h"
#include "padlock/x509/octets.h"
#include "padlock/x509/parse.h"
#include "padlock/x509/rules.h"

namespace padlock::x509 {

namespace {

namespace oid = der::oid;
namespace tag = der::tag;

void append_utf8(std::string& out, std::uint32_t point) {
  const auto put = [&out](std::uint32_t octet) { out += static_cast<char>(octet); };
  if (point < 0x80) return put(point);
  if (point < 0x800) {
    put(0xc0 | point >> 6);
  } else if (point < 0x10000) {
    put(0xe0 | point >> 12);
    put(0x80 | (point >> 6 & 0x3f));
  } else {
    put(0xf0 | (point >> 18 & 0x07));
    put(0x80 | (point >> 12 & 0x3f));
    put(0x80 | (point >> 6 & 0x3f));
  }
  put(0x80 | (point & 0x3f));
}

/// Characters of `width` big-endian octets each: TeletexString (read as Latin-1, as everybody does), BMPString,
/// UniversalString. Nothing if an octet is left over or a character is beyond Unicode.
std::optional<std::string> from_wide(Bytes content, std::size_t width) {
  if (content.size() % width != 0) return std::nullopt;
  std::string out;
  for (; !content.empty(); content = content.subspan(width)) {
    std::uint32_t point = 0;
    for (const std::uint8_t octet : content.first(width)) point = point << 8 | octet;
    if (point > 0x10ffff) return std::nullopt;
    append_utf8(out, point);
  }
  return out;
}

/// The value of a UTF-8 sequence's bytes behind its first; nothing if one is missing or no continuation.
std::optional<std::uint32_t> continued(std::uint32_t point, Bytes rest) {
  for (const std::uint8_t octet : rest) {
    if ((octet & 0xc0) != 0x80) return std::nullopt;
    point = point << 6 | (octet & 0x3f);
  }
  return point;
}

/// RFC 3629, section 3: shortest forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(Bytes text) {
  while (!text.empty()) {
    const std::uint8_t first = text.front();
    const std::size_t length = first < 0x80         ? 1
                               : first >> 5 == 0x06 ? 2
                               : first >> 4 == 0x0e ? 3
                               : first >> 3 == 0x1e ? 4
                                                    : 0;
    if (length == 0 || text.size() < length) return false;
    constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
    const auto bits = static_cast<std::uint8_t>(length == 1 ? first : first & (0x7f >> length));
    const auto point = continued(bits, text.subspan(1, length - 1));
    if (!point || *point < least.at(length) || *point > 0x10ffff || (*point >= 0xd800 && *point < 0xe000)) return false;
    text = text.subspan(length);
  }
  return true;
}

/// The text of a string type as UTF-8; nothing if it is another type or breaks its own rules.
std::optional<std::string> decode_string(const der::Element& element) {
  switch (element.tag) {
    case tag::utf8_string:
      return is_utf8(element.content) ? std::optional(std::string(as_text(element.content))) : std::nullopt;
    case tag::printable_string:
    case tag::ia5_string:
    case tag::visible_string:
      return ascii(element.content) ? std::optional(std::string(as_text(element.content))) : std::nullopt;
    case tag::teletex_string: return from_wide(element.content, 1);
    case tag::bmp_string: return from_wide(element.content, 2);
    case tag::universal_string: return from_wide(element.content, 4);
    default: return std::nullopt;
  }
}

bool is_string(der::Tag type) {
  constexpr std::array types{tag::utf8_string,    tag::printable_string, tag::ia5_string,      tag::visible_string,
                             tag::teletex_string, tag::bmp_string,       tag::universal_string};
  return std::ranges::find(types, type) != types.end();
}

/// Attributes whose values are strings (RFC 5280, appendix A.1): those of X.520 (2.5.4) that people know.
bool has_a_string(const der::Oid& type) { return !der::name_of(type).empty(); }

/// AttributeTypeAndValue ::= SEQUENCE { type OBJECT IDENTIFIER, value ANY }: of a type that nobody knows here, any
/// universal one.
Result<Attribute> parse_attribute(der::Reader& set) {
  der::Reader in = PADLOCK_TRY(set.sequence("attribute"));
  Attribute attribute;
  attribute.type = PADLOCK_TRY(in.object_identifier("type"));
  const auto value = PADLOCK_TRY(in.any("value"));
  PADLOCK_TRY(in.finish());
  constexpr der::Tag class_bits = 0xc0;
  if ((has_a_string(attribute.type) && !is_string(value.tag)) || (value.tag & class_bits) != 0)
    return broken(rules::malformed_name, describe(attribute.type) + " is " + der::name_of(value.tag));
  auto text = decode_string(value);
  if (!text && is_string(value.tag))
    return broken(rules::malformed_name, describe(attribute.type) + " is no good " + der::name_of(value.tag));
  attribute.value = text ? *std::move(text) : "#" + to_hex(value.whole);
  if (set.sink() != nullptr) set.sink()->meaning(escaped(attribute.value));
  return attribute;
}

/// RDNSequence ::= SEQUENCE OF SET SIZE (1..MAX) OF AttributeTypeAndValue
Result<std::vector<std::vector<Attribute>>> parse_rdn_sequence(der::Reader in) {
  std::vector<std::vector<Attribute>> names;
  while (!in.empty()) {
    if (names.size() == max_relative_names) return broken(rules::malformed_name, "a name of more than 64 parts");
    der::Reader set = PADLOCK_TRY(in.set("relativeDistinguishedName"));
    auto& attributes = names.emplace_back();
    do attributes.push_back(PADLOCK_TRY(parse_attribute(set)));
    while (!set.empty());
  }
  return names;
}

/// Short names that people know (RFC 4514, section 3, and common use).
std::string short_name(const der::Oid& type) {
  if (type == oid::commonName) return "CN";
  if (type == oid::countryName) return "C";
  if (type == oid::organizationName) return "O";
  if (type == oid::organizationalUnitName) return "OU";
  if (type == oid::localityName) return "L";
  if (type == oid::stateOrProvinceName) return "ST";
  if (type == oid::domainComponent) return "DC";
  if (type == oid::userId) return "UID";
  return describe(type);
}

/// A value as RFC 4514, section 2.4, writes it, and safe to print: other than printable ASCII becomes `\xNN`.
std::string escaped_value(std::string_view value) {
  std::string out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    const bool at_an_end = i == 0 || i + 1 == value.size();
    const bool special = std::string_view(",+\"<>;=").contains(c) || (c == ' ' && at_an_end);
    if (special) out += '\\';
    out += escaped(value.substr(i, 1));
  }
  return out;
}

/// Last relative name first (RFC 4514, section 2.1).
std::string to_text(const std::vector<std::vector<Attribute>>& names) {
  std::string text;
  for (const auto& attributes : std::views::reverse(names)) {
    std::string_view separator = text.empty() ? "" : ",";
    for (const Attribute& attribute : attributes) {
      text.append(separator).append(short_name(attribute.type)).append("=").append(escaped_value(attribute.value));
      separator = "+";
    }
  }
  return text;
}

std::string last_common_name(const std::vector<std::vector<Attribute>>& names) {
  std::string found;
  for (const Attribute& attribute : std::views::join(names)) {
    if (attribute.type == oid::commonName) found = escaped(attribute.value);
  }
  return found;
}

}  // namespace

bool Name::empty() const { return der.size() <= 2; }

std::string Name::text() const {
  const auto names = parse_relative_names(der);
  return names ? to_text(*names) : std::string();
}

std::string Name::common_name() const {
  const auto names = parse_relative_names(der);
  return names ? last_common_name(*names) : std::string();
}

std::string Name::short_text() const {
  std::string name = common_name();
  return name.empty() ? text() : name;
}

Result<Name> parse_name(der::Reader& in, std::string_view field) {
  const auto element = PADLOCK_TRY(in.element(field, tag::sequence));
  PADLOCK_TRY(parse_rdn_sequence(in.inside(element, field)));
  return Name{{element.whole.begin(), element.whole.end()}};
}

Result<std::vector<std::vector<Attribute>>> parse_relative_names(Bytes name_der) {
  der::Reader outer(name_der, "Name");
  const der::Reader in = PADLOCK_TRY(outer.sequence("rdnSequence"));
  PADLOCK_TRY(outer.finish());
  return parse_rdn_sequence(in);
}

}  // namespace padlock::x509
