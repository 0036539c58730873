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
  ProtocolVersion version;
  bool rsa;  ///< TLS 1.2: the server's key
  AeadAlgorithm aead;
  HashAlgorithm hash;
};
constexpr std::array suites = {
    SuiteParts{CipherSuite::TLS_AES_128_GCM_SHA256, "TLS_AES_128_GCM_SHA256", ProtocolVersion::TLS_1_3, false,
               AeadAlgorithm::aes_128_gcm, HashAlgorithm::sha256},
    SuiteParts{CipherSuite::TLS_AES_256_GCM_SHA384, "TLS_AES_256_GCM_SHA384", ProtocolVersion::TLS_1_3, false,
               AeadAlgorithm::aes_256_gcm, HashAlgorithm::sha384},
    SuiteParts{CipherSuite::TLS_CHACHA20_POLY1305_SHA256, "TLS_CHACHA20_POLY1305_SHA256", ProtocolVersion::TLS_1_3,
               false, AeadAlgorithm::chacha20_poly1305, HashAlgorithm::sha256},
    SuiteParts{CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
               ProtocolVersion::TLS_1_2, false, AeadAlgorithm::aes_128_gcm, HashAlgorithm::sha256},
    SuiteParts{CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
               ProtocolVersion::TLS_1_2, true, AeadAlgorithm::aes_128_gcm, HashAlgorithm::sha256},
    SuiteParts{CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
               ProtocolVersion::TLS_1_2, false, AeadAlgorithm::aes_256_gcm, HashAlgorithm::sha384},
    SuiteParts{CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
               ProtocolVersion::TLS_1_2, true, AeadAlgorithm::aes_256_gcm, HashAlgorithm::sha384},
    SuiteParts{CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
               "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", ProtocolVersion::TLS_1_2, false,
               AeadAlgorithm::chacha20_poly1305, HashAlgorithm::sha256},
    SuiteParts{CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
               ProtocolVersion::TLS_1_2, true, AeadAlgorithm::chacha20_poly1305, HashAlgorithm::sha256},
};

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

std::optional<ProtocolVersion> version_of(CipherSuite suite) {
  const SuiteParts* parts = find_suite(suite);
  return parts == nullptr ? std::nullopt : std::optional(parts->version);
}

bool signs_with_rsa(CipherSuite suite) {
  const SuiteParts* parts = find_suite(suite);
  return parts != nullptr && parts->rsa;
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
    case HandshakeType::message_hash: return "message_hash";
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

std::vector<CipherSuite> default_cipher_suites() {
  std::vector<CipherSuite> all;
  all.reserve(suites.size());
  for (const SuiteParts& parts : suites) all.push_back(parts.suite);
  return all;
}

std::vector<CipherSuite> cipher_suites_of(ProtocolVersion version) {
  std::vector<CipherSuite> of_version = default_cipher_suites();
  std::erase_if(of_version, [&](CipherSuite suite) { return version_of(suite) != version; });
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
