#pragma once

#include <cstddef>
#include <cstdint>

namespace padlock::crypto::lanes {

/// Eight numbers, one for each operation that is done at the same time.
constexpr std::size_t lane_count = 8;
using Lanes [[gnu::vector_size(8 * lane_count)]] = std::uint64_t;

/// Eight numbers of 256 bits, `w0` their lowest words.
struct Words {
  Lanes w0, w1, w2, w3;
};

/// Eight times X25519 of RFC 7748, section 5, without a branch or an address that depends on what the lanes hold.
using X25519Eight = void (*)(const Words& scalars, const Words& points, Words& results);

/// With AVX-512 IFMA. To be called only where the CPU has it; null where the compiler has not.
extern const X25519Eight x25519_ifma;
/// The same source on any CPU, for tests alone: it is slow. It checks that no limb is wider than a multiplication sees.
void x25519_portable(const Words& scalars, const Words& points, Words& results);

}  // namespace padlock::crypto::lanes
