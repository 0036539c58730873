#pragma once

#include <cstddef>
#include <string_view>

/// The characters that RFC 9110, section 5.6, and RFC 3986, section 2, build on.
namespace padlock::http {

bool is_digit(char c);
bool is_hex_digit(char c);
bool is_alpha(char c);
/// RFC 9110, section 5.6.2: what methods and field names are made of.
bool is_token_char(char c);
/// One or more token characters.
bool is_token(std::string_view text);
/// 0x00 to 0x1f and 0x7f.
bool is_control(char c);
/// Where the first control character but HTAB is; the text's size: there is none.
std::size_t find_control(std::string_view text);
/// A field value that may be sent: no control characters but HTAB, no white space at the ends (RFC 9110, section 5.5).
bool is_field_value(std::string_view text);
/// Without SP and HTAB at the ends (RFC 9110, section 5.6.3: OWS).
std::string_view trimmed(std::string_view text);
/// What may stand in a request target: visible ASCII without `"`, `<`, `>` and `#`. Wider than RFC 3986 by the
/// characters ``\^`{|}`` that browsers leave unencoded in a query (WHATWG URL); a file's path refuses `\` later.
bool is_target_char(char c);

/// Calls `visit(element)` for each element of a comma-separated list (RFC 9110, section 5.6.1), trimmed, empty elements
/// too; stops early when it gives false. Gives whether all were visited. Commas in quoted strings are not known here.
template <class Visit>
bool for_each_element(std::string_view list, Visit&& visit) {
  for (;;) {
    const std::size_t comma = list.find(',');
    if (!visit(trimmed(list.substr(0, comma)))) return false;
    if (comma == std::string_view::npos) return true;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace padlock::http
