#include "padlock/http/message/content_coding.h"

#include <algorithm>
#include <optional>

#include "padlock/base/text.h"
#include "padlock/http/message/syntax.h"

namespace padlock::http {
namespace {

constexpr std::array<std::string_view, 4> names{"identity", "gzip", "zstd", "br"};

/// qvalue (RFC 9110, section 12.4.2) in thousandths: "0.5" is 500.
std::optional<std::uint16_t> parse_qvalue(std::string_view text) {
  constexpr std::size_t digits = 3;
  if (text.empty() || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  const std::string_view fraction = text.substr(std::min<std::size_t>(text.size(), 2));
  if (fraction.size() > digits || !std::ranges::all_of(fraction, is_digit)) return std::nullopt;
  unsigned value = text[0] == '1' ? 1 : 0;
  for (std::size_t at = 0; at < digits; ++at)
    value = value * 10 + (at < fraction.size() ? static_cast<unsigned>(fraction[at] - '0') : 0);
  return value <= AcceptEncoding::most ? std::optional(static_cast<std::uint16_t>(value)) : std::nullopt;
}

struct Wish {
  std::string_view coding;
  std::uint16_t weight;
};

/// codings [ weight ]: "gzip", "br;q=0.8", "*;q=0".
std::optional<Wish> parse_wish(std::string_view element) {
  const std::size_t semicolon = element.find(';');
  const Wish named{trimmed(element.substr(0, semicolon)), AcceptEncoding::most};
  if (!is_token(named.coding)) return std::nullopt;
  if (semicolon == std::string_view::npos) return named;
  const std::string_view weight = trimmed(element.substr(semicolon + 1));
  if (!equal_ignoring_ascii_case(weight.substr(0, 2), "q=")) return std::nullopt;
  const auto value = parse_qvalue(weight.substr(2));
  return value ? std::optional(Wish{named.coding, *value}) : std::nullopt;
}

std::optional<std::size_t> number_of(std::string_view coding) {
  if (equal_ignoring_ascii_case(coding, "x-gzip")) coding = "gzip";  // RFC 9110, section 8.4.1.3
  const auto found =
      std::ranges::find_if(names, [&](std::string_view name) { return equal_ignoring_ascii_case(name, coding); });
  return found == names.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - names.begin()));
}

}  // namespace

std::string_view name_of(ContentCoding coding) { return names.at(static_cast<std::size_t>(coding)); }

AcceptEncoding AcceptEncoding::of(const Fields& fields) {
  std::array<std::optional<std::uint16_t>, names.size()> named;
  std::optional<std::uint16_t> others;
  for (const FieldView& field : fields.all()) {
    if (!equal_ignoring_ascii_case(field.name, "Accept-Encoding")) continue;
    for_each_element(field.value, [&](std::string_view element) {
      const auto wish = parse_wish(element);
      if (!wish) return true;
      if (wish->coding == "*") others = wish->weight;
      if (const auto number = number_of(wish->coding)) named.at(*number) = wish->weight;
      return true;
    });
  }
  AcceptEncoding wanted;
  for (std::size_t at = 0; at < names.size(); ++at) wanted.weights_.at(at) = named.at(at).value_or(others.value_or(0));
  constexpr std::size_t identity = 0;
  if (!named.at(identity)) wanted.weights_.at(identity) = others == 0 ? 0 : least;
  return wanted;
}

}  // namespace padlock::http
