#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "padlock/crypto/aes_cbc.h"
#include "padlock/crypto/hkdf.h"
#include "padlock/tls/schedule/key_schedule.h"
#include "padlock/tls/types.h"

namespace padlock::tls {

/// GenericBlockCipher (RFC 5246, section 6.2.3.2) of one direction, for the policy `legacy`: AES-CBC with an IV in
/// front of each record, and the MAC either inside, before the padding, or, where both ends know encrypt_then_mac,
/// outside and over what is sent (RFC 7366, section 3). Whatever is wrong with padding or MAC, there is one answer, in
/// one time (docs/threats.md, T20).
class CbcProtection {
 public:
  CbcProtection(CbcCipher cipher, const TrafficKeys& keys);

  /// Where the content lies in a fragment.
  static constexpr std::size_t content_offset = crypto::aes_block_length;
  /// Of a fragment with so much content: the padding is as short as it can be.
  std::size_t fragment_length(std::size_t content) const;

  /// Opens a fragment in place. `header`: the record's five bytes. Nothing, and the fragment is wiped: not authentic.
  [[nodiscard]] std::optional<std::span<std::uint8_t>> open(std::uint64_t sequence, Bytes header,
                                                            std::span<std::uint8_t> fragment);
  /// Seals the pieces into `fragment`, which has fragment_length of them. A single piece may already lie at
  /// content_offset.
  void seal(std::uint64_t sequence, Bytes header, std::span<const Bytes> pieces, std::span<std::uint8_t> fragment);

 private:
  std::size_t mac_length() const { return crypto::length_of(mac_.algorithm()); }
  std::optional<std::span<std::uint8_t>> open_mac_then_encrypt(std::uint64_t sequence, Bytes header,
                                                               std::span<std::uint8_t> plaintext) const;

  crypto::AesCbc cipher_;
  crypto::Hmac mac_;
  bool encrypt_then_mac_;
};

}  // namespace padlock::tls
