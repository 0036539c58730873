#pragma once

#include <string>
#include <vector>

#include "padlock/certs/certificate_event.h"

namespace padlock::certs {

/// Who is told what happens to certificates: the table [on_event] of a configuration.
struct EventSettings {
  std::string program{};                       ///< gets each event on its standard input; empty: none
  std::string webhook{};                       ///< a URL that each event is posted to; empty: none
  std::vector<std::string> ca_files{};         ///< roots that its HTTPS is verified by; none: the system's
  std::vector<CertificateEvent::Kind> only{};  ///< what is told; none: everything
  friend bool operator==(const EventSettings&, const EventSettings&) = default;
};

}  // namespace padlock::certs
