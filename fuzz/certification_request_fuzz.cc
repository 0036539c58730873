// Reads the input as a certification request. What is accepted must say the same when read again, and its proof of
// possession is checked without a crash.
#include <cstdlib>
#include <span>

#include "padlock/base/unsafe.h"
#include "padlock/x509/certification_request.h"

namespace {

void check(bool good) {
  if (!good) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // libFuzzer hands out one buffer
  const std::span<const std::uint8_t> input(data, size);
  PADLOCK_UNSAFE_BUFFERS_END
  const auto request = padlock::x509::read_certification_request(input);
  if (!request) return 0;
  check((*request)->tbs_offset + (*request)->tbs_length <= (*request)->der.size());
  const auto again = padlock::x509::parse_certification_request((*request)->der);
  check(again && (*again)->subject.der == (*request)->subject.der &&
        (*again)->extensions.size() == (*request)->extensions.size());
  static const auto provider = padlock::crypto::make_provider();
  const auto proof = verify_request(**request, *provider);
  check(proof.has_value() || !proof.error().what.empty());
  return 0;
}
