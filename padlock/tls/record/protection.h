#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "padlock/base/secret.h"
#include "padlock/crypto/provider.h"
#include "padlock/tls/record/cbc_protection.h"
#include "padlock/tls/schedule/key_schedule.h"
#include "padlock/tls/types.h"

namespace padlock::tls {

/// One direction's key: seals or opens records and counts them. TLS 1.3 puts a record's real type behind its content
/// and shows application_data (RFC 8446, sections 5.2 and 5.3); TLS 1.2 shows the type, and with AES-GCM puts a part of
/// the nonce in front of the ciphertext (RFC 5246, section 6.2.3.3; RFC 5288, section 3; RFC 7905, section 2). What CBC
/// needs is in CbcProtection.
class RecordProtection {
 public:
  /// TLS 1.3. `sequence`: the number of the next record.
  RecordProtection(CipherSuite suite, const TrafficSecret& secret, crypto::Provider& provider,
                   std::uint64_t sequence = 0);
  /// TLS 1.2.
  RecordProtection(CipherSuite suite, TrafficKeys keys, crypto::Provider& provider, std::uint64_t sequence = 0);
  /// The next TLS 1.3 key of the same direction and suite; its first record has the number 0.
  void rekey(CipherSuite suite, const TrafficSecret& secret);

  /// True if the content's type stands inside, with padding behind it if there is any: TLS 1.3.
  bool hides_type() const { return hides_type_; }
  /// Where the content lies in a fragment.
  std::size_t content_offset() const { return cbc_ ? CbcProtection::content_offset : explicit_nonce_length_; }
  /// Of a fragment with so much content (and, where the type is hidden, padding).
  std::size_t fragment_length(std::size_t content) const {
    if (cbc_) return cbc_->fragment_length(content);
    return content + explicit_nonce_length_ + (hides_type_ ? 1 : 0) + crypto::aead_tag_length;
  }

  /// Opens a record in place. `header`: its five bytes. Gives what was sealed; nothing, and the fragment is wiped: the
  /// record is not authentic.
  [[nodiscard]] std::optional<std::span<std::uint8_t>> open(Bytes header, std::span<std::uint8_t> fragment);
  /// The record that did not open was not of this key: its number is still free (early data that is skipped).
  void put_back() { --sequence_; }
  /// Seals the pieces (content, and its type where that is hidden) into `fragment`, which is as long as it must be. A
  /// single piece may already lie where its ciphertext belongs.
  void seal(Bytes header, std::span<const Bytes> pieces, std::span<std::uint8_t> fragment);

  std::uint64_t sequence() const { return sequence_; }
  /// True once every sequence number was used: the key must not be used again.
  bool exhausted() const { return sequence_ == UINT64_MAX; }

 private:
  using Nonce = std::array<std::uint8_t, crypto::aead_nonce_length>;

  Nonce nonce(Bytes explicit_nonce) const;

  std::unique_ptr<crypto::Aead> aead_;
  std::unique_ptr<CbcProtection> cbc_;  // instead of it, for a suite that has none
  Secret<crypto::aead_nonce_length> iv_;
  std::uint64_t sequence_;
  bool hides_type_;
  std::size_t explicit_nonce_length_;
};

}  // namespace padlock::tls
