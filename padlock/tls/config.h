#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "padlock/crypto/provider.h"
#include "padlock/tls/limits.h"
#include "padlock/tls/types.h"

namespace padlock::tls {

/// Records under one key before our own KeyUpdate (RFC 8446, section 5.5). Fewer is allowed, more is not.
struct RekeyAfter {
  std::uint64_t gcm_records = limits::records_per_gcm_key;
  std::uint64_t chacha_records = limits::records_per_chacha_key;
};

/// Certificates as they are sent, leaf first, each DER (RFC 8446, section 4.4.2), with the leaf's key.
/// Made once and shared by all connections of a site.
struct Credential {
  std::vector<std::vector<std::uint8_t>> chain;
  std::shared_ptr<const crypto::PrivateKey> key;
};

/// What a client asks for. Plain data, shared by its connections.
struct ClientConfig {
  Policy policy = Policy::intermediate;
  std::vector<NamedGroup> groups = default_groups();  ///< best first
  std::size_t key_share_count = 2;                    ///< shares sent for the first so many groups, as far as there are
  std::vector<CipherSuite> cipher_suites = default_cipher_suites();
  std::vector<SignatureScheme> signature_schemes = default_signature_schemes();
  std::vector<std::string> alpn{};      ///< best first, "http/1.1"; empty: not offered
  bool middlebox_compatibility = true;  ///< RFC 8446, appendix D.4
  RekeyAfter rekey_after{};
};

/// What a server allows. Plain data, shared by its connections.
struct ServerConfig {
  Policy policy = Policy::intermediate;
  std::vector<NamedGroup> groups = default_groups();
  std::vector<CipherSuite> cipher_suites = default_cipher_suites();
  std::vector<std::string> alpn{};  ///< best first; empty: ALPN is ignored
  RekeyAfter rekey_after{};
};

}  // namespace padlock::tls
