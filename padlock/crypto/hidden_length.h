#pragma once

#include <cstddef>

#include "padlock/crypto/hash.h"
#include "padlock/crypto/hkdf.h"

/// Hashes whose message has a length that nobody may learn from the time they take: the content of a CBC record, whose
/// padding is a secret until its MAC is good (docs/threats.md, T20), and a finite field's shared secret without the
/// zeros at its front (T4).
namespace padlock::crypto {

/// A message: `head`, all of it, and the first `length` bytes of `data`. `least <= length <= data.size()`; all but
/// `length`, and what the bytes are, may be known.
struct HiddenLengthMessage {
  Bytes head{};
  Bytes data{};
  std::size_t least = 0;
  std::size_t length = 0;
};

/// The digest of the message.
Digest hash_of_hidden_length(HashAlgorithm algorithm, const HiddenLengthMessage& message);

/// Its HMAC (RFC 2104) under `key`.
Digest mac_of_hidden_length(const Hmac& key, const HiddenLengthMessage& message);

}  // namespace padlock::crypto
