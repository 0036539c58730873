#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "padlock/base/secret.h"
#include "padlock/crypto/provider.h"
#include "padlock/tls/schedule/key_schedule.h"
#include "padlock/tls/types.h"

namespace padlock::tls {

/// One direction's key: seals or opens records and counts them (RFC 8446, sections 5.2 and 5.3).
class RecordProtection {
 public:
  /// What a record grows by: the inner content type and the tag.
  static constexpr std::size_t overhead = 1 + crypto::aead_tag_length;

  /// `sequence`: the number of the next record.
  RecordProtection(CipherSuite suite, const TrafficSecret& secret, crypto::Provider& provider,
                   std::uint64_t sequence = 0);
  /// The next key of the same direction and suite; its first record has the number 0.
  void rekey(CipherSuite suite, const TrafficSecret& secret);

  /// Opens a record in place. `header`: its five bytes; `fragment`: encrypted_record, plain afterwards in its first
  /// size() - 16 bytes. False, and the fragment is wiped: the record is not authentic.
  [[nodiscard]] bool open(Bytes header, std::span<std::uint8_t> fragment);
  /// The record that did not open was not of this key: its number is still free (early data that is skipped).
  void put_back() { --sequence_; }
  /// Seals the pieces (content and its type) into `out`, which has room for them and the tag.
  void seal(Bytes header, std::span<const Bytes> pieces, std::span<std::uint8_t> out);

  std::uint64_t sequence() const { return sequence_; }
  /// True once every sequence number was used: the key must not be used again.
  bool exhausted() const { return sequence_ == UINT64_MAX; }

 private:
  std::array<std::uint8_t, crypto::aead_nonce_length> next_nonce();

  std::unique_ptr<crypto::Aead> aead_;
  Secret<crypto::aead_nonce_length> iv_;
  std::uint64_t sequence_;
};

}  // namespace padlock::tls
