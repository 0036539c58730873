#include "padlock/base/secret.h"

#include "padlock/base/memcheck.h"

namespace padlock {

bool equal_constant_time(Bytes a, Bytes b) {
  if (a.size() != b.size()) return false;
  std::uint8_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference = static_cast<std::uint8_t>(difference | (a[i] ^ b[i]));
  // The barrier keeps the compiler from leaving the loop at the first difference.
  __asm__ volatile("" : "+r"(difference));
  mark_public(Bytes(&difference, 1));  // whether they are equal is no secret; where they differ is
  return difference == 0;
}

}  // namespace padlock
