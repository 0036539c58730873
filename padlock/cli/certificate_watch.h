#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/certs/certificate_event.h"
#include "padlock/certs/certificate_health.h"
#include "padlock/server/admin/status.h"

namespace padlock::cli {

/// Says once of each certificate that sites show that it is late, and that it has expired: a calculation.
class CertificateWatch {
 public:
  std::vector<certs::CertificateEvent> look(const std::vector<server::SiteStatus>& sites, WallTime now);

 private:
  using Subject = std::pair<std::string, WallTime>;  ///< a site's first name, and when the certificate ends
  std::map<Subject, certs::Health> told_;
};

}  // namespace padlock::cli
