// An HTTP/2 client connection that has asked twice: the first byte says how the input is cut and whether it begins with
// good settings; the events must be those of the whole.
#include <cstdlib>
#include <span>

#include "padlock/http/h2/testing/frames.h"
#include "padlock/http/h2/testing/run.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // libFuzzer hands out one buffer
  const std::span<const std::uint8_t> input(data, size);
  PADLOCK_UNSAFE_BUFFERS_END
  if (input.empty()) return 0;
  namespace testing = padlock::http::h2::testing;
  const bool polite = (input.front() & 0x80U) != 0;
  const std::string whole = (polite ? testing::server_hello() : "") + std::string(padlock::as_text(input.subspan(1)));
  const auto one = testing::receive({whole});
  const auto many = testing::receive(testing::cut(whole, input.front() % 64U + 1));
  if (one.events != many.events) std::abort();
  for (const std::string& event : one.events)
    if (event == "stalled") std::abort();
  return 0;
}
