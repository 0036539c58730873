#include "padlock/http/h2/priority.h"

#include <algorithm>
#include <optional>

#include "padlock/http/message/syntax.h"

namespace padlock::http::h2 {
namespace {

bool is_lower_alpha(char c) { return c >= 'a' && c <= 'z'; }
bool is_key_char(char c) { return is_lower_alpha(c) || is_digit(c) || c == '_' || c == '-' || c == '.' || c == '*'; }

/// A cursor over a dictionary (RFC 8941, section 4.2.2). Takes return nothing, or false, where the text is malformed.
class DictionaryReader {
 public:
  explicit DictionaryReader(std::string_view text) : left_(trimmed(text)) {}

  bool empty() const { return left_.empty(); }
  char peek() const { return left_.empty() ? '\0' : left_.front(); }
  bool skip(char c) {
    if (peek() != c) return false;
    left_.remove_prefix(1);
    return true;
  }
  std::optional<std::string_view> key() {
    if (!is_lower_alpha(peek()) && peek() != '*') return std::nullopt;
    return take_while(is_key_char);
  }
  /// A bare item, or an inner list whole; gives its text.
  std::optional<std::string_view> value() {
    if (peek() == '"') return quoted();
    if (peek() == '(') return inner_list();
    const auto text = take_while([](char c) { return c > ' ' && c < 0x7f && c != ',' && c != ';' && c != ')'; });
    return text.empty() ? std::nullopt : std::optional(text);
  }
  bool parameters() {
    while (skip(';')) {
      while (skip(' ')) {
      }
      if (!key() || (skip('=') && !value())) return false;
    }
    return true;
  }
  /// The comma before the next member, with the white space around it; true at the end too.
  bool next_member() {
    const bool had_space = !take_while([](char c) { return c == ' ' || c == '\t'; }).empty();
    if (empty()) return !had_space;
    if (!skip(',')) return false;
    take_while([](char c) { return c == ' ' || c == '\t'; });
    return !empty();
  }

 private:
  template <class Good>
  std::string_view take_while(Good good) {
    const auto end = std::ranges::find_if_not(left_, good) - left_.begin();
    const std::string_view taken = left_.substr(0, static_cast<std::size_t>(end));
    left_.remove_prefix(taken.size());
    return taken;
  }
  std::optional<std::string_view> quoted() {
    const std::string_view whole = left_;
    for (std::size_t i = 1; i < whole.size(); ++i) {
      if (whole[i] == '\\')
        ++i;
      else if (whole[i] == '"') {
        left_.remove_prefix(i + 1);
        return whole.substr(0, i + 1);
      }
    }
    return std::nullopt;
  }
  std::optional<std::string_view> inner_list() {
    const std::string_view whole = left_;
    skip('(');
    for (;;) {
      while (skip(' ')) {
      }
      if (skip(')')) return whole.substr(0, whole.size() - left_.size());
      if (peek() == '(' || !value() || !parameters()) return std::nullopt;
    }
  }

  std::string_view left_;
};

}  // namespace

Priority parse_priority(std::string_view text) {
  Priority priority;
  DictionaryReader in(text);
  while (!in.empty()) {
    const auto key = in.key();
    if (!key) return {};
    std::string_view value = "?1";  // a key alone is true
    if (in.skip('=')) {
      const auto given = in.value();
      if (!given) return {};
      value = *given;
    }
    if (!in.parameters() || !in.next_member()) return {};
    if (*key == "u" && value.size() == 1 && value.front() >= '0' && value.front() <= '7')
      priority.urgency = static_cast<std::uint8_t>(value.front() - '0');
    if (*key == "i" && (value == "?1" || value == "?0")) priority.incremental = value == "?1";
  }
  return priority;
}

}  // namespace padlock::http::h2
