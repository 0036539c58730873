#include "padlock/tls/testing/credentials.h"

#include <array>
#include <chrono>
#include <cstdlib>
#include <map>

#include "padlock/x509/issue.h"

namespace padlock::tls::testing {

namespace {

std::shared_ptr<const Credential> make_credential(crypto::KeyKind kind) {
  const auto provider = crypto::make_provider(crypto::AeadBackend::libcrypto);
  auto generated = provider->generate_private_key(kind);
  if (!generated) std::abort();
  const std::array attributes = {x509::NameAttribute{der::oid::commonName, "server.test"}};
  const x509::CertificateTemplate wanted{
      .subject = x509::make_name(attributes),
      .not_before = WallTime{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}},
      .not_after = WallTime{std::chrono::sys_days{std::chrono::year{2036} / 1 / 1}},
      .basic_constraints = x509::BasicConstraints{.ca = true, .path_length = std::nullopt},
      .key_usage = static_cast<std::uint16_t>(x509::KeyUsage::keyCertSign)};
  auto certificate = x509::issue_self_signed(wanted, *generated->key, *provider);
  if (!certificate) std::abort();
  return std::make_shared<const Credential>(Credential{{*std::move(certificate)}, generated->key});
}

}  // namespace

std::shared_ptr<const Credential> credential(crypto::KeyKind kind) {
  static std::map<crypto::KeyKind, std::shared_ptr<const Credential>> made;
  auto& credential = made[kind];
  if (credential == nullptr) credential = make_credential(kind);
  return credential;
}

}  // namespace padlock::tls::testing
