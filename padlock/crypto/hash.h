#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "padlock/base/secret.h"
#include "padlock/base/text.h"
#include "padlock/crypto/algorithm.h"

namespace padlock::crypto {

/// A digest or MAC: up to 64 bytes, with its length. Wiped on destruction, as HKDF's outputs pass through it.
class Digest {
 public:
  Digest() = default;
  explicit Digest(Bytes bytes);
  Digest(const Digest&) = default;
  Digest& operator=(const Digest&) = default;
  ~Digest() { wipe(bytes_); }
  Bytes bytes() const { return std::span(bytes_).first(size_); }
  operator Bytes() const { return bytes(); }  // NOLINT(google-explicit-constructor): a digest is its bytes

 private:
  friend class Hash;
  std::array<std::uint8_t, max_hash_length> bytes_{};
  std::size_t size_ = 0;
};

/// A running hash (FIPS 180-4), a plain value: copying it forks the state, as a transcript needs
/// (RFC 8446, section 4.4.1) and as HMAC's saved inner and outer states do. No allocation; wiped on destruction.
class Hash {
 public:
  explicit Hash(HashAlgorithm algorithm);
  Hash(const Hash&) = default;
  Hash& operator=(const Hash&) = default;
  ~Hash();

  void update(Bytes bytes);
  /// The digest of all bytes so far; the running state goes on as if it had not been asked.
  Digest digest() const;
  /// The same without the copy, for a state that nobody needs any more: only destruction and assignment may follow.
  Digest finish();
  /// The state behind whole blocks, written as a digest is (FIPS 180-4, section 6): for hash_of_hidden_length.
  Digest chaining_value() const;
  HashAlgorithm algorithm() const { return algorithm_; }

 private:
  HashAlgorithm algorithm_;
  alignas(8) std::array<std::uint8_t, 216> state_;  // SHA_CTX, SHA256_CTX or SHA512_CTX, checked in libcrypto/hash.cc
};

/// The digest of one piece.
Digest hash_of(HashAlgorithm algorithm, Bytes bytes);

}  // namespace padlock::crypto
