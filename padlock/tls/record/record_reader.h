#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "padlock/base/result.h"
#include "padlock/tls/limits.h"
#include "padlock/tls/record/protection.h"
#include "padlock/tls/record/record_header.h"
#include "padlock/tls/types.h"

namespace padlock::tls {

/// A whole record, opened where it lay.
struct Record {
  ContentType outer{};                ///< as the wire shows it
  ContentType type{};                 ///< what it holds
  std::span<std::uint8_t> content{};  ///< without inner type, padding and tag
  std::size_t wire_length = 0;        ///< with the header: so many bytes of the input are used up
  bool was_protected = false;
  bool skipped = false;  ///< early data that was dropped: `content` is empty
};

/// The record layer's receiving half (RFC 8446, section 5): finds records and opens them in place. It holds no bytes.
class RecordReader {
 public:
  /// `peer_is_server` only tells which plain http is worth recognising in the first bytes.
  explicit RecordReader(bool peer_is_server) : peer_is_server_(peer_is_server) {}

  /// The record at the front of `input`; nothing if it is not whole yet. What a header alone shows to be wrong is
  /// refused before the rest has come.
  Result<std::optional<Record>> take(std::span<std::uint8_t> input);

  /// From the next record on the peer protects what it sends with this key, or the key of this secret.
  void protect(RecordProtection protection) { protection_.emplace(std::move(protection)); }
  void protect(CipherSuite suite, const TrafficSecret& secret, crypto::Provider& provider) {
    if (protection_) {
      protection_->rekey(suite, secret);
    } else {
      protection_.emplace(suite, secret, provider);
    }
  }
  bool is_protected() const { return protection_.has_value(); }
  /// True from the change of keys of a TLS 1.2 handshake: every record is protected then, and shows its type.
  bool shows_types() const { return protection_ && !protection_->hides_type(); }
  /// What a protected record may hold, padding included, as the peer was told (RFC 8449).
  void limit_content(std::size_t content) { most_content_ = content; }
  /// A client that has not understood our ServerHello can only say so unprotected.
  void allow_unprotected_alert(bool allow) { unprotected_alert_allowed_ = allow; }
  /// Drops protected records that do not open, up to `bytes` of what they can hold: early data that was not accepted
  /// (RFC 8446, section 4.2.10). Ends with the first record that opens.
  void skip_early_data(std::size_t bytes) { early_data_left_ = bytes; }
  void stop_skipping_early_data() { early_data_left_.reset(); }

 private:
  Result<void> check_first_bytes(Bytes header) const;
  Result<void> check_header(const RecordHeader& header) const;
  Result<Record> open_record(ContentType outer, Bytes header, std::span<std::uint8_t> fragment);
  Result<Record> inner_record(std::uint64_t sequence, std::span<std::uint8_t> inner) const;
  Result<Record> not_authentic(std::size_t wire_length);
  Result<Record> skip(std::size_t wire_length);

  std::optional<RecordProtection> protection_;
  std::optional<std::size_t> early_data_left_;
  std::size_t most_content_ = limits::plaintext;
  bool peer_is_server_;
  bool first_ = true;
  bool unprotected_alert_allowed_ = false;
};

}  // namespace padlock::tls
