#pragma once

// Self-signed certificates with any names, for tests of servers.

#include <memory>
#include <string>
#include <vector>

#include "padlock/crypto/provider.h"
#include "padlock/server/credentials.h"
#include "padlock/x509/certificate.h"
#include "padlock/x509/issue.h"

namespace padlock::server::testing {

inline crypto::Provider& provider() {
  static const std::unique_ptr<crypto::Provider> one = crypto::make_provider();
  return *one;
}

inline x509::GeneralName general_name(const std::string& text) {
  if (const auto address = x509::parse_ip_address(text))
    return {x509::GeneralNameForm::iPAddress, {address->view().begin(), address->view().end()}};
  const Bytes bytes = as_bytes(text);
  return {x509::GeneralNameForm::dNSName, {bytes.begin(), bytes.end()}};
}

/// A certificate that signs itself, with its key.
struct SelfSigned {
  std::vector<std::uint8_t> certificate;
  crypto::GeneratedKey key;

  SiteCredential site(const std::vector<std::string>& names) const {
    return {Names(names), std::make_shared<const tls::Credential>(tls::Credential{{certificate}, key.key})};
  }
};

inline SelfSigned make_self_signed(const std::vector<std::string>& names,
                                   crypto::KeyKind kind = crypto::KeyKind::ecdsa_p256) {
  x509::CertificateTemplate wanted;
  const std::vector<x509::NameAttribute> subject{{der::oid::commonName, "test server"}};
  wanted.subject = x509::make_name(subject);
  wanted.not_before = WallTime(std::chrono::days(20'000));
  wanted.not_after = WallTime(std::chrono::days(40'000));
  wanted.basic_constraints = x509::BasicConstraints{.ca = true, .path_length = std::nullopt};
  for (const std::string& name : names) wanted.subject_alternative_names.push_back(general_name(name));
  crypto::GeneratedKey key = provider().generate_private_key(kind).value();
  auto certificate = x509::issue_self_signed(wanted, *key.key, provider()).value();
  return {std::move(certificate), std::move(key)};
}

}  // namespace padlock::server::testing
