#pragma once

#include <cstdint>

namespace padlock::crypto::mlkem {

/// The same number, but the compiler may assume nothing about it: so it makes no branch of a selection.
[[gnu::always_inline]] inline unsigned hidden(unsigned number) {
  __asm__("" : "+r"(number));
  return number;
}

}  // namespace padlock::crypto::mlkem
