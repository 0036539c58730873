#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "padlock/base/result.h"
#include "padlock/base/text.h"
#include "padlock/http/h1/field_reader.h"
#include "padlock/http/h1/framing.h"
#include "padlock/http/h1/line_reader.h"

namespace padlock::http::h1 {

/// A piece of a body, or its end.
using BodyPiece = std::variant<Bytes, Fields>;

/// Reads the chunked coding (RFC 9112, section 7.1) without a copy: pieces are views into the input. Strict: see
/// docs/threats.md, H3.
class ChunkedReader {
 public:
  ChunkedReader(std::uint64_t limit, FieldLimits trailers) : left_(limit), trailers_(trailers) {}

  /// The next piece of data, or at the end the trailers; nothing while bytes are missing.
  /// Errors: the chunk rules of http/rules.h, rules::body_too_large, ::trailer_forbidden, those of FieldReader.
  Result<std::optional<BodyPiece>> take(Bytes& in);

 private:
  enum class Part : std::uint8_t { size_line, data, data_end, trailers };

  Result<void> size_line(std::string_view line);

  Part part_ = Part::size_line;
  std::uint64_t left_;            ///< how many bytes the body may still grow by
  std::uint64_t chunk_left_ = 0;  ///< bytes of the current chunk that are still to come
  std::size_t extension_bytes_ = 0;
  LineReader lines_;
  FieldReader trailers_;
};

/// Reads the body of one message, however it is framed.
class BodyReader {
 public:
  /// `limit`: a chunked body that grows beyond it is an error; a Content-Length is for the caller to judge.
  BodyReader(IncomingBody framing, std::uint64_t limit, FieldLimits trailers);

  Result<std::optional<BodyPiece>> take(Bytes& in);
  /// The transport's end is the end of this body.
  bool ends_with_transport() const { return std::holds_alternative<BodyUntilClose>(state_); }
  /// How many bytes are still to come, if that is known.
  std::optional<std::uint64_t> remaining() const;

 private:
  std::variant<FixedBody, ChunkedReader, BodyUntilClose> state_;
};

}  // namespace padlock::http::h1
