#include "padlock/cli/certificate_watch.h"

#include <utility>

namespace padlock::cli {

std::vector<certs::CertificateEvent> CertificateWatch::look(const std::vector<server::SiteStatus>& sites,
                                                            WallTime now) {
  using Kind = certs::CertificateEvent::Kind;
  std::vector<certs::CertificateEvent> events;
  std::map<Subject, certs::Health> next;  // what is not shown any more is forgotten
  for (const server::SiteStatus& site : sites) {
    for (const server::CertificateStatus& one : site.certificates) {
      const certs::Health health = certs::health_of(one.not_before, one.not_after, now);
      if (health == certs::Health::good) continue;
      const auto [at, is_new] = next.emplace(Subject{site.names.front(), one.not_after}, health);
      const auto before = told_.find(at->first);
      if (!is_new || (before != told_.end() && before->second == health)) continue;
      events.push_back({.kind = health == certs::Health::expired ? Kind::cert_expired : Kind::cert_expiring,
                        .time = now,
                        .names = site.names,
                        .ca = one.issuer,
                        .not_after = one.not_after});
    }
  }
  told_ = std::move(next);
  return events;
}

}  // namespace padlock::cli
