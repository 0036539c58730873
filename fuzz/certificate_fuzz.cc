// Reads the input as a certificate. What is accepted must say the same when read again, must lie within its bytes, and
// must go through verification as leaf, intermediate and root without a crash.
#include <algorithm>
#include <cstdlib>
#include <span>

#include "padlock/base/unsafe.h"
#include "padlock/x509/limits.h"
#include "padlock/x509/verify.h"

namespace {

using padlock::x509::Certificate;

void check(bool good) {
  if (!good) std::abort();
}

void check_fields(const Certificate& certificate, std::span<const std::uint8_t> input) {
  check(std::ranges::equal(certificate.der, input));
  check(certificate.version >= 1 && certificate.version <= 3);
  check(!certificate.serial.empty() && certificate.serial.size() <= padlock::x509::max_serial_octets);
  check(certificate.tbs_offset + certificate.tbs_length <= input.size());
  check(certificate.version == 3 || certificate.extensions.empty());
  check(certificate.subject.empty() == certificate.subject.text().empty());
  const auto again = padlock::x509::parse_certificate(certificate.der);
  check(again.has_value());
  check((*again)->subject.text() == certificate.subject.text() && (*again)->serial == certificate.serial &&
        (*again)->subject_alternative_names.size() == certificate.subject_alternative_names.size());
}

void verify(const std::shared_ptr<const Certificate>& certificate) {
  static const auto provider = padlock::crypto::make_provider();
  padlock::x509::TrustStore store;
  store.add(certificate, padlock::x509::TrustSource::system_bundle);
  const std::vector<std::vector<std::uint8_t>> chain{certificate->der, certificate->der};
  const padlock::x509::VerifyInput input{.chain = chain, .server_name = "example.test", .now = certificate->not_before};
  const auto verdict = padlock::x509::verify_chain(input, store, *provider);
  check(verdict.trusted != verdict.error.has_value());
  check(!explain_verdict(verdict, "example.test", input.now).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // libFuzzer hands out one buffer
  const std::span<const std::uint8_t> input(data, size);
  PADLOCK_UNSAFE_BUFFERS_END
  const auto certificate = padlock::x509::parse_certificate(input);
  if (!certificate) return 0;
  check_fields(**certificate, input);
  verify(*certificate);
  return 0;
}
