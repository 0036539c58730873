#pragma once

#include <cstddef>
#include <vector>

namespace padlock::explain {

/// Bytes [begin, end) of one direction of a connection.
struct WireRange {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t size() const { return end - begin; }
};

/// Where on the wire a stream of plaintext travels: TLS ciphers keep each byte's place, between a record's header and
/// its tag (RFC 8446, section 5.2). Without records plaintext and wire are the same.
class WireMap {
 public:
  /// The next record of this stream: its header, the part of a nonce that some ciphers write, the plaintext, and
  /// whatever fills the record.
  void add_record(std::size_t wire_begin, std::size_t wire_length, std::size_t plaintext_length,
                  std::size_t explicit_nonce_length = 0);
  /// Bytes that travel without any record.
  void add_plain(std::size_t length);
  /// Bytes of all records of this stream.
  std::size_t wire_length() const { return wire_length_; }
  /// Bytes of the stream so far.
  std::size_t plaintext_length() const { return plaintext_length_; }
  /// The bytes that carry plaintext [begin, begin + length), in their order: a record's header goes with its first
  /// byte, its tag with its last, so that neighbours share no byte and leave none out. Several ranges where records of
  /// another stream stand between; empty where no record carries the bytes.
  std::vector<WireRange> find(std::size_t begin, std::size_t length) const;
  /// How many records that is.
  std::size_t records_of(std::size_t begin, std::size_t length) const;
  /// The record that carries this byte, whole; empty if there is none.
  WireRange record_at(std::size_t position) const;

 private:
  struct Piece {
    std::size_t begin;  ///< in the plaintext
    std::size_t length;
    WireRange wire;
    std::size_t header_length;
  };

  std::vector<Piece> pieces_;
  std::size_t plaintext_length_ = 0;
  std::size_t wire_length_ = 0;
};

}  // namespace padlock::explain
