#pragma once

#include <optional>

#include "padlock/base/result.h"
#include "padlock/base/text.h"
#include "padlock/http/h1/line_reader.h"
#include "padlock/http/message/message.h"

namespace padlock::http::h1 {

/// How long and how many the field lines of one section (head or trailers) may be.
struct FieldLimits {
  std::size_t bytes;
  std::size_t count;
};

/// Reads field lines until the empty line (RFC 9112, section 5).
class FieldReader {
 public:
  explicit FieldReader(FieldLimits limits) : limits_(limits) {}

  /// All fields once the empty line has come; nothing while bytes are missing.
  /// Errors: those of LineReader, and every rule of http/rules.h about fields.
  Result<std::optional<Fields>> take(Bytes& in);

 private:
  Result<void> add(std::string_view line);

  FieldLimits limits_;
  LineReader lines_;
  Fields fields_;
  std::size_t used_ = 0;
};

}  // namespace padlock::http::h1
