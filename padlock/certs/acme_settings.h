#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "padlock/acme/challenge.h"

namespace padlock::certs {

/// Where records of dns-01 are set by updates of a zone (RFC 2136): the table [acme.rfc2136].
struct DnsUpdateSettings {
  std::string server;                        ///< the zone's primary: "ns1.example.com", "192.0.2.1:5353"
  std::string key_file;                      ///< a key for TSIG, its owner's alone
  std::string zone{};                        ///< empty: the server says it
  std::vector<std::string> authoritative{};  ///< who must show a record before the CA looks; none: the zone's servers
  std::chrono::seconds patience{120};        ///< until they do
  friend bool operator==(const DnsUpdateSettings&, const DnsUpdateSettings&) = default;
};

/// Names that get a certificate when a client first asks for them: the table [acme.on_demand].
struct OnDemandSettings {
  std::string site;                  ///< whose they are: one of its names
  std::vector<std::string> allow{};  ///< names and `*.` names that may
  std::string ask{};                 ///< a URL that says which others may; empty: none
  friend bool operator==(const OnDemandSettings&, const OnDemandSettings&) = default;
};

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
  std::optional<DnsUpdateSettings> dns_update{};    ///< for dns-01
  std::string dns_hook{};                           ///< a program that sets records for dns-01; empty: none
  std::string eab_key_identifier{}, eab_mac_key{};  ///< of an account that one has with the CA; empty: none
  std::vector<AcmeSettings> others{};               ///< CAs that are asked when this one gives nothing, in order
  std::optional<OnDemandSettings> on_demand{};      ///< nothing: the configured names alone
  friend bool operator==(const AcmeSettings&, const AcmeSettings&) = default;
};

}  // namespace padlock::certs
