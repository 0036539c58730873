#include "padlock/http/h1/body_reader.h"

#include <algorithm>
#include <charconv>

#include "padlock/http/limits.h"
#include "padlock/http/message/checks.h"
#include "padlock/http/message/syntax.h"
#include "padlock/http/rules.h"

namespace padlock::http::h1 {
namespace {

Bytes take_at_most(Bytes& in, std::uint64_t count) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(in.size(), count));
  const Bytes taken = in.first(size);
  in = in.subspan(size);
  return taken;
}

/// Takes `"` qdtext or quoted-pair `"` from the front; false if it does not end.
bool skip_quoted_string(std::string_view& text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      return text.remove_prefix(i + 1), true;
  }
  return false;
}

bool skip_token(std::string_view& text) {
  const auto end = std::ranges::find_if_not(text, is_token_char) - text.begin();
  text.remove_prefix(static_cast<std::size_t>(end));
  return end > 0;
}

/// *( ";" name [ "=" value ] ), without the "bad white space" that the grammar lets senders' mistakes have.
bool are_chunk_extensions(std::string_view text) {
  while (!text.empty()) {
    if (text.front() != ';') return false;
    text.remove_prefix(1);
    if (!skip_token(text)) return false;
    if (!text.starts_with('=')) continue;
    text.remove_prefix(1);
    if (!(text.starts_with('"') ? skip_quoted_string(text) : skip_token(text))) return false;
  }
  return true;
}

}  // namespace

Result<std::optional<BodyPiece>> ChunkedReader::take(Bytes& in) {
  while (!in.empty()) {
    switch (part_) {
      case Part::size_line: {
        const std::size_t most = limits::chunk_size_digits + limits::chunk_extension_bytes;
        const auto line = PADLOCK_TRY(lines_.take(in, most, rules::chunk_extensions_too_large));
        if (line) PADLOCK_TRY(size_line(*line));
        break;
      }
      case Part::data: {
        const Bytes piece = take_at_most(in, chunk_left_);
        chunk_left_ -= piece.size();
        if (chunk_left_ == 0) part_ = Part::data_end;
        return BodyPiece(piece);
      }
      case Part::data_end: {
        const auto line = PADLOCK_TRY(lines_.take(in, 0, rules::chunk_end_missing));
        if (line) part_ = Part::size_line;
        break;
      }
      case Part::trailers: {
        auto fields = PADLOCK_TRY(trailers_.take(in));
        if (!fields) return std::nullopt;
        PADLOCK_TRY(check_trailers(*fields));
        return BodyPiece(std::move(*fields));
      }
    }
  }
  return std::nullopt;
}

Result<void> ChunkedReader::size_line(std::string_view line) {
  const auto digits = static_cast<std::size_t>(std::ranges::find_if_not(line, is_hex_digit) - line.begin());
  std::uint64_t size = 0;
  const std::string_view number = line.substr(0, digits);
  if (digits == 0 || digits > limits::chunk_size_digits)
    return broken(rules::chunk_size_malformed, "a chunk begins \"" + escaped(line.substr(0, 64)) + "\"");
  for (const char digit : number)
    size = size * 16 + static_cast<std::uint64_t>(is_digit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10);
  const std::string_view extensions = line.substr(digits);
  if (!extensions.empty() && extensions.front() != ';')
    return broken(rules::chunk_size_malformed, "a chunk begins \"" + escaped(line.substr(0, 64)) + "\"");
  if (!are_chunk_extensions(extensions))
    return broken(rules::chunk_extension_malformed,
                  "a chunk extension is \"" + escaped(extensions.substr(0, 64)) + "\"");
  extension_bytes_ += extensions.size();
  if (extension_bytes_ > limits::chunk_extension_bytes)
    return broken(rules::chunk_extensions_too_large, std::to_string(extension_bytes_) + " bytes of chunk extensions");
  if (size > left_)
    return broken(rules::body_too_large, "a chunk of " + std::to_string(size) + " bytes goes over the limit");
  left_ -= size;
  chunk_left_ = size;
  part_ = size == 0 ? Part::trailers : Part::data;
  return {};
}

BodyReader::BodyReader(IncomingBody framing, std::uint64_t limit, FieldLimits trailers) : state_(FixedBody{0}) {
  if (const auto* fixed = std::get_if<FixedBody>(&framing))
    state_ = *fixed;
  else if (std::holds_alternative<ChunkedBody>(framing))
    state_.emplace<ChunkedReader>(limit, trailers);
  else if (std::holds_alternative<BodyUntilClose>(framing))
    state_ = BodyUntilClose{};
}

Result<std::optional<BodyPiece>> BodyReader::take(Bytes& in) {
  if (auto* chunked = std::get_if<ChunkedReader>(&state_)) return chunked->take(in);
  auto* fixed = std::get_if<FixedBody>(&state_);
  if (fixed != nullptr && fixed->bytes == 0) return BodyPiece(Fields{});
  if (in.empty()) return std::nullopt;
  const Bytes piece = take_at_most(in, fixed != nullptr ? fixed->bytes : in.size());
  if (fixed != nullptr) fixed->bytes -= piece.size();
  return BodyPiece(piece);
}

std::optional<std::uint64_t> BodyReader::remaining() const {
  const auto* fixed = std::get_if<FixedBody>(&state_);
  return fixed != nullptr ? std::optional(fixed->bytes) : std::nullopt;
}

}  // namespace padlock::http::h1
