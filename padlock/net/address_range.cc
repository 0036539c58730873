#include "padlock/net/address_range.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "padlock/base/text.h"

namespace padlock::net {
namespace {

/// The first bits are the same.
bool begin_alike(Bytes a, Bytes b, unsigned bits) {
  const std::size_t whole = bits / 8;
  if (!std::ranges::equal(a.first(whole), b.first(whole))) return false;
  const unsigned rest = bits % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xFFU << (8 - rest));
  return ((a[whole] ^ b[whole]) & mask) == 0;
}

bool has_bits_behind(const IpAddress& address, unsigned bits) {
  for (unsigned bit = bits; bit < address.length * 8; ++bit) {
    if ((address.bytes.at(bit / 8) & (0x80U >> (bit % 8))) != 0) return true;
  }
  return false;
}

}  // namespace

IpAddress unmapped(const IpAddress& address) {
  constexpr std::array<std::uint8_t, 12> prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (address.length != 16 || !begin_alike(address.view(), prefix, 96)) return address;
  IpAddress ipv4;
  ipv4.length = 4;
  copy_bytes(address.view().subspan(12), ipv4.bytes);
  return ipv4;
}

bool AddressRange::holds(const IpAddress& other) const {
  const IpAddress plain = unmapped(other);
  return plain.length == address.length && begin_alike(address.view(), plain.view(), bits);
}

std::optional<AddressRange> parse_address_range(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = x509::parse_ip_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  const auto most = static_cast<unsigned>(address->length * 8);
  if (slash == std::string_view::npos) return AddressRange{*address, most};
  const auto bits = parse_decimal(text.substr(slash + 1));
  if (!bits || *bits > most || has_bits_behind(*address, static_cast<unsigned>(*bits))) return std::nullopt;
  return AddressRange{*address, static_cast<unsigned>(*bits)};
}

std::string to_string(const AddressRange& range) {
  return x509::to_string(range.address) + "/" + std::to_string(range.bits);
}

}  // namespace padlock::net
