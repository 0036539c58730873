#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "padlock/base/reader.h"
#include "padlock/base/writer.h"
#include "padlock/tls/types.h"
#include "padlock/tls/wire/list.h"

namespace padlock::tls {

/// What a code point is called, for people: the registry's spelling, "GREASE" or "unknown".
template <class CodePoint>
std::string_view meaning_of(CodePoint point) {
  return is_grease(static_cast<std::uint16_t>(point)) ? "GREASE" : name_of(point);
}

/// One 16-bit code point.
template <class CodePoint>
Result<CodePoint> parse_code_point(Reader& in, std::string_view field) {
  const auto point = static_cast<CodePoint>(PADLOCK_TRY(in.u16(field)));
  if (in.sink() != nullptr) in.meaning(meaning_of(point));
  return point;
}

/// All that a vector holds, as code points of 16 bits.
template <class CodePoint>
Result<List<CodePoint>> parse_code_points(Result<Reader> vector, std::string_view field,
                                          Arena arena = std::pmr::get_default_resource()) {
  Reader list = PADLOCK_TRY(std::move(vector));
  List<CodePoint> points(arena);
  points.reserve(list.remaining() / 2);
  while (!list.empty()) points.push_back(PADLOCK_TRY(parse_code_point<CodePoint>(list, field)));
  return points;
}

template <class CodePoint>
void write_code_points(Writer& out, std::span<const CodePoint> points) {
  for (const CodePoint point : points) out.u16(static_cast<std::uint16_t>(point));
}

/// A copy that outlives the message.
inline std::vector<std::uint8_t> copy_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

inline List<std::uint8_t> copy_of(Bytes bytes, Arena arena) { return {bytes.begin(), bytes.end(), arena}; }

/// A copy of a vector's content.
inline Result<std::vector<std::uint8_t>> copy_of(Result<Reader> vector) {
  return copy_of(PADLOCK_TRY(std::move(vector)).rest());
}
inline Result<List<std::uint8_t>> copy_of(Result<Reader> vector, Arena arena) {
  return copy_of(PADLOCK_TRY(std::move(vector)).rest(), arena);
}

}  // namespace padlock::tls
