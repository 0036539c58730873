#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string_view>

#include <nlohmann/json.hpp>

#include "padlock/base/instant.h"
#include "padlock/base/text.h"
#include "padlock/net/atomic_file.h"
#include "padlock/net/rules.h"

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

/// A file of entries, of at most `most` bytes; one that is missing is empty. What `parse` makes nothing of is counted.
template <class Log>
Result<Log> read_lines(const std::filesystem::path& file, std::size_t most, auto&& parse) {
  Log log;
  const auto bytes = net::read_file(file, most);
  if (!bytes && bytes.error().rule == &net::rules::file_missing) return log;
  if (!bytes) return std::unexpected(bytes.error());
  for_each_line(as_text(*bytes), [&](std::string_view line) {
    auto entry = parse(line);
    if (!entry) ++log.unreadable;
    if (entry) log.entries.push_back(*std::move(entry));
  });
  return log;
}

}  // namespace padlock::ca
