// A client connection that has asked for something: the first byte says how the input is cut; the events must be those
// of the whole.
#include <cstdlib>
#include <span>

#include "padlock/http/h1/testing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // libFuzzer hands out one buffer
  const std::span<const std::uint8_t> input(data, size);
  PADLOCK_UNSAFE_BUFFERS_END
  if (input.empty()) return 0;
  const std::string whole(padlock::as_text(input.subspan(1)));
  const std::size_t step = input.front() % 64U + 1;
  std::vector<std::string> pieces;
  for (std::size_t at = 0; at < whole.size(); at += step) pieces.push_back(whole.substr(at, step));
  const auto one = padlock::http::h1::testing::receive({whole});
  const auto many = padlock::http::h1::testing::receive(pieces);
  if (one.events != many.events) std::abort();
  for (const std::string& event : one.events)
    if (event == "stalled") std::abort();
  return 0;
}
