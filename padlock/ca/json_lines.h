#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include <nlohmann/json.hpp>

#include "padlock/base/instant.h"

// Files of one JSON object a line, for sources of this folder alone: JSON is no part of its public headers.

namespace padlock::ca {

using Json = nlohmann::ordered_json;

inline bool has_text(const Json& object, const char* key) { return object.contains(key) && object[key].is_string(); }
inline bool has_time(const Json& object, const char* key) {
  return object.contains(key) && object[key].is_number_integer();
}
inline WallTime time_of(const Json& seconds) { return WallTime(std::chrono::seconds(seconds.get<std::int64_t>())); }

/// Calls `take` for each line that is not empty.
void for_each_line(std::string_view text, auto&& take) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) take(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace padlock::ca
