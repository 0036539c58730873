#include "padlock/tls/schedule/pre_master_secret.h"

#include <algorithm>
#include <cassert>

#include "padlock/crypto/constant_time.h"

namespace padlock::tls::tls12 {

Result<crypto::SharedSecret> make_pre_master_secret(std::uint16_t client_version, crypto::Provider& provider) {
  Result<void> drawn;
  auto secret = crypto::SharedSecret::made(pre_master_secret_length, [&](std::span<std::uint8_t> room) {
    drawn = provider.random(room);
    room[0] = static_cast<std::uint8_t>(client_version >> 8);
    room[1] = static_cast<std::uint8_t>(client_version);
  });
  PADLOCK_TRY(drawn);
  return secret;
}

crypto::SharedSecret unpad_pre_master_secret(Bytes block, std::uint16_t client_version,
                                             const crypto::SharedSecret& substitute) {
  using crypto::mask_equal;
  assert(block.size() > 2 + 8 + 1 + pre_master_secret_length && substitute.size() == pre_master_secret_length);
  const Bytes padding = block.subspan(2, block.size() - 2 - 1 - pre_master_secret_length);
  const Bytes pre_master_secret = block.last(pre_master_secret_length);
  crypto::Mask good = mask_equal(block[0], 0) & mask_equal(block[1], 2);
  for (const std::uint8_t byte : padding) good &= ~mask_equal(byte, 0);
  good &= mask_equal(block[block.size() - pre_master_secret_length - 1], 0);
  // The version is checked with the rest, for an oracle that tells bad versions is as good (RFC 5246, 7.4.7.1).
  good &= mask_equal(pre_master_secret[0], client_version >> 8);
  good &= mask_equal(pre_master_secret[1], client_version & 0xff);
  return crypto::SharedSecret::made(pre_master_secret_length, [&](std::span<std::uint8_t> out) {
    for (std::size_t at = 0; at < out.size(); ++at) {
      out[at] = static_cast<std::uint8_t>(crypto::select(good, pre_master_secret[at], substitute.reveal()[at]));
    }
  });
}

bool fits_modulus(Bytes ciphertext, Bytes modulus) {
  return ciphertext.size() == modulus.size() && std::ranges::lexicographical_compare(ciphertext, modulus);
}

}  // namespace padlock::tls::tls12
