// Reads the input as an OCSP response. What is accepted must say the same when read again, and must be judged without a
// crash and without being believed: nobody here made a signature.
#include <cstdlib>
#include <span>

#include "padlock/base/unsafe.h"
#include "padlock/x509/limits.h"
#include "padlock/x509/ocsp.h"

namespace {

using padlock::x509::OcspResponse;

void check(bool good) {
  if (!good) std::abort();
}

void judge(const OcspResponse& response) {
  static const auto provider = padlock::crypto::make_provider();
  padlock::x509::Certificate certificate;
  certificate.public_key = padlock::crypto::Ed25519PublicKey{std::vector<std::uint8_t>(32, 1)};
  padlock::WallTime now{};
  if (response.basic) {
    certificate.serial = response.basic->responses.front().id.serial;
    now = response.basic->responses.front().this_update;
  }
  const auto status = check_ocsp_response(response, certificate, certificate, now, *provider);
  check(status.state == padlock::x509::RevocationState::unknown && status.why.has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // libFuzzer hands out one buffer
  const std::span<const std::uint8_t> input(data, size);
  PADLOCK_UNSAFE_BUFFERS_END
  const auto response = padlock::x509::parse_ocsp_response(input);
  if (!response) return 0;
  if (response->basic) {
    check(response->basic->tbs_offset + response->basic->tbs_length <= response->der.size());
    check(!response->basic->responses.empty());
    check(response->basic->certificates.size() <= padlock::x509::max_ocsp_certificates);
  }
  const auto again = padlock::x509::parse_ocsp_response(response->der);
  check(again && again->status == response->status && again->basic.has_value() == response->basic.has_value());
  judge(*response);
  return 0;
}
