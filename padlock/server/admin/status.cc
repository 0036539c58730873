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

std::map<std::string_view, std::size_t> count_certificates(const ServerStatus& status) {
  std::map<std::string_view, std::size_t> counts;
  for (const certs::Health health : {certs::Health::good, certs::Health::late, certs::Health::expired})
    counts[certs::name_of(health)] = 0;
  std::size_t& missing = counts["missing"];
  for (const SiteStatus& site : status.sites) {
    if (site.certificates.empty()) ++missing;
    for (const CertificateStatus& one : site.certificates)
      ++counts[certs::name_of(certs::health_of(one.not_before, one.not_after, status.now))];
  }
  return counts;
}

}  // namespace padlock::server
