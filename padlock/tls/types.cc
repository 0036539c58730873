#include "padlock/tls/types.h"

#include <algorithm>
#include <array>

namespace padlock::tls {

namespace {

using crypto::AeadAlgorithm;
using crypto::HashAlgorithm;

struct SuiteParts {
  CipherSuite suite;
  std::string_view name;
  KeyExchange key_exchange;
  bool rsa_key;  ///< TLS 1.2: the server's
  HashAlgorithm hash;
  AeadAlgorithm aead;
  std::optional<CbcCipher> cbc = std::nullopt;
};

constexpr auto groups = KeyExchange::groups;
constexpr auto ecdhe = KeyExchange::ecdhe;
constexpr auto dhe = KeyExchange::dhe;
constexpr auto rsa = KeyExchange::rsa;
constexpr auto sha256 = HashAlgorithm::sha256;
constexpr auto sha384 = HashAlgorithm::sha384;
constexpr auto gcm_128 = AeadAlgorithm::aes_128_gcm;
constexpr auto gcm_256 = AeadAlgorithm::aes_256_gcm;
constexpr auto chacha20 = AeadAlgorithm::chacha20_poly1305;

constexpr SuiteParts cbc(CipherSuite suite, std::string_view name, KeyExchange key_exchange, bool rsa_key,
                         CbcCipher cipher) {
  const HashAlgorithm prf = cipher.mac == sha384 ? sha384 : sha256;  // RFC 5246, section 5; RFC 5289, section 3.1
  return {suite, name, key_exchange, rsa_key, prf, {}, cipher};
}

constexpr CbcCipher cbc_128_sha{16, HashAlgorithm::sha1};
constexpr CbcCipher cbc_256_sha{32, HashAlgorithm::sha1};
constexpr CbcCipher cbc_128_sha256{16, sha256};
constexpr CbcCipher cbc_256_sha256{32, sha256};
constexpr CbcCipher cbc_256_sha384{32, sha384};

// NOLINTBEGIN(cppcoreguidelines-macro-usage): a suite's name is its enumerator's
#define PADLOCK_SUITE(suite) CipherSuite::suite, #suite
constexpr std::array suites = {
    SuiteParts{PADLOCK_SUITE(TLS_AES_128_GCM_SHA256), groups, false, sha256, gcm_128},
    SuiteParts{PADLOCK_SUITE(TLS_AES_256_GCM_SHA384), groups, false, sha384, gcm_256},
    SuiteParts{PADLOCK_SUITE(TLS_CHACHA20_POLY1305_SHA256), groups, false, sha256, chacha20},
    SuiteParts{PADLOCK_SUITE(TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256), ecdhe, false, sha256, gcm_128},
    SuiteParts{PADLOCK_SUITE(TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256), ecdhe, true, sha256, gcm_128},
    SuiteParts{PADLOCK_SUITE(TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384), ecdhe, false, sha384, gcm_256},
    SuiteParts{PADLOCK_SUITE(TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384), ecdhe, true, sha384, gcm_256},
    SuiteParts{PADLOCK_SUITE(TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256), ecdhe, false, sha256, chacha20},
    SuiteParts{PADLOCK_SUITE(TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256), ecdhe, true, sha256, chacha20},
    SuiteParts{PADLOCK_SUITE(TLS_DHE_RSA_WITH_AES_128_GCM_SHA256), dhe, true, sha256, gcm_128},
    SuiteParts{PADLOCK_SUITE(TLS_DHE_RSA_WITH_AES_256_GCM_SHA384), dhe, true, sha384, gcm_256},
    SuiteParts{PADLOCK_SUITE(TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256), dhe, true, sha256, chacha20},
    cbc(PADLOCK_SUITE(TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256), ecdhe, false, cbc_128_sha256),
    cbc(PADLOCK_SUITE(TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256), ecdhe, true, cbc_128_sha256),
    cbc(PADLOCK_SUITE(TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384), ecdhe, false, cbc_256_sha384),
    cbc(PADLOCK_SUITE(TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384), ecdhe, true, cbc_256_sha384),
    cbc(PADLOCK_SUITE(TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA), ecdhe, false, cbc_128_sha),
    cbc(PADLOCK_SUITE(TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA), ecdhe, true, cbc_128_sha),
    cbc(PADLOCK_SUITE(TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA), ecdhe, false, cbc_256_sha),
    cbc(PADLOCK_SUITE(TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA), ecdhe, true, cbc_256_sha),
    cbc(PADLOCK_SUITE(TLS_DHE_RSA_WITH_AES_128_CBC_SHA256), dhe, true, cbc_128_sha256),
    cbc(PADLOCK_SUITE(TLS_DHE_RSA_WITH_AES_256_CBC_SHA256), dhe, true, cbc_256_sha256),
    cbc(PADLOCK_SUITE(TLS_DHE_RSA_WITH_AES_128_CBC_SHA), dhe, true, cbc_128_sha),
    cbc(PADLOCK_SUITE(TLS_DHE_RSA_WITH_AES_256_CBC_SHA), dhe, true, cbc_256_sha),
    SuiteParts{PADLOCK_SUITE(TLS_RSA_WITH_AES_128_GCM_SHA256), rsa, true, sha256, gcm_128},
    SuiteParts{PADLOCK_SUITE(TLS_RSA_WITH_AES_256_GCM_SHA384), rsa, true, sha384, gcm_256},
    cbc(PADLOCK_SUITE(TLS_RSA_WITH_AES_128_CBC_SHA256), rsa, true, cbc_128_sha256),
    cbc(PADLOCK_SUITE(TLS_RSA_WITH_AES_256_CBC_SHA256), rsa, true, cbc_256_sha256),
    cbc(PADLOCK_SUITE(TLS_RSA_WITH_AES_128_CBC_SHA), rsa, true, cbc_128_sha),
    cbc(PADLOCK_SUITE(TLS_RSA_WITH_AES_256_CBC_SHA), rsa, true, cbc_256_sha),
};
#undef PADLOCK_SUITE
// NOLINTEND(cppcoreguidelines-macro-usage)

const SuiteParts* find_suite(CipherSuite suite) {
  const auto found = std::ranges::find(suites, suite, &SuiteParts::suite);
  return found == suites.end() ? nullptr : &*found;
}

}  // namespace

crypto::HashAlgorithm hash_of(CipherSuite suite) {
  const SuiteParts* parts = find_suite(suite);
  return parts == nullptr ? HashAlgorithm::sha256 : parts->hash;
}

crypto::AeadAlgorithm aead_of(CipherSuite suite) {
  const SuiteParts* parts = find_suite(suite);
  return parts == nullptr ? AeadAlgorithm::aes_128_gcm : parts->aead;
}

std::optional<CbcCipher> cbc_of(CipherSuite suite) {
  const SuiteParts* parts = find_suite(suite);
  return parts == nullptr ? std::nullopt : parts->cbc;
}

std::optional<ProtocolVersion> version_of(CipherSuite suite) {
  const SuiteParts* parts = find_suite(suite);
  if (parts == nullptr) return std::nullopt;
  return parts->key_exchange == groups ? ProtocolVersion::TLS_1_3 : ProtocolVersion::TLS_1_2;
}

KeyExchange key_exchange_of(CipherSuite suite) {
  const SuiteParts* parts = find_suite(suite);
  return parts == nullptr ? groups : parts->key_exchange;
}

bool needs_rsa_key(CipherSuite suite) {
  const SuiteParts* parts = find_suite(suite);
  return parts != nullptr && parts->rsa_key;
}

bool allows(Policy policy, CipherSuite suite) {
  const SuiteParts* parts = find_suite(suite);
  if (parts == nullptr) return false;
  if (parts->key_exchange == groups) return true;
  if (parts->key_exchange == ecdhe && !parts->cbc) return policy != Policy::modern;
  return policy == Policy::legacy;
}

std::string_view name_of(ProtocolVersion version) {
  switch (version) {
    case ProtocolVersion::TLS_1_0: return "TLS 1.0";
    case ProtocolVersion::TLS_1_1: return "TLS 1.1";
    case ProtocolVersion::TLS_1_2: return "TLS 1.2";
    case ProtocolVersion::TLS_1_3: return "TLS 1.3";
  }
  return is_grease(static_cast<std::uint16_t>(version)) ? "GREASE" : "unknown";
}

std::string_view name_of(CipherSuite suite) {
  if (const SuiteParts* parts = find_suite(suite); parts != nullptr) return parts->name;
  if (suite == CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV) return "TLS_EMPTY_RENEGOTIATION_INFO_SCSV";
  if (suite == CipherSuite::TLS_FALLBACK_SCSV) return "TLS_FALLBACK_SCSV";
  return is_grease(static_cast<std::uint16_t>(suite)) ? "GREASE" : "unknown";
}

std::string_view name_of(ContentType type) {
  switch (type) {
    case ContentType::change_cipher_spec: return "change_cipher_spec";
    case ContentType::alert: return "alert";
    case ContentType::handshake: return "handshake";
    case ContentType::application_data: return "application_data";
  }
  return "unknown";
}

std::string_view name_of(HandshakeType type) {
  switch (type) {
    case HandshakeType::hello_request: return "HelloRequest";
    case HandshakeType::client_hello: return "ClientHello";
    case HandshakeType::server_hello: return "ServerHello";
    case HandshakeType::new_session_ticket: return "NewSessionTicket";
    case HandshakeType::end_of_early_data: return "EndOfEarlyData";
    case HandshakeType::encrypted_extensions: return "EncryptedExtensions";
    case HandshakeType::certificate: return "Certificate";
    case HandshakeType::server_key_exchange: return "ServerKeyExchange";
    case HandshakeType::certificate_request: return "CertificateRequest";
    case HandshakeType::server_hello_done: return "ServerHelloDone";
    case HandshakeType::certificate_verify: return "CertificateVerify";
    case HandshakeType::client_key_exchange: return "ClientKeyExchange";
    case HandshakeType::finished: return "Finished";
    case HandshakeType::certificate_status: return "CertificateStatus";
    case HandshakeType::key_update: return "KeyUpdate";
    case HandshakeType::compressed_certificate: return "CompressedCertificate";
    case HandshakeType::message_hash: return "message_hash";
  }
  return "unknown";
}

std::string_view name_of(CertificateCompressionAlgorithm algorithm) {
  switch (algorithm) {
    case CertificateCompressionAlgorithm::zlib: return "zlib";
    case CertificateCompressionAlgorithm::brotli: return "brotli";
    case CertificateCompressionAlgorithm::zstd: return "zstd";
  }
  return "unknown";
}

std::string_view name_of(EncryptionLevel level) {
  switch (level) {
    case EncryptionLevel::plaintext: return "plaintext";
    case EncryptionLevel::early_data: return "early_data";
    case EncryptionLevel::handshake: return "handshake";
    case EncryptionLevel::application: return "application";
  }
  return "unknown";
}

std::string_view name_of(KeyExchange key_exchange) {
  switch (key_exchange) {
    case KeyExchange::groups: return "of its own";
    case KeyExchange::ecdhe: return "ECDHE";
    case KeyExchange::dhe: return "DHE";
    case KeyExchange::rsa: return "RSA";
  }
  return "unknown";
}

std::vector<CipherSuite> default_cipher_suites() {
  std::vector<CipherSuite> all;
  all.reserve(suites.size());
  for (const SuiteParts& parts : suites) all.push_back(parts.suite);
  return all;
}

std::vector<CipherSuite> cipher_suites_of(ProtocolVersion version, Policy policy) {
  std::vector<CipherSuite> of_version = default_cipher_suites();
  std::erase_if(of_version, [&](CipherSuite suite) { return version_of(suite) != version || !allows(policy, suite); });
  return of_version;
}

std::vector<NamedGroup> default_groups() {
  return {NamedGroup::X25519MLKEM768, NamedGroup::x25519, NamedGroup::secp256r1, NamedGroup::secp384r1};
}

std::vector<SignatureScheme> default_signature_schemes() {
  return {SignatureScheme::ecdsa_secp256r1_sha256, SignatureScheme::ed25519,
          SignatureScheme::ecdsa_secp384r1_sha384, SignatureScheme::ecdsa_secp521r1_sha512,
          SignatureScheme::rsa_pss_rsae_sha256,    SignatureScheme::rsa_pss_rsae_sha384,
          SignatureScheme::rsa_pss_rsae_sha512,    SignatureScheme::rsa_pss_pss_sha256,
          SignatureScheme::rsa_pss_pss_sha384,     SignatureScheme::rsa_pss_pss_sha512,
          SignatureScheme::rsa_pkcs1_sha256,       SignatureScheme::rsa_pkcs1_sha384,
          SignatureScheme::rsa_pkcs1_sha512};
}

}  // namespace padlock::tls
