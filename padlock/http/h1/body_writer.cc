#include "padlock/http/h1/body_writer.h"

#include <array>
#include <charconv>

#include "padlock/http/h1/head_writer.h"
#include "padlock/http/rules.h"

namespace padlock::http::h1 {
namespace {

void append_chunk_size(Outbox& out, std::uint64_t size) {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.begin(), digits.end(), size, 16).ptr;
  out.append(as_bytes(std::string_view(digits.begin(), end)));
  out.append(as_bytes("\r\n"));
}

}  // namespace

BodyWriter::BodyWriter(const BodyFraming& framing, bool until_close, bool suppressed) : kind_(Kind::known_length) {
  if (suppressed)
    kind_ = Kind::suppressed;
  else if (const auto* known = std::get_if<KnownLength>(&framing))
    left_ = known->bytes;
  else if (std::holds_alternative<Chunked>(framing))
    kind_ = until_close ? Kind::until_close : Kind::chunked;
}

Result<void> BodyWriter::count(std::uint64_t size) {
  if (kind_ != Kind::known_length) return {};
  if (size > left_)
    return broken(rules::body_length_differs, std::to_string(size) + " bytes more, but only " + std::to_string(left_) +
                                                  " are left of Content-Length");
  left_ -= size;
  return {};
}

Result<void> BodyWriter::piece(Outbox& out, Bytes bytes) {
  if (piece_left_ > 0) return broken(rules::out_of_order, "a piece of the body while an announced one is not sent");
  if (bytes.empty() || kind_ == Kind::suppressed) return {};  // an empty chunk would be the last one
  PADLOCK_TRY(count(bytes.size()));
  if (kind_ == Kind::chunked) append_chunk_size(out, bytes.size());
  out.append(bytes);
  if (kind_ == Kind::chunked) out.append(as_bytes("\r\n"));
  return {};
}

Result<void> BodyWriter::announce_piece(Outbox& out, std::uint64_t size) {
  if (piece_left_ > 0) return broken(rules::out_of_order, "a piece is announced while another is not sent");
  if (size == 0 || kind_ == Kind::suppressed) return {};
  PADLOCK_TRY(count(size));
  if (kind_ == Kind::chunked) append_chunk_size(out, size);
  piece_left_ = size;
  return {};
}

Result<void> BodyWriter::piece_sent_elsewhere(Outbox& out, std::uint64_t size) {
  if (size == 0 || kind_ == Kind::suppressed) return {};
  if (size > piece_left_ || !out.empty())
    return broken(rules::out_of_order, std::to_string(size) + " bytes are said to be sent, " +
                                           std::to_string(piece_left_) + " were announced and " +
                                           std::to_string(out.size()) + " wait before them");
  piece_left_ -= size;
  if (piece_left_ == 0 && kind_ == Kind::chunked) out.append(as_bytes("\r\n"));
  return {};
}

Result<void> BodyWriter::end(Outbox& out, const Fields& trailers) {
  if (kind_ == Kind::suppressed) return {};
  if (left_ > 0 || piece_left_ > 0)
    return broken(rules::body_length_differs, "the body ends " + std::to_string(left_ + piece_left_) + " bytes early");
  if (kind_ == Kind::chunked) {
    out.append(as_bytes("0\r\n"));
    return write_trailers(out.tail(), trailers);
  }
  if (!trailers.empty()) return broken(rules::out_of_order, "trailers need chunks");
  return {};
}

}  // namespace padlock::http::h1
