#include "padlock/der/reader.h"

#include <algorithm>
#include <chrono>
#include <string>

#include "padlock/der/rules.h"

namespace padlock::der {

namespace {

/// Big-endian without the zero in front of a high bit.
Bytes without_sign_octet(Bytes integer) {
  return integer.size() > 1 && integer.front() == 0 ? integer.subspan(1) : integer;
}

bool minimal(Bytes integer) {
  if (integer.empty()) return false;
  if (integer.size() == 1) return true;
  const bool second_is_high = (integer[1] & 0x80) != 0;
  return integer[0] == 0x00 ? second_is_high : integer[0] != 0xff || !second_is_high;
}

bool negative(Bytes integer) { return (integer.front() & 0x80) != 0; }

/// "YYYYMMDDHHMMSSZ" as a time; nothing if it is another form or no such day or hour exists.
std::optional<WallTime> parse_time(std::string_view text) {
  if (text.size() != 15 || text.back() != 'Z') return std::nullopt;
  const auto number = [text](std::size_t at, std::size_t count) { return parse_decimal(text.substr(at, count)); };
  const auto year = number(0, 4), month = number(4, 2), day = number(6, 2);
  const auto hour = number(8, 2), minute = number(10, 2), second = number(12, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second);
}

/// UTCTime with the century of RFC 5280, section 4.1.2.5.1: 50 to 99 are 19xx.
std::optional<WallTime> parse_utc_time(std::string_view text) {
  if (text.size() != 13) return std::nullopt;
  return parse_time(std::string(text.front() >= '5' ? "19" : "20").append(text));
}

constexpr WallTime year_2050 = std::chrono::sys_days(std::chrono::year(2050) / 1 / 1);

}  // namespace

std::string name_of(Tag tag) {
  switch (tag) {
    case tag::boolean: return "BOOLEAN";
    case tag::integer: return "INTEGER";
    case tag::bit_string: return "BIT STRING";
    case tag::octet_string: return "OCTET STRING";
    case tag::null: return "NULL";
    case tag::object_identifier: return "OBJECT IDENTIFIER";
    case tag::enumerated: return "ENUMERATED";
    case tag::utf8_string: return "UTF8String";
    case tag::printable_string: return "PrintableString";
    case tag::teletex_string: return "TeletexString";
    case tag::ia5_string: return "IA5String";
    case tag::utc_time: return "UTCTime";
    case tag::generalized_time: return "GeneralizedTime";
    case tag::visible_string: return "VisibleString";
    case tag::universal_string: return "UniversalString";
    case tag::bmp_string: return "BMPString";
    case tag::sequence: return "SEQUENCE";
    case tag::set: return "SET";
    default: break;
  }
  if ((tag & 0xc0) == 0x80 && (tag & 0x1f) != 0x1f) return "[" + std::to_string(tag & 0x1f) + "]";
  return "tag 0x" + to_hex(Bytes(&tag, 1));
}

bool BitString::bit(std::size_t number) const {
  const std::size_t octet = number / 8;
  return octet < octets.size() && (octets[octet] >> (7 - number % 8) & 1) != 0;
}

std::unexpected<Error> Reader::fault(const Rule& rule, std::string_view field, std::string_view what) const {
  return broken(rule, std::string(structure_)
                          .append(".")
                          .append(field)
                          .append(" at byte ")
                          .append(std::to_string(offset()))
                          .append(": ")
                          .append(what));
}

namespace {

struct Header {
  std::size_t size;    ///< of tag and length
  std::size_t length;  ///< of the content
};

/// Nothing: `refuse` says why. Most of a certificate's parsing is here, so nothing here makes an error.
std::optional<Header> read_header(Bytes in) {
  if (in.size() < 2 || (in[0] & 0x1f) == 0x1f) return std::nullopt;
  const std::size_t first = in[1];
  if (first < 0x80) return Header{2, first};
  const std::size_t count = first & 0x7f;
  if (count == 0 || count > max_length_octets || in.size() < 2 + count) return std::nullopt;
  std::size_t length = 0;
  for (const std::uint8_t octet : in.subspan(2, count)) length = length << 8 | octet;
  if (length < 0x80 || length >> (8 * (count - 1)) == 0) return std::nullopt;
  return Header{2 + count, length};
}

}  // namespace

Result<Element> Reader::take(std::string_view field, std::optional<Tag> wanted) {
  const Bytes in = peek();
  const auto header = read_header(in);
  if (!header || in.size() - header->size < header->length || (wanted && in.front() != *wanted)) {
    return refuse(field, wanted);
  }
  const Element element{in.front(), in.subspan(header->size, header->length), in.first(header->size + header->length),
                        offset()};
  if (sink_ != nullptr) sink_->field({field, offset() + header->size, header->length, std::nullopt, depth_});
  taken_ += element.whole.size();
  return element;
}

/// Why an element cannot be taken.
std::unexpected<Error> Reader::refuse(std::string_view field, std::optional<Tag> wanted) const {
  const Bytes in = peek();
  const std::string expected = wanted ? "expected " + name_of(*wanted) + ", " : std::string();
  if (in.empty()) return fault(rules::unexpected_tag, field, expected + "found the end of the structure");
  const Tag found = in.front();
  if ((found & 0x1f) == 0x1f) return fault(rules::unexpected_tag, field, expected + "found a tag number above 30");
  if (wanted && found != *wanted) return fault(rules::unexpected_tag, field, expected + "found " + name_of(found));
  const auto header = read_header(in);
  if (!header) return refuse_length(field, in.subspan(1));
  return fault(rules::truncated, field,
               "is " + std::to_string(header->length) + " bytes long, " + std::to_string(in.size() - header->size) +
                   " are left");
}

/// Why these are no good length octets (X.690, sections 8.1.3 and 10.1).
std::unexpected<Error> Reader::refuse_length(std::string_view field, Bytes in) const {
  const std::size_t count = in.empty() ? 0 : in.front() & 0x7f;
  if (in.empty() || (count <= max_length_octets && in.size() - 1 < count))
    return fault(rules::truncated, field, "ends within its length");
  if (count == 0) return fault(rules::length, field, "has an indefinite length");
  if (count > max_length_octets) return fault(rules::length, field, "has a length of more than 4 octets");
  return fault(rules::length, field, "has a longer length than needed");
}

Result<Element> Reader::any(std::string_view field) { return take(field, std::nullopt); }
Result<Element> Reader::element(std::string_view field, Tag tag) { return take(field, tag); }

Reader Reader::inside(const Element& element, std::string_view structure) const {
  const std::size_t header = element.whole.size() - element.content.size();
  return Reader(element.content, structure, sink_, element.offset + header, depth_ + 1);
}

Result<Reader> Reader::constructed(std::string_view field, Tag tag) {
  const Element element = PADLOCK_TRY(take(field, tag));
  return inside(element, field);
}

Result<bool> Reader::boolean(std::string_view field, Tag tag) {
  const Element element = PADLOCK_TRY(take(field, tag));
  if (element.content.size() != 1 || (element.content[0] != 0x00 && element.content[0] != 0xff))
    return fault(rules::boolean, field, "is 0x" + to_hex(element.content));
  return element.content[0] == 0xff;
}

Result<Bytes> Reader::integer(std::string_view field) {
  const Element element = PADLOCK_TRY(take(field, tag::integer));
  if (!minimal(element.content)) return fault(rules::integer, field, "is empty or has a needless leading byte");
  return element.content;
}

Result<Bytes> Reader::unsigned_integer(std::string_view field, Tag tag) {
  const Element element = PADLOCK_TRY(take(field, tag));
  if (!minimal(element.content)) return fault(rules::integer, field, "is empty or has a needless leading byte");
  if (negative(element.content)) return fault(rules::integer_range, field, "is negative");
  return without_sign_octet(element.content);
}

Result<std::uint64_t> Reader::small_integer(std::string_view field, std::uint64_t most, Tag tag) {
  const Bytes octets = PADLOCK_TRY(unsigned_integer(field, tag));
  std::uint64_t value = 0;
  for (const std::uint8_t octet : octets.first(std::min<std::size_t>(octets.size(), 8))) value = value << 8 | octet;
  if (octets.size() > 8 || value > most) return fault(rules::integer_range, field, "is above " + std::to_string(most));
  return value;
}

Result<BitString> Reader::bit_string(std::string_view field, Tag tag) {
  const Element element = PADLOCK_TRY(take(field, tag));
  if (element.content.empty()) return fault(rules::bit_string, field, "lacks its number of unused bits");
  const unsigned unused = element.content.front();
  const Bytes octets = element.content.subspan(1);
  if (unused > 7 || (unused > 0 && octets.empty()))
    return fault(rules::bit_string, field, "says " + std::to_string(unused) + " unused bits");
  if (unused > 0 && (octets.back() & ((1U << unused) - 1)) != 0)
    return fault(rules::bit_string, field, "has unused bits that are set");
  return BitString{octets, unused};
}

Result<Bytes> Reader::octets_in_bit_string(std::string_view field) {
  const BitString bits = PADLOCK_TRY(bit_string(field));
  if (bits.unused_bits != 0) return fault(rules::bit_string, field, "is not whole octets");
  return bits.octets;
}

Result<Bytes> Reader::octet_string(std::string_view field, Tag tag) {
  const Element element = PADLOCK_TRY(take(field, tag));
  return element.content;
}

Result<void> Reader::null(std::string_view field) {
  const Element element = PADLOCK_TRY(take(field, tag::null));
  if (!element.content.empty()) return fault(rules::null, field, "has content");
  return {};
}

Result<Oid> Reader::object_identifier(std::string_view field, Tag tag) {
  const Element element = PADLOCK_TRY(take(field, tag));
  const auto oid = Oid::from_content(element.content);
  if (!oid) return fault(rules::object_identifier, field, "is no object identifier");
  if (sink_ != nullptr) sink_->meaning(describe(*oid));
  return *oid;
}

Result<WallTime> Reader::time_of(std::string_view field, const Element& element) const {
  const bool utc = element.tag == tag::utc_time;
  const auto text = as_text(element.content);
  const auto time = utc ? parse_utc_time(text) : parse_time(text);
  if (!time) return fault(rules::time, field, "\"" + escaped(text.substr(0, 32)) + "\" is no " + name_of(element.tag));
  if (sink_ != nullptr) sink_->meaning(to_string(*time));
  return *time;
}

Result<WallTime> Reader::time(std::string_view field) {
  const Element element =
      PADLOCK_TRY(take(field, next_is(tag::generalized_time) ? tag::generalized_time : tag::utc_time));
  const WallTime time = PADLOCK_TRY(time_of(field, element));
  if (element.tag == tag::generalized_time && time < year_2050)
    return fault(rules::time, field, "is a GeneralizedTime before 2050");
  return time;
}

Result<WallTime> Reader::generalized_time(std::string_view field) {
  const Element element = PADLOCK_TRY(take(field, tag::generalized_time));
  return time_of(field, element);
}

Result<void> Reader::finish() const {
  if (empty()) return {};
  return fault(rules::trailing_bytes, "end", std::to_string(remaining()) + " bytes follow the last field");
}

}  // namespace padlock::der
