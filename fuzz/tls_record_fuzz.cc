// The record layer: the first byte says whether keys are in use, the rest is a stream of records.
#include <cstdlib>
#include <span>
#include <vector>

#include "padlock/tls/record/message_joiner.h"
#include "padlock/tls/record/record_reader.h"
#include "padlock/tls/testing/end.h"

namespace {

using namespace padlock;
using namespace padlock::tls;

void read_all(RecordReader& reader, std::span<std::uint8_t> input) {
  MessageJoiner joiner;
  while (true) {
    const auto record = reader.take(input);
    if (!record || !*record) return;
    if ((**record).wire_length > input.size() || (**record).wire_length < record_header_length) std::abort();
    if ((**record).type == ContentType::handshake) {
      Bytes content = (**record).content;
      while (true) {
        const auto message = joiner.take(content);
        if (!message) return;
        if (!*message) break;
        if ((**message).body.size() + handshake_header_length != (**message).bytes.size()) std::abort();
      }
    }
    input = input.subspan((**record).wire_length);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // libFuzzer hands out one buffer
  const Bytes input(data, size);
  PADLOCK_UNSAFE_BUFFERS_END
  if (input.empty()) return 0;
  std::vector<std::uint8_t> stream(input.begin() + 1, input.end());
  RecordReader reader((input[0] & 1) != 0);
  if ((input[0] & 2) != 0) {
    const TrafficSecret secret(std::vector<std::uint8_t>(32, 1));
    reader.protect(RecordProtection(CipherSuite::TLS_AES_128_GCM_SHA256, secret, testing::provider()));
  }
  if ((input[0] & 4) != 0) reader.skip_early_data(1000);
  read_all(reader, stream);
  return 0;
}
