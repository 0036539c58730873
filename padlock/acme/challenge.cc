#include "padlock/acme/challenge.h"

#include <algorithm>
#include <array>
#include <utility>

#include "padlock/base/text.h"
#include "padlock/crypto/hash.h"
#include "padlock/x509/issue.h"

namespace padlock::acme {
namespace {

constexpr std::array type_names{"http-01", "dns-01", "tls-alpn-01", "dns-persist-01"};
/// It is shown for minutes alone.
constexpr std::chrono::hours challenge_life{24};

crypto::Digest sha256(std::string_view text) { return crypto::hash_of(crypto::HashAlgorithm::sha256, as_bytes(text)); }

}  // namespace

std::string_view name_of(ChallengeType type) { return type_names.at(static_cast<std::size_t>(type)); }

std::optional<ChallengeType> find_challenge_type(std::string_view name) {
  const auto* const found = std::ranges::find(type_names, name);
  if (found == type_names.end()) return std::nullopt;
  return static_cast<ChallengeType>(found - type_names.begin());
}

bool can_prove(ChallengeType type, const Identifier& identifier) {
  if (identifier.wildcard()) return is_by_dns(type);
  return identifier.type == Identifier::Type::dns || !is_by_dns(type);
}

std::string make_key_authorization(std::string_view token, std::string_view thumbprint) {
  return std::string(token) + "." + std::string(thumbprint);
}

std::string dns_01_name(const Identifier& identifier) {
  return "_acme-challenge." + (identifier.wildcard() ? identifier.value.substr(2) : identifier.value);
}

std::string dns_01_value(std::string_view key_authorization) { return to_base64url(sha256(key_authorization)); }

std::string tls_alpn_01_server_name(const Identifier& identifier) {
  if (identifier.type == Identifier::Type::dns) return identifier.value;
  const x509::GeneralName address = general_name_of(identifier);
  std::string name;
  if (address.value.size() == 4) {  // RFC 1035, section 3.5
    for (auto at = address.value.rbegin(); at != address.value.rend(); ++at) name += std::to_string(*at) + ".";
    return name + "in-addr.arpa";
  }
  const std::string digits = to_hex(address.value);  // RFC 3596, section 2.5
  for (auto at = digits.rbegin(); at != digits.rend(); ++at) name += {*at, '.'};
  return name + "ip6.arpa";
}

Result<TlsAlpnCertificate> make_tls_alpn_01_certificate(const ChallengeAnswer& answer, crypto::Provider& provider,
                                                        WallTime now) {
  auto generated = PADLOCK_TRY(provider.generate_private_key(crypto::KeyKind::ecdsa_p256));
  const crypto::Digest digest = sha256(answer.key_authorization);
  x509::CertificateTemplate wanted{
      .subject = x509::make_name({}),
      .not_before = now - std::chrono::hours(1),
      .not_after = now + challenge_life,
      .key_usage = std::to_underlying(x509::KeyUsage::digitalSignature),
      .subject_alternative_names = {general_name_of(answer.identifier)},
      .acme_identifier = {digest.bytes().begin(), digest.bytes().end()},
  };
  auto der = PADLOCK_TRY(x509::issue_self_signed(wanted, *generated.key, provider));
  return TlsAlpnCertificate{std::move(der), std::move(generated.key)};
}

}  // namespace padlock::acme
