#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/acme/identifier.h"
#include "padlock/acme/persistent_record.h"
#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/crypto/provider.h"

// How control of a name is shown (RFC 8555, section 8; RFC 8737; RFC 8738).

namespace padlock::acme {

/// `dns_persist_01` is a draft's, and only for those who ask for it by name.
enum class ChallengeType : std::uint8_t { http_01, dns_01, tls_alpn_01, dns_persist_01 };
/// "http-01", "dns-01", "tls-alpn-01", "dns-persist-01".
std::string_view name_of(ChallengeType type);
/// Nothing: not one of ours.
std::optional<ChallengeType> find_challenge_type(std::string_view name);
/// Whether it is proved by a record in DNS.
inline bool is_by_dns(ChallengeType type) {
  return type == ChallengeType::dns_01 || type == ChallengeType::dns_persist_01;
}
/// A name with `*.` by DNS alone, an address by the others alone (RFC 8555, section 7.1.3; RFC 8738, section 4).
bool can_prove(ChallengeType type, const Identifier& identifier);

/// What shall be seen of a client while a challenge is pending.
struct ChallengeAnswer {
  ChallengeType type;
  Identifier identifier;
  std::string token;
  std::string key_authorization;
  PersistentProof persistent{};  ///< of dns-persist-01 alone, which has neither token nor key authorization
};

/// token || '.' || thumbprint of the account's key (RFC 8555, section 8.1).
std::string make_key_authorization(std::string_view token, std::string_view thumbprint);

// ---- http-01 (RFC 8555, section 8.3) ----
inline constexpr std::string_view http_01_folder = "/.well-known/acme-challenge/";

// ---- dns-01 (RFC 8555, section 8.4) ----
/// "_acme-challenge.example.org"; for `*.example.org` the same.
std::string dns_01_name(const Identifier& identifier);
/// The TXT record's text: SHA-256 of the key authorization in base64url.
std::string dns_01_value(std::string_view key_authorization);

// ---- tls-alpn-01 (RFC 8737, section 3) ----
inline constexpr std::string_view acme_tls_protocol = "acme-tls/1";
/// The name in the CA's SNI: the host, or the address under in-addr.arpa or ip6.arpa (RFC 8738, section 6).
std::string tls_alpn_01_server_name(const Identifier& identifier);
/// A self-signed certificate with a key of its own.
struct TlsAlpnCertificate {
  std::vector<std::uint8_t> der;
  std::shared_ptr<const crypto::PrivateKey> key;
};
/// Errors: those of keys and randomness.
Result<TlsAlpnCertificate> make_tls_alpn_01_certificate(const ChallengeAnswer& answer, crypto::Provider& provider,
                                                        WallTime now);

}  // namespace padlock::acme
