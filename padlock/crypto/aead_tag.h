#pragma once

#include <span>

#include "padlock/base/text.h"

namespace padlock::crypto {

/// The end of every `Aead::open`: true if `computed` is the tag that ends `in_out`, compared in constant time; else
/// false and all of `in_out` wiped, so that nobody reads what was not authentic.
[[nodiscard]] bool accept_or_wipe(Bytes computed, std::span<std::uint8_t> in_out);

}  // namespace padlock::crypto
