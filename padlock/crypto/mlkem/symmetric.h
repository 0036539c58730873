#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "padlock/base/text.h"

/// The hash functions of FIPS 203, section 4.1. Outputs may be secret: whoever owns them wipes them.
namespace padlock::crypto::mlkem {

using Bytes32 = std::span<const std::uint8_t, 32>;
using Out32 = std::span<std::uint8_t, 32>;

/// H: SHA3-256.
void hash_h(Bytes s, Out32 out);
/// J: SHAKE256 of the two pieces, 32 bytes.
void hash_j(Bytes32 z, Bytes c, Out32 out);
/// G: SHA3-512 of the two pieces, in two halves.
void hash_g(Bytes32 first, Bytes second, Out32 a, Out32 b);

}  // namespace padlock::crypto::mlkem
