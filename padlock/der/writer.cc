#include "padlock/der/writer.h"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <string>

namespace padlock::der {
namespace {

/// Length octets: one up to 127, else their count and the number without leading zeros (X.690, section 10.1).
std::vector<std::uint8_t> length_octets(std::size_t length) {
  if (length < 0x80) return {static_cast<std::uint8_t>(length)};
  std::vector<std::uint8_t> octets;
  for (std::size_t rest = length; rest != 0; rest >>= 8) octets.push_back(static_cast<std::uint8_t>(rest));
  octets.push_back(static_cast<std::uint8_t>(0x80 | octets.size()));
  std::ranges::reverse(octets);
  return octets;
}

std::string digits(std::uint64_t value, std::size_t width) {
  std::string text = std::to_string(value);
  return std::string(width - std::min(width, text.size()), '0') + text;
}

int year_of(WallTime time) {
  return static_cast<int>(std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(time)).year());
}

/// "MMDDHHMMSSZ"
std::string month_to_second(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  const auto two = [](auto value) { return digits(static_cast<std::uint64_t>(value), 2); };
  return two(static_cast<unsigned>(date.month())) + two(static_cast<unsigned>(date.day())) +
         two(clock.hours().count()) + two(clock.minutes().count()) + two(clock.seconds().count()) + "Z";
}

}  // namespace

void Writer::boolean(bool value) {
  const std::array<std::uint8_t, 1> content{static_cast<std::uint8_t>(value ? 0xff : 0x00)};
  primitive(0x01, content);
}

void Writer::integer(std::uint64_t value) {
  std::array<std::uint8_t, 8> content{};
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<std::uint8_t>(value >> (8 * (7 - i)));
  unsigned_integer(content);
}

void Writer::unsigned_integer(Bytes big_endian) {
  while (!big_endian.empty() && big_endian.front() == 0) big_endian = big_endian.subspan(1);
  // A first octet with its high bit set would read as negative (X.690, section 8.3.3).
  const bool padded = big_endian.empty() || big_endian.front() >= 0x80;
  out_.push_back(0x02);
  length(big_endian.size() + (padded ? 1 : 0));
  if (padded) out_.push_back(0);
  raw(big_endian);
}

void Writer::bit_string(Bytes bytes) {
  bit_string_of([&](Writer& body) { body.raw(bytes); });
}

void Writer::named_bits(std::uint16_t bits) {
  std::vector<std::uint8_t> content{0};
  const auto width = static_cast<std::size_t>(std::bit_width(bits));
  content.resize(1 + (width + 7) / 8);
  for (std::size_t bit = 0; bit < width; ++bit) {
    if ((bits >> bit & 1) != 0) content[1 + bit / 8] |= static_cast<std::uint8_t>(0x80 >> bit % 8);
  }
  content[0] = static_cast<std::uint8_t>((8 - width % 8) % 8);
  primitive(0x03, content);
}

void Writer::time(WallTime time) {
  const int year = year_of(time);
  if (year < 1950) return fault();
  if (year >= 2050) return generalized_time(time);
  primitive(0x17, as_bytes(digits(static_cast<std::uint64_t>(year % 100), 2) + month_to_second(time)));
}

void Writer::generalized_time(WallTime time) {
  const int year = year_of(time);
  if (year < 0 || year > 9999) return fault();
  primitive(0x18, as_bytes(digits(static_cast<std::uint64_t>(year), 4) + month_to_second(time)));
}

void Writer::enumerated(std::uint8_t value) {
  if (value > 0x7f) return fault();
  primitive(0x0a, Bytes(&value, 1));
}

void Writer::context_primitive(unsigned number, Bytes content) {
  assert(number < 31);
  primitive(static_cast<std::uint8_t>(0x80 | number), content);
}

void Writer::primitive(std::uint8_t tag, Bytes content) {
  out_.push_back(tag);
  length(content.size());
  raw(content);
}

void Writer::length(std::size_t length) { raw(length_octets(length)); }

void Writer::insert_length(std::size_t start) {
  const std::vector<std::uint8_t> octets = length_octets(out_.size() - start);
  out_.insert(out_.begin() + static_cast<std::ptrdiff_t>(start), octets.begin(), octets.end());
}

void Writer::fault() {
  good_ = false;
  assert(good_);
}

}  // namespace padlock::der
