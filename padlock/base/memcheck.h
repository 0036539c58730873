#pragma once

#include <span>

#include "padlock/base/text.h"

#ifdef PADLOCK_MEMCHECK
#include <valgrind/memcheck.h>
#endif

namespace padlock {

/// For the constant-time tests (build option PADLOCK_MEMCHECK; otherwise nothing happens): memcheck takes these bytes
/// for uninitialised, and so reports each branch and each index that depends on them.
inline void mark_secret([[maybe_unused]] std::span<const std::uint8_t> bytes) {
#ifdef PADLOCK_MEMCHECK
  VALGRIND_MAKE_MEM_UNDEFINED(bytes.data(), bytes.size());
#endif
}

/// From here on everybody may know them: a ciphertext, a MAC that is sent, the answer of a comparison.
inline void mark_public([[maybe_unused]] std::span<const std::uint8_t> bytes) {
#ifdef PADLOCK_MEMCHECK
  VALGRIND_MAKE_MEM_DEFINED(bytes.data(), bytes.size());
#endif
}
inline void mark_public([[maybe_unused]] std::size_t& number) {
#ifdef PADLOCK_MEMCHECK
  VALGRIND_MAKE_MEM_DEFINED(&number, sizeof number);
#endif
}

}  // namespace padlock
