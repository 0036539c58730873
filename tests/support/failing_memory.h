#pragma once

#include <cstddef>

// For tests of what happens where memory ends (docs/threats.md, P3): a program that is linked with this has an operator
// new that fails when it is told to, and so has libcrypto's own memory once it was taken over.

namespace padlock::test {

/// Has libcrypto ask here too. Before it is used at all; false: it was used already.
bool take_over_libcrypto();

/// After `met` further requests for memory so many are refused, in all threads but those that are spared.
void refuse_memory(std::size_t met, std::size_t refused);
/// Memory is there again. True: a request was refused.
bool give_memory_again();

/// While it lives, what this thread asks for is always met, and not counted.
class SparedThread {
 public:
  SparedThread();
  ~SparedThread();
  SparedThread(const SparedThread&) = delete;
  SparedThread& operator=(const SparedThread&) = delete;
};

/// Blocks that were given by operator new, or to libcrypto, and that nobody has given back.
std::size_t live_blocks();

}  // namespace padlock::test
