// Reads the input as a message of DNS, and what its records hold. Whatever it is, reading ends; a name that was read is
// one that can be written and read again.
#include <cstdlib>
#include <span>
#include <vector>

#include "padlock/base/reader.h"
#include "padlock/base/unsafe.h"
#include "padlock/dns/limits.h"
#include "padlock/dns/message.h"
#include "padlock/dns/tsig.h"

namespace {

namespace dns = padlock::dns;

void check(bool good) {
  if (!good) std::abort();
}

void check_name(const dns::Name& name) {
  std::vector<std::uint8_t> bytes;
  padlock::Writer out(bytes);
  dns::write_name(out, name);
  check(bytes.size() <= dns::limits::name_bytes);
  padlock::Reader in(bytes, "name");
  const auto again = dns::parse_name(in, bytes);
  check(again && *again == name && in.empty());
}

void check_records(const std::vector<dns::Record>& records) {
  check(records.size() <= dns::limits::records);
  for (const dns::Record& record : records) {
    check_name(record.name);
    check_name(record.target);
    static_cast<void>(dns::parse_txt(record.data));
    static_cast<void>(dns::parse_caa(record.data));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // libFuzzer hands out one buffer
  const std::span<const std::uint8_t> input(data, size);
  PADLOCK_UNSAFE_BUFFERS_END
  static const auto key = dns::parse_tsig_key("hmac-sha256:key:c2VjcmV0").value();
  check(!dns::verify_answer(input, key, std::vector<std::uint8_t>(32, 1), padlock::WallTime{}));  // nobody signed it
  const auto message = dns::parse_message(input);
  if (!message) return 0;
  for (const dns::Question& question : message->questions) check_name(question.name);
  for (const auto* const section : {&message->answers, &message->authorities, &message->additional})
    check_records(*section);
  return 0;
}
