#pragma once

#include <optional>
#include <utility>

#include "padlock/http/h1/field_reader.h"
#include "padlock/http/h1/line_reader.h"
#include "padlock/http/h1/start_line.h"
#include "padlock/http/rules.h"

namespace padlock::http::h1 {

template <class StartLine>
struct Head {
  StartLine start;
  Fields fields;
};

/// Reads a start line and the fields after it. `StartLine`: RequestLine or StatusLine.
template <class StartLine>
class HeadReader {
 public:
  HeadReader(std::size_t start_line_bytes, FieldLimits fields) : most_(start_line_bytes), fields_(fields) {}

  Result<std::optional<Head<StartLine>>> take(Bytes& in) {
    while (!start_ && !in.empty()) {
      const auto line = PADLOCK_TRY(lines_.take(in, most_, rules::start_line_too_long));
      if (line) PADLOCK_TRY(start_line(*line));
    }
    auto fields = PADLOCK_TRY(fields_.take(in));
    if (!fields) return std::nullopt;
    return Head<StartLine>{std::move(*start_), std::move(*fields)};
  }
  /// No byte of a head has come yet.
  bool empty() const { return !start_ && lines_.empty(); }

 private:
  Result<void> start_line(std::string_view line);

  std::size_t most_;
  LineReader lines_;
  FieldReader fields_;
  std::optional<StartLine> start_;
  bool empty_line_seen_ = false;
};

template <>
inline Result<void> HeadReader<RequestLine>::start_line(std::string_view line) {
  // One empty line before a request is skipped (RFC 9112, section 2.2): old clients send it after a body.
  if (line.empty() && !std::exchange(empty_line_seen_, true)) return {};
  start_ = PADLOCK_TRY(parse_request_line(line));
  return {};
}

template <>
inline Result<void> HeadReader<StatusLine>::start_line(std::string_view line) {
  start_ = PADLOCK_TRY(parse_status_line(line));
  return {};
}

}  // namespace padlock::http::h1
