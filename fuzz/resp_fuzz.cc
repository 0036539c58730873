// What a Redis answers, cut at two places: the same replies come of it, and sealed values out of them open as none.
#include <algorithm>
#include <cstdlib>
#include <string>

#include "padlock/base/unsafe.h"
#include "padlock/certs/resp.h"
#include "padlock/certs/seal.h"

namespace {

using namespace padlock;
using namespace padlock::certs;

constexpr RespLimits limits{.bytes = 4096, .elements = 256};

void tell(const RespReply& reply, std::string& all) {
  all += std::to_string(static_cast<int>(reply.type)) + " " + std::to_string(reply.integer) + " " + reply.text + "\n";
  for (const RespReply& one : reply.elements) tell(one, all);
}

/// All replies up to the first error.
std::string read(Bytes bytes, std::size_t piece) {
  RespReader reader(limits);
  std::string all;
  while (!bytes.empty()) {
    const Bytes now = bytes.first(std::min(piece, bytes.size()));
    bytes = bytes.subspan(now.size());
    if (!reader.feed(now)) return all;
    for (;;) {
      const auto reply = reader.next();
      if (!reply) return all;
      if (!*reply) break;
      tell(**reply, all);
    }
  }
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // libFuzzer's own: so many bytes are there
  const Bytes bytes(data, std::min<std::size_t>(size, limits.bytes));
  PADLOCK_UNSAFE_BUFFERS_END
  const std::string whole = read(bytes, limits.bytes);
  if (read(bytes, 1) != whole || read(bytes, 7) != whole) std::abort();
  static const auto provider = crypto::make_provider();
  static const SealKeys keys(
      Secret<seal_key_bytes>::made(seal_key_bytes, [](auto room) { std::ranges::fill(room, 1); }));
  if (keys.open({Kind::certificate, "ca", "a.test"}, bytes, *provider)) std::abort();
  return 0;
}
