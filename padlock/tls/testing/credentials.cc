#include "padlock/tls/testing/credentials.h"

#include <array>
#include <chrono>
#include <cstdlib>
#include <map>

#include "padlock/x509/issue.h"

namespace padlock::tls::testing {

namespace {

constexpr WallTime not_before{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};
constexpr WallTime not_after{std::chrono::sys_days{std::chrono::year{2036} / 1 / 1}};

template <class Value>
Value must(Result<Value> result) {
  if (!result) std::abort();
  return *std::move(result);
}

std::vector<std::uint8_t> name(std::string_view common_name) {
  return x509::make_name(std::array{x509::NameAttribute{der::oid::commonName, common_name}});
}

constexpr auto signs = static_cast<std::uint16_t>(x509::KeyUsage::digitalSignature);
constexpr auto signs_and_decrypts =
    static_cast<std::uint16_t>(signs | static_cast<std::uint16_t>(x509::KeyUsage::keyEncipherment));

/// A leaf and the root above it: the leaf's key is of any kind, the root's is ECDSA.
std::shared_ptr<const Credential> make_credential(crypto::KeyKind kind, std::uint16_t key_usage) {
  const auto provider = crypto::make_provider(crypto::AeadBackend::libcrypto);
  const auto root_key = must(provider->generate_private_key(crypto::KeyKind::ecdsa_p256)).key;
  const x509::CertificateTemplate root_template{
      .subject = name("test root"),
      .not_before = not_before,
      .not_after = not_after,
      .basic_constraints = x509::BasicConstraints{.ca = true, .path_length = std::nullopt},
      .key_usage = static_cast<std::uint16_t>(x509::KeyUsage::keyCertSign)};
  auto root = must(x509::issue_self_signed(root_template, *root_key, *provider));

  const auto leaf_key = must(provider->generate_private_key(kind)).key;
  const x509::CertificateTemplate leaf_template{
      .subject = name("server.test"), .not_before = not_before, .not_after = not_after, .key_usage = key_usage};
  const auto issuer = must(x509::parse_certificate(root));
  auto leaf = must(x509::issue_certificate(leaf_template, leaf_key->public_key().parts(),
                                           x509::Issuer{*issuer, *root_key}, *provider));
  return std::make_shared<const Credential>(Credential{{std::move(leaf), std::move(root)}, leaf_key});
}

}  // namespace

std::shared_ptr<const Credential> credential(crypto::KeyKind kind) {
  static std::map<crypto::KeyKind, std::shared_ptr<const Credential>> made;
  auto& credential = made[kind];
  const bool rsa = kind == crypto::KeyKind::rsa_2048 || kind == crypto::KeyKind::rsa_3072;
  if (credential == nullptr) credential = make_credential(kind, rsa ? signs_and_decrypts : signs);
  return credential;
}

std::shared_ptr<const Credential> signing_rsa_credential() {
  static const auto made = make_credential(crypto::KeyKind::rsa_2048, signs);
  return made;
}

std::shared_ptr<const Credential> asking_credential() {
  static const auto made = [] {
    auto asking = std::make_shared<Credential>(*credential());
    asking->client_authentication = std::make_shared<const ClientAuthentication>();
    return asking;
  }();
  return made;
}

}  // namespace padlock::tls::testing
