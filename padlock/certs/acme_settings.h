#pragma once

#include <string>
#include <vector>

#include "padlock/acme/challenge.h"

namespace padlock::certs {

/// An ACME server, and how certificates are asked for there: the table [acme] of a configuration.
struct AcmeSettings {
  std::string directory;                ///< its URL
  std::string email{};                  ///< for the CA's messages; empty: none
  bool agree = false;                   ///< to its terms of service
  std::vector<std::string> ca_files{};  ///< roots that its HTTPS is verified by; none: the system's
  std::vector<acme::ChallengeType> challenges{acme::ChallengeType::tls_alpn_01,
                                              acme::ChallengeType::http_01};  ///< best first
  std::string profile{};                                                      ///< empty: the CA's choice
  std::string preferred_root{};                                               ///< part of its common name; empty: any
  std::string acme_dns_file{};                      ///< accounts at acme-dns servers, for dns-01; empty: none
  std::string eab_key_identifier{}, eab_mac_key{};  ///< of an account that one has with the CA; empty: none
  friend bool operator==(const AcmeSettings&, const AcmeSettings&) = default;
};

}  // namespace padlock::certs
