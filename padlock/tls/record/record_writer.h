#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/tls/config.h"
#include "padlock/tls/limits.h"
#include "padlock/tls/observer.h"
#include "padlock/tls/record/output_buffer.h"
#include "padlock/tls/record/protection.h"
#include "padlock/tls/record/record_header.h"
#include "padlock/tls/types.h"

namespace padlock::tls {

/// The record layer's sending half (RFC 8446, section 5): puts content into records, sealed where they will be sent
/// from.
class RecordWriter {
 public:
  RecordWriter(Sender self, Observer* observer) : self_(self), observer_(observer) {}

  /// How records that are protected are cut and filled: by the content that the peer takes in one (RFC 8449, section
  /// 4), and by our own wish to hide lengths.
  void limit_records(std::size_t content);
  void pad(RecordPadding padding) { padding_ = padding; }
  /// Content that one record can hold now.
  std::size_t most_content() const { return is_protected() ? most_content_ : limits::plaintext; }

  /// Writes one record from the pieces, one after the other: at most `most_content()` bytes together (asserted).
  void write(ContentType type, std::span<const Bytes> pieces);
  /// Writes as many records as the content needs.
  void write_all(ContentType type, Bytes content);

  /// One record that no key protects, whatever the rest is: change_cipher_spec.
  void write_unprotected(ContentType type, Bytes content) { write_plain(type, std::span(&content, 1), content.size()); }

  /// Lends room for application data of at most `size` bytes, where it will be sealed.
  std::span<std::uint8_t> reserve(std::size_t size);
  bool reserved() const { return output_.reserved(); }
  std::size_t reserved_size() const { return reserved_size_; }
  /// Seals the reservation's first `size` bytes as one record.
  void commit(std::size_t size);
  void drop_reservation();

  /// From the next record on with this key, or the key of this secret.
  void protect(RecordProtection protection, EncryptionLevel level);
  void protect(CipherSuite suite, const TrafficSecret& secret, crypto::Provider& provider, EncryptionLevel level);
  /// From the next record on without: early data was in vain.
  void unprotect() {
    protection_.reset();
    level_ = EncryptionLevel::plaintext;
  }
  bool is_protected() const { return protection_.has_value(); }
  EncryptionLevel level() const { return level_; }
  /// Records written under the present key.
  std::uint64_t sequence() const { return protection_ ? protection_->sequence() : 0; }

  OutputBuffer& output() { return output_; }
  const OutputBuffer& output() const { return output_; }
  /// Gives back what is only needed while there is something to send.
  void release_buffers();

 private:
  void write_plain(ContentType type, std::span<const Bytes> pieces, std::size_t length);
  void write_sealed(ContentType type, std::span<const Bytes> pieces, std::size_t length);
  std::array<std::uint8_t, record_header_length> sealed_header(ContentType type, std::size_t fragment_length) const;
  std::size_t padding_for(std::size_t length) const;
  void tell(EncryptionLevel level, ContentType outer, ContentType inner, std::size_t wire_length,
            std::size_t length) const;

  OutputBuffer output_;
  std::optional<RecordProtection> protection_;
  std::vector<Bytes> pieces_;  // scratch for many pieces, kept for its capacity
  std::size_t reserved_size_ = 0;
  std::size_t most_content_ = limits::plaintext;
  RecordPadding padding_;
  EncryptionLevel level_ = EncryptionLevel::plaintext;
  bool wrote_any_ = false;
  Sender self_;
  Observer* observer_;
};

}  // namespace padlock::tls
