#include "padlock/crypto/hidden_length.h"

#include <array>
#include <bit>

#include "padlock/crypto/constant_time.h"

namespace padlock::crypto {
namespace {

/// The blocks of a message whose end is hidden (FIPS 180-4, section 5.1): behind the last byte 0x80, zeros, and the
/// number of bits at the end of the last block. All blocks up to the longest message's last are hashed, and the state
/// behind the true last one is kept.
class HiddenEnd {
 public:
  /// `absorbed`: bytes that the state has taken already, whole blocks.
  HiddenEnd(const Hash& state, std::size_t absorbed, const HiddenLengthMessage& message)
      : state_(state),
        message_(message),
        block_length_(block_length_of(state.algorithm())),
        total_(message.head.size() + message.length),
        bits_((absorbed + total_) * 8),
        last_(block_of(total_)) {}

  Digest digest() {
    const std::size_t first_end = block_of(message_.head.size() + message_.least);
    const std::size_t last_end = block_of(message_.head.size() + message_.data.size());
    for (std::size_t block = 0; block < first_end; ++block) {
      if (!is_plain(block)) {
        hash(block, 0);
      } else {
        state_.update(message_.data.subspan(block * block_length_ - message_.head.size(), block_length_));
      }
    }
    std::array<std::uint8_t, max_hash_length> kept{};
    for (std::size_t block = first_end; block <= last_end; ++block) {
      const Mask is_last = mask_equal(block, last_);
      hash(block, is_last);
      const Digest value = state_.chaining_value();
      for (std::size_t at = 0; at < value.bytes().size(); ++at) kept.at(at) |= masked(value.bytes()[at], is_last);
    }
    const Digest digest(Bytes(kept).first(length_of(state_.algorithm())));
    wipe(kept);
    return digest;
  }

 private:
  /// The block that a message of `length` bytes ends in, with 0x80 and the number of bits.
  std::size_t block_of(std::size_t length) const {
    return (length + length_field_of(state_.algorithm())) >> std::countr_zero(block_length_);
  }

  /// True if the block is bytes of `data` alone, whatever the length is.
  bool is_plain(std::size_t block) const {
    const std::size_t begin = block * block_length_;
    return begin >= message_.head.size() && begin + block_length_ <= message_.head.size() + message_.least;
  }

  void hash(std::size_t block, Mask is_last) {
    std::array<std::uint8_t, max_block_length> room{};
    const auto bytes = std::span(room).first(block_length_);
    for (std::size_t at = 0; at < block_length_; ++at) bytes[at] = byte_at(block * block_length_ + at);
    for (std::size_t from_end = 0; from_end < 8; ++from_end) {
      bytes[block_length_ - 1 - from_end] |= masked(static_cast<std::uint8_t>(bits_ >> (8 * from_end)), is_last);
    }
    state_.update(bytes);
    wipe(bytes);
  }

  std::uint8_t byte_at(std::size_t place) const {
    const std::size_t head = message_.head.size();
    std::uint8_t byte = 0;
    if (place < head) {
      byte = message_.head[place];
    } else if (place - head < message_.data.size()) {
      byte = message_.data[place - head];
    }
    constexpr std::uint8_t end = 0x80;
    return masked(byte, mask_less(place, total_)) | masked(end, mask_equal(place, total_));
  }

  Hash state_;
  const HiddenLengthMessage& message_;
  std::size_t block_length_;
  std::size_t total_;
  std::size_t bits_;
  std::size_t last_;
};

}  // namespace

Digest hash_of_hidden_length(HashAlgorithm algorithm, const HiddenLengthMessage& message) {
  return HiddenEnd(Hash(algorithm), 0, message).digest();
}

Digest mac_of_hidden_length(const Hmac& key, const HiddenLengthMessage& message) {
  const Digest inner = HiddenEnd(key.inner(), block_length_of(key.algorithm()), message).digest();
  Hash outer = key.outer();
  outer.update(inner);
  return outer.finish();
}

}  // namespace padlock::crypto
