#pragma once

#include <cstdint>

namespace padlock::bench {

struct Allocations {
  std::uint64_t own = 0;      ///< calls of operator new
  std::uint64_t library = 0;  ///< calls of libcrypto's malloc and realloc
};

/// All allocations of the process since it began.
Allocations allocations();

/// Bytes in blocks that are not freed yet, as the allocator rounds them.
struct LiveBytes {
  std::uint64_t own = 0;
  std::uint64_t library = 0;
};
LiveBytes live_bytes();

/// Counts libcrypto's from now on; must be called before anything else of libcrypto.
void count_library_allocations();

}  // namespace padlock::bench
