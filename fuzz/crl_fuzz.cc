// Reads the input as a revocation list. What is accepted must say the same when read again, must find nothing that it
// does not hold, and must be judged without a crash.
#include <algorithm>
#include <cstdlib>
#include <span>

#include "padlock/base/unsafe.h"
#include "padlock/x509/crl.h"

namespace {

using padlock::x509::CertificateList;

void check(bool good) {
  if (!good) std::abort();
}

void judge(const CertificateList& list) {
  static const auto provider = padlock::crypto::make_provider();
  padlock::x509::Certificate certificate;
  certificate.issuer = certificate.subject = list.issuer;
  certificate.serial = {1};
  const auto status = check_crl(certificate, certificate, list, list.this_update, *provider);
  check(status.state == padlock::x509::RevocationState::unknown && status.why.has_value());
  check(!describe(status).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // libFuzzer hands out one buffer
  const std::span<const std::uint8_t> input(data, size);
  PADLOCK_UNSAFE_BUFFERS_END
  const auto list = padlock::x509::read_certificate_list(input);
  if (!list) return 0;
  check((*list)->tbs_offset + (*list)->tbs_length <= (*list)->der.size());
  const auto again = padlock::x509::parse_certificate_list((*list)->der);
  check(again && (*again)->size() == (*list)->size() && (*again)->issuer.der == (*list)->issuer.der);
  check((*list)->size() > 0 || !(*list)->find(std::vector<std::uint8_t>{1}));
  judge(**list);
  return 0;
}
