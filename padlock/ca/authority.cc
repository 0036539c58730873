#include "padlock/ca/authority.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "padlock/base/text.h"
#include "padlock/ca/limits.h"
#include "padlock/ca/names.h"
#include "padlock/ca/rules.h"
#include "padlock/der/oid.h"
#include "padlock/x509/issue.h"
#include "padlock/x509/public_key_info.h"

namespace padlock::ca {
namespace {

constexpr std::string_view organization = default_ca_name;
constexpr std::size_t base_identifier_bytes = 8;
constexpr auto ca_key_usage = static_cast<std::uint16_t>(std::to_underlying(x509::KeyUsage::keyCertSign) |
                                                         std::to_underlying(x509::KeyUsage::cRLSign));
constexpr auto leaf_key_usage = std::to_underlying(x509::KeyUsage::digitalSignature);
constexpr auto rsa_leaf_key_usage =
    static_cast<std::uint16_t>(leaf_key_usage | std::to_underlying(x509::KeyUsage::keyEncipherment));

/// A Name under the base that belongs to one root alone: "O=Padlock local CA, OU=<from the root's key>".
std::vector<std::uint8_t> subject_under(Bytes root_key_identifier, std::string_view common_name) {
  const std::string unit = to_hex(root_key_identifier.first(base_identifier_bytes));
  std::vector<x509::NameAttribute> attributes{{der::oid::organizationName, organization},
                                              {der::oid::organizationalUnitName, unit}};
  if (!common_name.empty()) attributes.push_back({der::oid::commonName, common_name});
  return x509::make_name(attributes);
}

Result<NewPair> paired(Bytes der, crypto::GeneratedKey generated) {
  auto certificate = PADLOCK_TRY(x509::parse_certificate(der));
  return NewPair{{std::move(certificate), std::move(generated.key)}, std::move(generated.pkcs8)};
}

/// What root and intermediate have in common.
x509::CertificateTemplate ca_template(std::vector<std::uint8_t> subject, std::uint32_t path_length,
                                      std::span<const std::string> more) {
  return {.subject = std::move(subject),
          .basic_constraints = x509::BasicConstraints{.ca = true, .path_length = path_length},
          .key_usage = ca_key_usage,
          .extended_key_usage = {der::oid::serverAuth},
          .name_constraints = name_constraints(more)};
}

/// The last second of a life counts (RFC 5280, section 4.1.2.5).
void set_life(x509::CertificateTemplate& wanted, WallTime begin, std::chrono::seconds life, WallTime last) {
  wanted.not_before = begin;
  wanted.not_after = std::min(begin + life - std::chrono::seconds{1}, last);
}

Result<std::shared_ptr<const x509::Certificate>> issue_below(const Pair& issuer, x509::CertificateTemplate wanted,
                                                             std::chrono::seconds life,
                                                             const crypto::PublicKeyParts& key,
                                                             crypto::Provider& provider, WallTime now) {
  const x509::Certificate& above = *issuer.certificate;
  set_life(wanted, std::max(now - backdating, above.not_before), life, above.not_after);
  const auto der = PADLOCK_TRY(x509::issue_certificate(wanted, key, {above, *issuer.key}, provider));
  return x509::parse_certificate(der);
}

void set_urls(x509::CertificateTemplate& wanted, const StatusUrls& urls) {
  wanted.crl_url = urls.crl;
  wanted.ocsp_url = urls.ocsp;
  wanted.ca_issuers_url = urls.ca_issuers;
}

bool constrained_ca(const x509::Certificate& certificate, std::uint32_t path_length,
                    const x509::NameConstraints& constraints) {
  return certificate.ca() && certificate.basic_constraints->path_length == path_length &&
         certificate.key_usage == ca_key_usage && certificate.unknown_critical_extensions.empty() &&
         certificate.name_constraints && same_constraints(*certificate.name_constraints, constraints);
}

}  // namespace

Result<NewPair> make_root(crypto::Provider& provider, WallTime now, const Settings& settings) {
  auto generated = PADLOCK_TRY(provider.generate_private_key(crypto::KeyKind::ecdsa_p256));
  const auto identifier = x509::key_identifier_of(generated.key->public_key().parts());
  auto wanted = ca_template(subject_under(identifier, settings.name), 1, settings.domains);
  set_life(wanted, now - backdating, root_life, WallTime::max());
  const auto der = PADLOCK_TRY(x509::issue_self_signed(wanted, *generated.key, provider));
  return paired(der, std::move(generated));
}

Result<NewPair> make_intermediate(const Pair& root, crypto::Provider& provider, WallTime now, const Settings& settings,
                                  const StatusUrls& urls) {
  const auto identifier = x509::key_identifier_of(root.certificate->public_key);
  auto wanted =
      ca_template(subject_under(identifier, settings.name + " intermediate"), 0, more_domains(*root.certificate));
  set_urls(wanted, urls);
  auto generated = PADLOCK_TRY(provider.generate_private_key(crypto::KeyKind::ecdsa_p256));
  auto certificate = PADLOCK_TRY(
      issue_below(root, std::move(wanted), intermediate_life, generated.key->public_key().parts(), provider, now));
  return NewPair{{std::move(certificate), std::move(generated.key)}, std::move(generated.pkcs8)};
}

Result<std::shared_ptr<const x509::Certificate>> certify_key(const Pair& intermediate,
                                                             std::span<const x509::GeneralName> names,
                                                             const crypto::PublicKeyParts& key,
                                                             crypto::Provider& provider, WallTime now,
                                                             const LeafOptions& options) {
  if (options.life < std::chrono::days{1} || options.life > max_leaf_life) {
    return broken(rules::life_too_long,
                  "a certificate for " + std::to_string(options.life / std::chrono::hours{1}) + " hours");
  }
  const bool rsa = std::holds_alternative<crypto::RsaPublicKey>(key);
  x509::CertificateTemplate wanted{.key_usage = rsa ? rsa_leaf_key_usage : leaf_key_usage,
                                   .extended_key_usage = {der::oid::serverAuth},
                                   .subject_alternative_names = {names.begin(), names.end()}};
  // The names stand in the SAN alone; the subject says for people where the certificate comes from.
  wanted.subject = x509::make_name(std::array{x509::NameAttribute{der::oid::organizationName, organization}});
  set_urls(wanted, options.urls);
  return issue_below(intermediate, std::move(wanted), options.life, key, provider, now);
}

Result<NewPair> make_leaf(const Pair& intermediate, std::span<const x509::GeneralName> names,
                          crypto::Provider& provider, WallTime now, const LeafOptions& options) {
  const auto kind = options.key == LeafKey::rsa ? crypto::KeyKind::rsa_2048 : crypto::KeyKind::ecdsa_p256;
  auto generated = PADLOCK_TRY(provider.generate_private_key(kind));
  auto certificate =
      PADLOCK_TRY(certify_key(intermediate, names, generated.key->public_key().parts(), provider, now, options));
  return NewPair{{std::move(certificate), std::move(generated.key)}, std::move(generated.pkcs8)};
}

Result<void> check_root(const x509::Certificate& root, crypto::Provider& provider,
                        std::span<const std::string> more_domains) {
  if (!constrained_ca(root, 1, name_constraints(more_domains)))
    return broken(rules::not_our_root, root.subject.text() + " lacks our constraints");
  if (!is_signed_by(root, root, provider))
    return broken(rules::not_our_root, root.subject.text() + " did not sign itself");
  return {};
}

bool fit_intermediate(const x509::Certificate& intermediate, const x509::Certificate& root, crypto::Provider& provider,
                      WallTime now) {
  return root.name_constraints && constrained_ca(intermediate, 0, *root.name_constraints) &&
         intermediate.not_before <= now && now < renewal_time(intermediate) &&
         is_signed_by(intermediate, root, provider);
}

bool is_signed_by(const x509::Certificate& certificate, const x509::Certificate& issuer, crypto::Provider& provider) {
  const auto key = provider.make_public_key(issuer.public_key);
  return key && certificate.signature_scheme && certificate.issuer.der == issuer.subject.der &&
         (*key)->verify(*certificate.signature_scheme, certificate.tbs(), certificate.signature);
}

WallTime renewal_time(const x509::Certificate& certificate) {
  return certificate.not_after - (certificate.not_after - certificate.not_before) / 3;
}

}  // namespace padlock::ca
