#include <algorithm>
#include <array>

#include "padlock/net/address.h"

namespace padlock::net {
namespace {

struct Range {
  std::array<std::uint8_t, 4> address;  ///< of IPv6 the first 32 bits, which decide
  unsigned prefix_bits;
  Reach reach;
};
// RFC 6890 and what came to its registry since.
constexpr std::array ipv4_ranges{
    Range{{0, 0, 0, 0}, 8, Reach::nobody},           Range{{10, 0, 0, 0}, 8, Reach::private_use},
    Range{{100, 64, 0, 0}, 10, Reach::private_use},  // RFC 6598: shared by a provider's customers
    Range{{127, 0, 0, 0}, 8, Reach::loopback},       Range{{169, 254, 0, 0}, 16, Reach::link_local},
    Range{{172, 16, 0, 0}, 12, Reach::private_use},  Range{{192, 0, 0, 0}, 24, Reach::private_use},
    Range{{192, 0, 2, 0}, 24, Reach::private_use},   Range{{192, 168, 0, 0}, 16, Reach::private_use},
    Range{{198, 18, 0, 0}, 15, Reach::private_use},  Range{{198, 51, 100, 0}, 24, Reach::private_use},
    Range{{203, 0, 113, 0}, 24, Reach::private_use}, Range{{224, 0, 0, 0}, 3, Reach::nobody},
};

constexpr std::array ipv6_ranges{
    Range{{0xfc, 0, 0, 0}, 7, Reach::private_use},
    Range{{0xfe, 0x80, 0, 0}, 10, Reach::link_local},
    Range{{0xff, 0, 0, 0}, 8, Reach::nobody},
    Range{{0x20, 0x01, 0x0d, 0xb8}, 32, Reach::private_use},
};

bool within(Bytes address, const std::array<std::uint8_t, 4>& base, unsigned prefix_bits) {
  for (std::size_t i = 0; i < 4 && prefix_bits > 0; ++i) {
    const unsigned bits = std::min(prefix_bits, 8U);
    const auto mask = static_cast<std::uint8_t>(0xff00U >> bits);
    if (((address[i] ^ base.at(i)) & mask) != 0) return false;
    prefix_bits -= bits;
  }
  return true;
}

Reach reach_of_ipv4(Bytes address) {
  const auto* const found = std::ranges::find_if(
      ipv4_ranges, [&](const Range& range) { return within(address, range.address, range.prefix_bits); });
  return found == ipv4_ranges.end() ? Reach::public_use : found->reach;
}

bool all_zero(Bytes bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t octet) { return octet == 0; });
}

/// The IPv4 address that an IPv6 address stands for: mapped (::ffff:0:0/96) or translated (64:ff9b::/96).
bool holds_ipv4(Bytes address) {
  const bool mapped = all_zero(address.first(10)) && address[10] == 0xff && address[11] == 0xff;
  constexpr std::array<std::uint8_t, 4> translated{0x00, 0x64, 0xff, 0x9b};
  return mapped || (within(address, translated, 32) && all_zero(address.subspan(4, 8)));
}

}  // namespace

Reach reach_of(const IpAddress& address) {
  const Bytes bytes = address.view();
  if (bytes.size() == 4) return reach_of_ipv4(bytes);
  if (holds_ipv4(bytes)) return reach_of_ipv4(bytes.subspan(12));
  if (all_zero(bytes.first(15))) return bytes[15] == 1 ? Reach::loopback : Reach::nobody;
  const auto* const found = std::ranges::find_if(
      ipv6_ranges, [&](const Range& range) { return within(bytes, range.address, range.prefix_bits); });
  return found == ipv6_ranges.end() ? Reach::public_use : found->reach;
}

}  // namespace padlock::net
