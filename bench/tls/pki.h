#pragma once

#include <memory>
#include <string>
#include <vector>

#include "padlock/tls/config.h"
#include "padlock/x509/verify.h"

namespace padlock::bench {

inline constexpr std::string_view server_name = "server.test";

/// A root that clients trust, an intermediate that the server sends, and a leaf for `server_name`.
struct Pki {
  std::shared_ptr<const tls::Credential> credential;  ///< leaf and intermediate
  std::vector<std::uint8_t> leaf_key;                 ///< PKCS #8 or PKCS #1
  std::vector<std::uint8_t> root;
  x509::TrustStore trust;
};

/// Made once for each kind: `ecdsa_p256` or `rsa_2048`, all three keys alike.
const Pki& pki(crypto::KeyKind keys);

/// All of it in DER.
struct PkiFiles {
  std::vector<std::uint8_t> root, intermediate, leaf, leaf_key;
};
PkiFiles make_rsa_pki();

/// A moment at which all of it is valid.
WallTime bench_time();

}  // namespace padlock::bench
