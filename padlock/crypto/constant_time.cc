#include "padlock/crypto/constant_time.h"

namespace padlock::crypto {

void shift_left(std::span<std::uint8_t> bytes, std::size_t places) {
  for (std::size_t step = 1; step <= bytes.size(); step *= 2) {
    const Mask shifts = ~mask_equal(places & step, 0);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      const std::uint8_t moved = at + step < bytes.size() ? bytes[at + step] : std::uint8_t{0};
      bytes[at] = static_cast<std::uint8_t>(select(shifts, moved, bytes[at]));
    }
  }
}

}  // namespace padlock::crypto
