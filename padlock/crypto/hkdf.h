#pragma once

#include <span>

#include "padlock/base/secret.h"
#include "padlock/crypto/hash.h"

namespace padlock::crypto {

/// A secret of Hash.length bytes at most, as the key schedule has them.
using HashSecret = Secret<max_hash_length>;

/// HMAC (RFC 2104) under one key, whose inner and outer states are computed once: each `mac` costs two compressions
/// less than HMAC from its key. The key itself is not kept; the states are wiped on destruction.
class Hmac {
 public:
  Hmac(HashAlgorithm algorithm, Bytes key);
  /// The MAC of the pieces, one after the other.
  Digest mac(std::span<const Bytes> pieces) const;
  Digest mac(Bytes message) const { return mac(std::span(&message, 1)); }
  HashAlgorithm algorithm() const { return inner_.algorithm(); }
  /// The states behind the padded key.
  const Hash& inner() const { return inner_; }
  const Hash& outer() const { return outer_; }

 private:
  Hash inner_;
  Hash outer_;
};

/// HKDF-Extract (RFC 5869, section 2.2). An empty salt counts as Hash.length zeros. Gives Hash.length bytes.
HashSecret hkdf_extract(HashAlgorithm algorithm, Bytes salt, Bytes input_keying_material);

/// HKDF-Expand (RFC 5869, section 2.3) into `out`, at most 255 * Hash.length bytes (asserted).
/// `pseudorandom_key`: an Hmac keyed with it, so that several expansions share its states.
void hkdf_expand(const Hmac& pseudorandom_key, Bytes info, std::span<std::uint8_t> out);

}  // namespace padlock::crypto
