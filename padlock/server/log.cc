#include "padlock/server/log.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "padlock/base/text.h"
#include "padlock/server/limits.h"
#include "padlock/server/text_of_second.h"

namespace padlock::server {
namespace {

/// On one line and safe to print. What an error quotes is escaped already, so backslashes stay as they are.
std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '\\' ? std::string(1, c) : escaped(std::string_view(&c, 1));
  return out;
}

std::string cut(std::string line) {
  constexpr std::string_view mark = "...";
  if (line.size() > limits::log_line_bytes) {
    line.resize(limits::log_line_bytes - mark.size());
    line += mark;
  }
  return line;
}

/// "0.82 ms", two digits behind the point.
std::string milliseconds_text(std::chrono::nanoseconds time) {
  const auto hundredths = std::max<std::int64_t>(0, time.count()) / 10'000;
  const std::string digits = std::to_string(hundredths % 100);
  return std::to_string(hundredths / 100) + "." + std::string(2 - digits.size(), '0') + digits + " ms";
}

}  // namespace

std::string quotable(std::string_view text) {
  std::string out = escaped(text);
  for (std::size_t quote = out.find('"'); quote != std::string::npos; quote = out.find('"', quote))
    out.replace(quote, 1, "\\x22");
  return out;
}

std::string format_request(const RequestRecord& record) {
  thread_local TextOfSecond time(padlock::to_string);
  // The target comes from the client and may be long; it stands last before the fixed fields, which are never cut off.
  std::string tail = "\" " + std::to_string(record.status) + " " + std::to_string(record.body_bytes) + " B " +
                     milliseconds_text(record.took) + " ";
  tail += record.protection;
  if (!record.complete) tail += " incomplete";
  std::string line = time.of(record.time);
  line.reserve(std::min(limits::log_line_bytes, line.size() + record.target.size() + tail.size() + 128));
  line.append(" ").append(record.client).append(" ");
  line.append(record.authority.empty() ? "-" : quotable(record.authority));
  line.append(" \"").append(quotable(record.method)).append(" ").append(quotable(record.target));
  const std::size_t room = limits::log_line_bytes - std::min(limits::log_line_bytes, tail.size());
  if (line.size() > room) line.replace(room - 3, std::string::npos, "...");
  return line += tail;
}

std::string format_failure(WallTime time, std::string_view client, const Error& error) {
  return cut(padlock::to_string(time) + " " + std::string(client) + " failed: " + printable(error.to_string()));
}

bool FailureLimiter::admit(const Rule& rule, std::chrono::nanoseconds monotonic, std::uint64_t& suppressed) {
  Window& window = windows_[&rule];
  const auto second = std::chrono::floor<std::chrono::seconds>(monotonic);
  if (window.second != second) {
    window.second = second;
    window.lines = 0;
  }
  if (window.lines == limits::log_lines_per_second) {
    ++window.suppressed;
    return false;
  }
  ++window.lines;
  suppressed = std::exchange(window.suppressed, 0);
  return true;
}

}  // namespace padlock::server
