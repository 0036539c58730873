// The input says which takes to try on itself: the first half are takes, the second half the bytes that are read.
#include <cstdlib>
#include <span>

#include "padlock/base/reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // libFuzzer hands out one buffer
  const std::span<const std::uint8_t> input(data, size);
  PADLOCK_UNSAFE_BUFFERS_END
  padlock::Reader in(input.subspan(size / 2), "fuzzed");
  for (const std::uint8_t take : input.first(size / 2)) {
    const std::size_t before = in.remaining();
    bool taken = false;
    switch (take % 6) {
      case 0: taken = in.u8("field").has_value(); break;
      case 1: taken = in.u24("field").has_value(); break;
      case 2: taken = in.u64("field").has_value(); break;
      case 3: taken = in.bytes("field", take).has_value(); break;
      case 4: taken = in.vec16("field", 1).has_value(); break;
      default: taken = in.vec8("field").has_value(); break;
    }
    if (in.remaining() > before || (!taken && in.remaining() != before)) std::abort();
  }
  return 0;
}
