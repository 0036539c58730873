#include "padlock/tls/types.h"

namespace padlock::tls {

crypto::HashAlgorithm hash_of(CipherSuite suite) {
  return suite == CipherSuite::TLS_AES_256_GCM_SHA384 ? crypto::HashAlgorithm::sha384 : crypto::HashAlgorithm::sha256;
}

crypto::AeadAlgorithm aead_of(CipherSuite suite) {
  switch (suite) {
    case CipherSuite::TLS_AES_256_GCM_SHA384: return crypto::AeadAlgorithm::aes_256_gcm;
    case CipherSuite::TLS_CHACHA20_POLY1305_SHA256: return crypto::AeadAlgorithm::chacha20_poly1305;
    default: return crypto::AeadAlgorithm::aes_128_gcm;
  }
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
  switch (suite) {
    case CipherSuite::TLS_AES_128_GCM_SHA256: return "TLS_AES_128_GCM_SHA256";
    case CipherSuite::TLS_AES_256_GCM_SHA384: return "TLS_AES_256_GCM_SHA384";
    case CipherSuite::TLS_CHACHA20_POLY1305_SHA256: return "TLS_CHACHA20_POLY1305_SHA256";
    case CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV: return "TLS_EMPTY_RENEGOTIATION_INFO_SCSV";
    case CipherSuite::TLS_FALLBACK_SCSV: return "TLS_FALLBACK_SCSV";
  }
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
    case HandshakeType::client_hello: return "ClientHello";
    case HandshakeType::server_hello: return "ServerHello";
    case HandshakeType::new_session_ticket: return "NewSessionTicket";
    case HandshakeType::end_of_early_data: return "EndOfEarlyData";
    case HandshakeType::encrypted_extensions: return "EncryptedExtensions";
    case HandshakeType::certificate: return "Certificate";
    case HandshakeType::certificate_request: return "CertificateRequest";
    case HandshakeType::certificate_verify: return "CertificateVerify";
    case HandshakeType::finished: return "Finished";
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
  return {CipherSuite::TLS_AES_128_GCM_SHA256, CipherSuite::TLS_AES_256_GCM_SHA384,
          CipherSuite::TLS_CHACHA20_POLY1305_SHA256};
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
