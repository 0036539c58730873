#include "padlock/http/message/conditional.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "padlock/base/text.h"
#include "padlock/http/limits.h"
#include "padlock/http/message/date.h"
#include "padlock/http/message/syntax.h"

namespace padlock::http {
namespace {

enum class Comparison : std::uint8_t { strong, weak };  // RFC 9110, section 8.8.3.2

bool is_weak(std::string_view tag) { return tag.starts_with("W/"); }

bool same_tag(std::string_view a, std::string_view b, Comparison comparison) {
  if (comparison == Comparison::strong) return !is_weak(a) && a == b;
  const auto opaque = [](std::string_view tag) { return is_weak(tag) ? tag.substr(2) : tag; };
  return opaque(a) == opaque(b);
}

bool is_tag_char(char c) { return c == '!' || (c >= '#' && c != 0x7f) || static_cast<unsigned char>(c) >= 0x80; }

/// Takes one entity-tag from the front; nothing if there is none.
std::optional<std::string_view> take_tag(std::string_view& text) {
  const std::size_t open = is_weak(text) ? 2 : 0;
  if (text.size() <= open || text[open] != '"') return std::nullopt;
  const std::size_t close = text.find('"', open + 1);
  if (close == std::string_view::npos || !std::ranges::all_of(text.substr(open + 1, close - open - 1), is_tag_char))
    return std::nullopt;
  const std::string_view tag = text.substr(0, close + 1);
  text.remove_prefix(close + 1);
  return tag;
}

/// Whether `list` is `*` or holds `tag`; a list that cannot be read to its end holds nothing.
bool list_holds(std::string_view list, std::string_view tag, Comparison comparison) {
  if (list == "*") return true;
  bool found = false;
  for (std::size_t count = 0; count < limits::entity_tags; ++count) {
    const auto element = take_tag(list);
    if (!element) return false;
    found = found || same_tag(*element, tag, comparison);
    list = trimmed(list);
    if (list.empty()) return found;
    if (list.front() != ',') return false;
    list = trimmed(list.substr(1));
  }
  return false;
}

/// All fields of that name as one list (RFC 9110, section 5.3); nothing if there is none.
std::optional<std::string> combined(const Fields& fields, std::string_view name) {
  std::optional<std::string> list;
  for (const FieldView& field : fields.all())
    if (equal_ignoring_ascii_case(field.name, name))
      list = list ? *list + ", " + std::string(field.value) : std::string(field.value);
  return list;
}

std::optional<WallTime> date_of(const Fields& fields, std::string_view name, WallTime now) {
  if (fields.count(name) != 1) return std::nullopt;
  return parse_http_date(*fields.find(name), now);
}

/// RFC 9110, section 13.1.5: a strong entity tag that matches, or exactly the date, if that is old enough to be strong.
bool if_range_holds(const Fields& fields, const Validators& validators, WallTime now) {
  const auto value = fields.find("If-Range");
  if (!value) return true;
  if (value->starts_with('"') || is_weak(*value)) return same_tag(*value, validators.entity_tag, Comparison::strong);
  const auto date = parse_http_date(*value, now);
  return date && *date == validators.last_modified && now - validators.last_modified >= std::chrono::seconds(1);
}

struct ByteRange {
  std::optional<std::uint64_t> first;
  std::optional<std::uint64_t> last;  ///< or, without `first`, how many bytes from the end
};

/// int-range or suffix-range (RFC 9110, section 14.1.1).
std::optional<ByteRange> parse_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::string_view before = text.substr(0, dash);
  const std::string_view after = text.substr(dash + 1);
  ByteRange range{parse_decimal(before), parse_decimal(after)};
  const bool good = (before.empty() || range.first) && (after.empty() || range.last) && (range.first || range.last) &&
                    (!range.first || !range.last || *range.first <= *range.last);
  return good ? std::optional(range) : std::nullopt;
}

/// Nothing: it lies outside.
std::optional<BodyPart> part_of(const ByteRange& range, std::uint64_t size) {
  if (!range.first) {
    const std::uint64_t count = std::min(*range.last, size);
    return count == 0 ? std::nullopt : std::optional(BodyPart{size - count, size - 1});
  }
  if (*range.first >= size) return std::nullopt;
  return BodyPart{*range.first, std::min(range.last.value_or(size - 1), size - 1)};
}

/// Then the sum of their sizes is no more than that of the whole.
bool are_apart(BodyParts parts) {
  std::ranges::sort(parts, {}, &BodyPart::first);
  return std::ranges::adjacent_find(parts, [](const BodyPart& a, const BodyPart& b) { return a.last >= b.first; }) ==
         parts.end();
}

}  // namespace

Precondition evaluate_preconditions(const Request& request, const Validators& validators, WallTime now) {
  const Fields& fields = request.fields;
  const bool read_only = request.method == "GET" || request.method == "HEAD";
  if (const auto list = combined(fields, "If-Match")) {
    if (!list_holds(*list, validators.entity_tag, Comparison::strong)) return Precondition::failed;
  } else if (const auto date = date_of(fields, "If-Unmodified-Since", now)) {
    if (validators.last_modified > *date) return Precondition::failed;
  }
  if (const auto list = combined(fields, "If-None-Match")) {
    if (!list_holds(*list, validators.entity_tag, Comparison::weak)) return Precondition::proceed;
    return read_only ? Precondition::not_modified : Precondition::failed;
  }
  const auto date = read_only ? date_of(fields, "If-Modified-Since", now) : std::nullopt;
  return date && validators.last_modified <= *date ? Precondition::not_modified : Precondition::proceed;
}

RangeAnswer evaluate_range(const Request& request, const Validators& validators, std::uint64_t size, WallTime now) {
  constexpr std::string_view unit = "bytes=";
  if (request.method != "GET" || request.fields.count("Range") != 1) return WholeBody{};
  const std::string_view value = *request.fields.find("Range");
  if (!equal_ignoring_ascii_case(value.substr(0, unit.size()), unit)) return WholeBody{};
  if (!if_range_holds(request.fields, validators, now)) return WholeBody{};
  std::size_t count = 0;
  BodyParts parts;
  const bool readable = for_each_element(value.substr(unit.size()), [&](std::string_view element) {
    const auto range = parse_range(element);
    if (!range || ++count > limits::ranges) return false;
    if (const auto part = part_of(*range, size)) parts.push_back(*part);
    return true;
  });
  if (count > limits::ranges) return WholeBody{};
  if (!readable || parts.empty()) return NotSatisfiable{};
  if (parts.size() == 1) return parts.front();
  return are_apart(parts) ? RangeAnswer(std::move(parts)) : WholeBody{};
}

}  // namespace padlock::http
