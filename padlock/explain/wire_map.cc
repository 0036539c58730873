#include "padlock/explain/wire_map.h"

#include <algorithm>

namespace padlock::explain {

namespace {
constexpr std::size_t record_header_length = 5;  // RFC 8446, section 5.1: type, version, length
}  // namespace

void WireMap::add_record(std::size_t wire_begin, std::size_t wire_length, std::size_t plaintext_length,
                         std::size_t explicit_nonce_length) {
  pieces_.push_back({plaintext_length_,
                     plaintext_length,
                     {wire_begin, wire_begin + wire_length},
                     record_header_length + explicit_nonce_length});
  plaintext_length_ += plaintext_length;
  wire_length_ += wire_length;
}

void WireMap::add_plain(std::size_t length) {
  pieces_.push_back({plaintext_length_, length, {plaintext_length_, plaintext_length_ + length}, 0});
  plaintext_length_ += length;
  wire_length_ += length;
}

std::vector<WireRange> WireMap::find(std::size_t begin, std::size_t length) const {
  const std::size_t end = begin + length;
  std::vector<WireRange> found;
  for (const Piece& piece : pieces_) {
    const std::size_t piece_end = piece.begin + piece.length;
    if (piece.begin >= end || piece.begin + std::max<std::size_t>(piece.length, 1) <= begin) continue;
    const bool from_first = begin <= piece.begin;
    const bool to_last = end >= piece_end;
    const std::size_t body = piece.wire.begin + piece.header_length;
    const std::size_t wire_begin = from_first ? piece.wire.begin : body + (begin - piece.begin);
    const std::size_t wire_end = to_last ? piece.wire.end : body + (end - piece.begin);
    if (!found.empty() && found.back().end == wire_begin) {
      found.back().end = wire_end;
    } else {
      found.push_back({wire_begin, wire_end});
    }
  }
  return found;
}

std::size_t WireMap::records_of(std::size_t begin, std::size_t length) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      pieces_, [&](const Piece& piece) { return piece.begin < begin + length && piece.begin + piece.length > begin; }));
}

WireRange WireMap::record_at(std::size_t position) const {
  const auto holds = [&](const Piece& piece) {
    return piece.begin <= position && position < piece.begin + piece.length;
  };
  const auto piece = std::ranges::find_if(pieces_, holds);
  return piece == pieces_.end() ? WireRange{} : piece->wire;
}

}  // namespace padlock::explain
