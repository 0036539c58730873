#include <cstdint>
#include <cstdlib>
#include <span>

#include "padlock/base/unsafe.h"
#include "padlock/der/pem.h"

// Any text is read without a fault, and what was read is read again after writing it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // libFuzzer hands out one buffer
  const padlock::Bytes input(data, size);
  PADLOCK_UNSAFE_BUFFERS_END
  const auto blocks = padlock::der::find_all(padlock::as_text(input), "");
  if (!blocks) return 0;
  for (const auto& block : *blocks) {
    const auto again = padlock::der::find_all(padlock::der::write_pem(block.label, block.bytes), block.label);
    if (!again || again->size() != 1 || again->front().bytes != block.bytes) std::abort();
  }
  return 0;
}
