#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/base/text.h"
#include "padlock/der/oid.h"

namespace padlock::der {

/// Appends DER values (X.690, section 10) to a buffer of the caller's. Constructed values are lambdas, and lengths are
/// patched by the Writer itself: `out.sequence([&](Writer& body) { body.integer(1); });`
/// It writes our own values, so a bad argument is a mistake of ours: it is asserted, and `good()` turns false.
class Writer {
 public:
  explicit Writer(std::vector<std::uint8_t>& out) : out_(out) {}

  template <class Body>
  void sequence(Body&& body) {
    element(0x30, body);
  }
  /// SET or SET OF with one member; X.690, section 11.6 would have us sort more of them.
  template <class Body>
  void set(Body&& body) {
    element(0x31, body);
  }
  /// `[number]` around whole values: an explicit tag, or the implicit one of a constructed type (X.690, section 8.14).
  template <class Body>
  void context(unsigned number, Body&& body) {
    assert(number < 31);
    element(static_cast<std::uint8_t>(0xa0 | number), body);
  }
  /// An OCTET STRING that holds DER, such as an extension's value.
  template <class Body>
  void octet_string_of(Body&& body) {
    element(0x04, body);
  }
  /// A BIT STRING of whole octets that holds DER, such as an RSA key.
  template <class Body>
  void bit_string_of(Body&& body) {
    element(0x03, [&](Writer& inner) {
      inner.out_.push_back(0);
      body(inner);
    });
  }

  void boolean(bool value);
  void null() { primitive(0x05, {}); }
  void integer(std::uint64_t value);
  /// INTEGER from an unsigned big-endian number of any length; leading zeros are fine, empty is 0.
  void unsigned_integer(Bytes big_endian);
  void octet_string(Bytes bytes) { primitive(0x04, bytes); }
  /// BIT STRING of whole octets.
  void bit_string(Bytes bytes);
  /// BIT STRING of a NamedBitList (X.690, section 11.2.2): bit 0 of `bits` is the first; trailing zeros are left out.
  void named_bits(std::uint16_t bits);
  void object_identifier(const Oid& oid) { primitive(0x06, oid.content()); }
  void utf8_string(std::string_view text) { primitive(0x0c, as_bytes(text)); }
  void printable_string(std::string_view text) { primitive(0x13, as_bytes(text)); }
  /// UTCTime to 2049, GeneralizedTime from 2050 on (RFC 5280, section 4.1.2.5). Years 1950 to 9999.
  void time(WallTime time);
  /// GeneralizedTime of any year from 0 to 9999, as OCSP has them (RFC 6960, section 4.2.2.1).
  void generalized_time(WallTime time);
  void enumerated(std::uint8_t value);
  /// `[number]` IMPLICIT of a primitive type.
  void context_primitive(unsigned number, Bytes content);
  /// Any tag byte with its content.
  void primitive(std::uint8_t tag, Bytes content);
  /// Whole values, already DER.
  void raw(Bytes der) { out_.insert(out_.end(), der.begin(), der.end()); }

  /// False once an argument could not be written.
  bool good() const { return good_; }

 private:
  template <class Body>
  void element(std::uint8_t tag, Body&& body) {
    out_.push_back(tag);
    const std::size_t start = out_.size();
    body(*this);
    insert_length(start);
  }
  void length(std::size_t length);
  void insert_length(std::size_t start);
  void fault();

  std::vector<std::uint8_t>& out_;
  bool good_ = true;
};

/// The DER that `body` writes, in a buffer of its own.
template <class Body>
std::vector<std::uint8_t> make_der(Body&& body) {
  std::vector<std::uint8_t> der;
  Writer out(der);
  body(out);
  assert(out.good());
  return der;
}

}  // namespace padlock::der
