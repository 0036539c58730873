// Reads the input as an OCSP request and answers it. What is accepted is within its limits, and the answer must be one
// that our own reader takes.
#include <cstdlib>
#include <span>

#include "padlock/base/unsafe.h"
#include "padlock/x509/issue_revocation.h"
#include "padlock/x509/limits.h"

namespace {

using namespace padlock::x509;

void check(bool good) {
  if (!good) std::abort();
}

/// A responder whose name and key stay what they are from run to run, as far as one input is concerned.
struct Authority {
  std::unique_ptr<padlock::crypto::Provider> provider = padlock::crypto::make_provider();
  padlock::crypto::GeneratedKey key = provider->generate_private_key(padlock::crypto::KeyKind::ed25519).value();
  Certificate certificate;
  Authority() { certificate.public_key = key.key->public_key().parts(); }
};

void answer(OcspRequest request) {
  static const Authority authority;
  request.certificates.front() = make_cert_id(authority.certificate, authority.certificate);
  request.certificates.front().serial = {1};
  const auto good = [](padlock::Bytes) { return IssuedStatus{.state = RevocationState::good}; };
  const padlock::WallTime now{};
  const auto response = issue_ocsp_response(request, good, {authority.certificate, *authority.key.key},
                                            {now, now, now + std::chrono::days(1)});
  check(response.has_value());
  const auto read = parse_ocsp_response(*response);
  check(read && read->basic && read->basic->responses.size() == request.certificates.size());
  check(read->basic->nonce == request.nonce);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // libFuzzer hands out one buffer
  const std::span<const std::uint8_t> input(data, size);
  PADLOCK_UNSAFE_BUFFERS_END
  const auto request = parse_ocsp_request(input);
  if (!request) return 0;
  check(!request->certificates.empty() && request->certificates.size() <= max_ocsp_request_certificates);
  check(request->nonce.size() <= max_ocsp_nonce_octets);
  answer(*request);
  return 0;
}
