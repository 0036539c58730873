#pragma once

#include <memory>

#include "padlock/crypto/provider.h"

namespace padlock::crypto::libcrypto {

/// Ephemeral keys and shared secrets on libcrypto (RFC 8446, section 4.2.8; RFC 7748, section 6; SEC 1).
/// One per thread: the objects that each handshake needs are set up once and used again.
class KeyAgreement {
 public:
  KeyAgreement();
  ~KeyAgreement();
  KeyAgreement(const KeyAgreement&) = delete;
  KeyAgreement& operator=(const KeyAgreement&) = delete;

  Result<std::shared_ptr<const EphemeralKey>> make_key_share(NamedGroup group);
  Result<SharedSecret> agree(const EphemeralKey& key, Bytes peer_share);

 private:
  struct Kept;
  std::unique_ptr<Kept> kept_;
};

/// The key with these private bytes: 32 of X25519, or the curve's length for P-256, P-384 and P-521 (big-endian, in
/// 1..n-1). For published vectors and tests that repeat a handshake; a connection's keys come from `make_key_share`.
Result<std::shared_ptr<const EphemeralKey>> key_share_from_private(NamedGroup group, Bytes private_key);

}  // namespace padlock::crypto::libcrypto
