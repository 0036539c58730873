#include "padlock/server/admin/status.h"

#include "padlock/x509/certificate.h"

namespace padlock::server {

std::vector<CertificateStatus> certificate_status(const Site& site) {
  std::vector<CertificateStatus> all;
  for (const SiteCredential& one : *site.credentials->all()) {
    const auto leaf = x509::parse_certificate(one.credential->chain.front());
    if (leaf) all.push_back({one.names.all(), (*leaf)->issuer.short_text(), (*leaf)->not_after, (*leaf)->not_before});
  }
  return all;
}

}  // namespace padlock::server
