#include "padlock/base/reader.h"

#include <string>

namespace padlock {

std::unexpected<Error> Reader::truncated(std::string_view field, std::size_t wanted) const {
  return broken(rules::field_truncated, std::string(structure_) + "." + std::string(field) + " at byte " +
                                            std::to_string(offset()) + " needs " + std::to_string(wanted) + " bytes, " +
                                            std::to_string(remaining()) + " are left");
}

Result<Bytes> Reader::bytes(std::string_view field, std::size_t count) {
  if (remaining() < count) return truncated(field, count);
  const Bytes taken = bytes_.subspan(taken_, count);
  if (sink_ != nullptr) sink_->field({field, offset(), count, std::nullopt, depth_});
  taken_ += count;
  return taken;
}

Result<Reader> Reader::vector(std::string_view field, std::size_t width, std::size_t least, std::size_t most) {
  if (remaining() < width) return truncated(field, width);
  std::size_t length = 0;
  for (const std::uint8_t byte : bytes_.subspan(taken_, width)) length = length << 8 | byte;
  if (length < least || length > most) {
    return broken(rules::vector_length, std::string(structure_) + "." + std::string(field) + " at byte " +
                                            std::to_string(offset()) + " is " + std::to_string(length) +
                                            " bytes long, allowed are " + std::to_string(least) + " to " +
                                            std::to_string(most));
  }
  if (remaining() - width < length) return truncated(field, width + length);
  taken_ += width;
  Reader content(bytes_.subspan(taken_, length), structure_, sink_, offset());
  content.depth_ = depth_ + 1;
  if (sink_ != nullptr) sink_->field({field, offset(), length, std::nullopt, depth_});
  taken_ += length;
  return content;
}

Result<Reader> Reader::vec8(std::string_view field, std::size_t least, std::size_t most) {
  return vector(field, 1, least, most);
}
Result<Reader> Reader::vec16(std::string_view field, std::size_t least, std::size_t most) {
  return vector(field, 2, least, most);
}
Result<Reader> Reader::vec24(std::string_view field, std::size_t least, std::size_t most) {
  return vector(field, 3, least, most);
}

Bytes Reader::rest() {
  const Bytes left = peek();
  taken_ = bytes_.size();
  return left;
}

bool Reader::skip(std::size_t count) {
  if (remaining() < count) return false;
  taken_ += count;
  return true;
}

Result<void> Reader::finish() const {
  if (empty()) return {};
  return broken(rules::trailing_bytes, std::string(structure_) + " has " + std::to_string(remaining()) +
                                           " bytes after its last field, from byte " + std::to_string(offset()));
}

}  // namespace padlock
