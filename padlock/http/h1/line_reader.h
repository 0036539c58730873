#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "padlock/base/result.h"
#include "padlock/base/text.h"

namespace padlock::http::h1 {

/// Cuts the input into lines that end with CR LF (RFC 9112, section 2.2). Strict: a lone CR or LF and every control
/// character but HTAB is an error where it stands, so garbage is refused at its first byte and not at the time-out.
class LineReader {
 public:
  /// The next line without its end, or nothing while bytes are missing. The view lives until the next call and not
  /// longer than the bytes of `in`, from which it takes what it has read.
  /// Errors: `too_long` for more than `limit` bytes, rules::bare_line_feed, ::bare_carriage_return,
  /// ::control_character.
  Result<std::optional<std::string_view>> take(Bytes& in, std::size_t limit, const Rule& too_long);
  /// No byte of a line has come yet.
  bool empty() const { return kept_.empty() && !carriage_return_; }

 private:
  Result<std::optional<std::string_view>> after_carriage_return(Bytes& in, std::string_view line);

  std::string kept_;    ///< the part of the line that came with earlier input
  std::string handed_;  ///< the line last handed out, if it had to be put together
  bool carriage_return_ = false;
};

}  // namespace padlock::http::h1
