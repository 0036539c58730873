#pragma once

#include <cstddef>

namespace padlock::der {

/// Bytes of an object identifier's content. The longest in use are the UUIDs below 2.25 (20 bytes); one fixed size
/// keeps identifiers plain values without allocation.
inline constexpr std::size_t max_oid_length = 63;

/// Bytes of a length field behind its first one: lengths above 4 GiB do not occur and would need checked sums.
inline constexpr std::size_t max_length_octets = 4;

}  // namespace padlock::der
