#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/http/message/message.h"

/// Conditional and range requests (RFC 9110, sections 13 and 14), as calculations.
namespace padlock::http {

/// What tells one state of a resource from another.
struct Validators {
  std::string entity_tag;  ///< with its quotes: "\"abc\"", or weak "W/\"abc\""
  WallTime last_modified{};
};

enum class Precondition : std::uint8_t {
  proceed,
  not_modified,  ///< 304
  failed,        ///< 412
};

/// RFC 9110, section 13.2.2, steps 1 to 4. Dates that cannot be read are ignored; lists of entity tags that cannot be
/// read match nothing.
Precondition evaluate_preconditions(const Request& request, const Validators& validators, WallTime now);

struct WholeBody {};
struct BodyPart {
  std::uint64_t first;
  std::uint64_t last;  ///< inclusive
  std::uint64_t size() const { return last - first + 1; }
};
struct NotSatisfiable {};  ///< 416
/// Several parts, at least two, in the order in which they were asked for.
using BodyParts = std::vector<BodyPart>;
using RangeAnswer = std::variant<WholeBody, BodyPart, BodyParts, NotSatisfiable>;

/// What a request's Range asks of a body of `size` bytes, once its preconditions hold. Those of several ranges that lie
/// inside are parts. Another unit than bytes, another method than GET, or an If-Range that does not match are the
/// whole; so are more than limits::ranges and ranges that overlap, which together would be more than the whole
/// (RFC 9110, section 14.2; docs/threats.md, H9). A malformed field, and ranges that all lie outside, are neither.
RangeAnswer evaluate_range(const Request& request, const Validators& validators, std::uint64_t size, WallTime now);

}  // namespace padlock::http
