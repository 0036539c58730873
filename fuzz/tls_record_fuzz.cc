// The record layer: the first byte says whether keys are in use, the rest is a stream of records; or inner plaintexts,
// a byte of length before each, that are sealed here and must be opened to what they were.
#include <algorithm>
#include <cstdlib>
#include <span>
#include <vector>

#include "padlock/tls/record/message_joiner.h"
#include "padlock/tls/record/record_reader.h"
#include "padlock/tls/rules.h"
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

RecordProtection protection() {
  const TrafficSecret secret(std::vector<std::uint8_t>(32, 1));
  return {CipherSuite::TLS_AES_128_GCM_SHA256, secret, testing::provider()};
}

std::vector<std::uint8_t> seal_all(Bytes plaintexts) {
  RecordProtection key = protection();
  std::vector<std::uint8_t> stream;
  while (!plaintexts.empty()) {
    const std::size_t length = std::min<std::size_t>(plaintexts[0], plaintexts.size() - 1);
    const Bytes inner = plaintexts.subspan(1, length);
    plaintexts = plaintexts.subspan(1 + length);
    const auto header =
        write_record_header({ContentType::application_data, 0x0303, inner.size() + crypto::aead_tag_length});
    stream.insert(stream.end(), header.begin(), header.end());
    stream.resize(stream.size() + inner.size() + crypto::aead_tag_length);
    key.seal(header, std::span(&inner, 1), std::span(stream).last(inner.size() + crypto::aead_tag_length));
  }
  return stream;
}

/// What was sealed opens, and is refused for nothing but having no type.
void check_sealed(std::span<std::uint8_t> stream) {
  RecordReader reader(false);
  reader.protect(protection());
  while (!stream.empty()) {
    const RecordHeader header = parse_record_header(stream.first<record_header_length>());
    const auto record = reader.take(stream);
    if (!record && record.error().rule != &tls::rules::no_inner_type) std::abort();
    if (record && (!*record || !(**record).was_protected)) std::abort();
    stream = stream.subspan(record_header_length + header.length);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // libFuzzer hands out one buffer
  const Bytes input(data, size);
  PADLOCK_UNSAFE_BUFFERS_END
  if (input.empty()) return 0;
  std::vector<std::uint8_t> stream(input.begin() + 1, input.end());
  if ((input[0] & 8) != 0) {
    stream = seal_all(input.subspan(1));
    auto copy = stream;
    check_sealed(copy);
  }
  RecordReader reader((input[0] & 1) != 0);
  if ((input[0] & 2) != 0) reader.protect(protection());
  if ((input[0] & 4) != 0) reader.skip_early_data(1000);
  read_all(reader, stream);
  return 0;
}
