#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "padlock/base/annotation.h"
#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/base/text.h"
#include "padlock/der/oid.h"

namespace padlock::der {

/// An identifier octet (X.690, section 8.1.2): class, constructed bit and a tag number below 31.
using Tag = std::uint8_t;
namespace tag {
inline constexpr Tag boolean = 0x01;
inline constexpr Tag integer = 0x02;
inline constexpr Tag bit_string = 0x03;
inline constexpr Tag octet_string = 0x04;
inline constexpr Tag null = 0x05;
inline constexpr Tag object_identifier = 0x06;
inline constexpr Tag enumerated = 0x0a;
inline constexpr Tag utf8_string = 0x0c;
inline constexpr Tag printable_string = 0x13;
inline constexpr Tag teletex_string = 0x14;
inline constexpr Tag ia5_string = 0x16;
inline constexpr Tag utc_time = 0x17;
inline constexpr Tag generalized_time = 0x18;
inline constexpr Tag visible_string = 0x1a;
inline constexpr Tag universal_string = 0x1c;
inline constexpr Tag bmp_string = 0x1e;
inline constexpr Tag sequence = 0x30;
inline constexpr Tag set = 0x31;
/// [number] IMPLICIT of a primitive type, and [number] EXPLICIT or IMPLICIT of a constructed one.
constexpr Tag context(unsigned number) { return static_cast<Tag>(0x80 | number); }
constexpr Tag context_constructed(unsigned number) { return static_cast<Tag>(0xa0 | number); }
}  // namespace tag

/// "SEQUENCE", "[3]": for errors.
std::string name_of(Tag tag);

/// One element: tag, length and content, as views into the message.
struct Element {
  Tag tag = 0;
  Bytes content;
  Bytes whole;             ///< tag and length included
  std::size_t offset = 0;  ///< of the tag, in the whole message
};

struct BitString {
  Bytes octets;
  unsigned unused_bits = 0;
  /// Bit 0 is the highest of the first octet (X.680, section 22); bits that are not there are clear.
  bool bit(std::size_t number) const;
};

/// A view with a cursor over DER (X.690), strict: definite and minimal lengths, minimal integers, BOOLEAN 00 or FF,
/// zero unused bits, times as RFC 5280 writes them. Each take names its field for errors and for the sink. It never
/// recurses: whoever walks a structure asks for what may stand there. Lives no longer than the bytes.
class Reader {
 public:
  /// `structure`: a literal for error messages, "TBSCertificate". `offset`: where `bytes` begin in the whole message.
  explicit Reader(Bytes bytes, std::string_view structure, AnnotationSink* sink = nullptr, std::size_t offset = 0,
                  unsigned depth = 0)
      : bytes_(bytes), structure_(structure), sink_(sink), base_(offset), depth_(depth) {}

  /// True if an element with this tag comes next: for OPTIONAL, DEFAULT and CHOICE.
  bool next_is(Tag tag) const { return !empty() && peek().front() == tag; }

  Result<Element> any(std::string_view field);
  Result<Element> element(std::string_view field, Tag tag);
  /// The inside of a constructed element, or of an OCTET STRING that holds DER.
  Result<Reader> constructed(std::string_view field, Tag tag);
  Result<Reader> sequence(std::string_view field) { return constructed(field, tag::sequence); }
  Result<Reader> set(std::string_view field) { return constructed(field, tag::set); }
  /// A Reader for an element's content, which errors call `structure`.
  Reader inside(const Element& element, std::string_view structure) const;

  Result<bool> boolean(std::string_view field, Tag tag = tag::boolean);
  /// Two's complement, minimal, at least one byte (X.690, section 8.3).
  Result<Bytes> integer(std::string_view field);
  /// A number that is not negative, big-endian without leading zeros; zero is one byte 00. `tag` for IMPLICIT ones.
  Result<Bytes> unsigned_integer(std::string_view field, Tag tag = tag::integer);
  /// The same, 0 to `most`.
  Result<std::uint64_t> small_integer(std::string_view field, std::uint64_t most, Tag tag = tag::integer);
  Result<BitString> bit_string(std::string_view field, Tag tag = tag::bit_string);
  /// A BIT STRING of whole octets: keys and signatures.
  Result<Bytes> octets_in_bit_string(std::string_view field);
  Result<Bytes> octet_string(std::string_view field, Tag tag = tag::octet_string);
  Result<void> null(std::string_view field);
  Result<Oid> object_identifier(std::string_view field, Tag tag = tag::object_identifier);
  /// UTCTime until 2049, GeneralizedTime from 2050, whole seconds, Z (RFC 5280, section 4.1.2.5).
  Result<WallTime> time(std::string_view field);
  /// GeneralizedTime of any year, as CRL entries and OCSP have them (RFC 5280, section 4.1.2.5.2).
  Result<WallTime> generalized_time(std::string_view field);

  /// Tells the sink what the field last taken means.
  void meaning(std::string_view text) const {
    if (sink_ != nullptr) sink_->meaning(text);
  }
  /// Fails if anything is left: the last line of every structure.
  Result<void> finish() const;

  bool empty() const { return taken_ == bytes_.size(); }
  std::size_t remaining() const { return bytes_.size() - taken_; }
  std::size_t offset() const { return base_ + taken_; }
  Bytes peek() const { return bytes_.subspan(taken_); }
  std::string_view structure() const { return structure_; }
  AnnotationSink* sink() const { return sink_; }

 private:
  Result<Element> take(std::string_view field, std::optional<Tag> wanted);
  std::unexpected<Error> refuse(std::string_view field, std::optional<Tag> wanted) const;
  std::unexpected<Error> refuse_length(std::string_view field, Bytes in) const;
  Result<WallTime> time_of(std::string_view field, const Element& element) const;
  std::unexpected<Error> fault(const Rule& rule, std::string_view field, std::string_view what) const;
  std::unexpected<Error> fault(const Rule&& rule, std::string_view field, std::string_view what) const = delete;

  Bytes bytes_;
  std::string_view structure_;
  AnnotationSink* sink_;
  std::size_t base_;
  std::size_t taken_ = 0;
  unsigned depth_;
};

}  // namespace padlock::der
