#include "padlock/crypto/hkdf.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>

namespace padlock::crypto {
namespace {

/// The state after one block of the padded key, each byte xored with `pad`; a key that is longer than a block is hashed
/// (RFC 2104, section 2).
Hash keyed(HashAlgorithm algorithm, Bytes key, std::uint8_t pad) {
  std::array<std::uint8_t, max_block_length> room{};
  const auto block = std::span(room).first(block_length_of(algorithm));
  Digest shortened;
  if (key.size() > block.size()) key = shortened = hash_of(algorithm, key);
  copy_bytes(key, block);
  for (std::uint8_t& byte : block) byte ^= pad;
  Hash state(algorithm);
  state.update(block);
  wipe(room);
  return state;
}

}  // namespace

Hmac::Hmac(HashAlgorithm algorithm, Bytes key)
    : inner_(keyed(algorithm, key, 0x36)), outer_(keyed(algorithm, key, 0x5c)) {}

Digest Hmac::mac(std::span<const Bytes> pieces) const {
  Hash inner = inner_;
  for (const Bytes piece : pieces) inner.update(piece);
  Hash outer = outer_;
  outer.update(inner.finish());
  return outer.finish();
}

HashSecret hkdf_extract(HashAlgorithm algorithm, Bytes salt, Bytes input_keying_material) {
  // HMAC pads its key with zeros, so an empty salt is the same as Hash.length zeros.
  return HashSecret(Hmac(algorithm, salt).mac(input_keying_material));
}

void hkdf_expand(const Hmac& pseudorandom_key, Bytes info, std::span<std::uint8_t> out) {
  assert(out.size() <= 255 * length_of(pseudorandom_key.algorithm()));
  Digest previous;  // T(0) is empty
  for (std::uint8_t counter = 1; !out.empty(); ++counter) {
    const std::array pieces{previous.bytes(), info, Bytes(&counter, 1)};
    previous = pseudorandom_key.mac(pieces);
    const Bytes block = previous.bytes().first(std::min(out.size(), previous.bytes().size()));
    copy_bytes(block, out);
    out = out.subspan(block.size());
  }
}

}  // namespace padlock::crypto
