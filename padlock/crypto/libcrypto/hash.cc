#include "padlock/crypto/hash.h"

// The low-level calls, deprecated since 3.0: a state that is copied as a plain value makes an HKDF-Expand-Label cost a
// tenth of EVP_KDF's, and needs no allocation. hash_test.cc compares them with EVP_Digest.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <cstring>

namespace padlock::crypto {
namespace {

// The contexts are plain C structs of integers, so bytes that were copied are a context again.
// NOLINTBEGIN(bugprone-casting-through-void): the storage is an array of bytes, aligned as they are
SHA_CTX* sha1(std::span<std::uint8_t> state) { return static_cast<SHA_CTX*>(static_cast<void*>(state.data())); }
SHA256_CTX* sha256(std::span<std::uint8_t> state) { return static_cast<SHA256_CTX*>(static_cast<void*>(state.data())); }
SHA512_CTX* sha512(std::span<std::uint8_t> state) { return static_cast<SHA512_CTX*>(static_cast<void*>(state.data())); }
// NOLINTEND(bugprone-casting-through-void)

}  // namespace

Hash::Hash(HashAlgorithm algorithm) : algorithm_(algorithm), state_{} {
  static_assert(sizeof(SHA256_CTX) <= sizeof(state_) && sizeof(SHA512_CTX) <= sizeof(state_));
  static_assert(alignof(SHA256_CTX) <= 8 && alignof(SHA512_CTX) <= 8);
  switch (algorithm_) {
    case HashAlgorithm::sha256: SHA256_Init(sha256(state_)); break;
    case HashAlgorithm::sha384: SHA384_Init(sha512(state_)); break;
    case HashAlgorithm::sha512: SHA512_Init(sha512(state_)); break;
    case HashAlgorithm::sha1: SHA1_Init(sha1(state_)); break;
  }
}

Hash::~Hash() { wipe(state_); }

void Hash::update(Bytes bytes) {
  switch (algorithm_) {
    case HashAlgorithm::sha256: SHA256_Update(sha256(state_), bytes.data(), bytes.size()); break;
    case HashAlgorithm::sha384: SHA384_Update(sha512(state_), bytes.data(), bytes.size()); break;
    case HashAlgorithm::sha512: SHA512_Update(sha512(state_), bytes.data(), bytes.size()); break;
    case HashAlgorithm::sha1: SHA1_Update(sha1(state_), bytes.data(), bytes.size()); break;
  }
}

Digest Hash::digest() const {
  Hash copy = *this;  // the final calls pad the state
  return copy.finish();
}

Digest Hash::finish() {
  Digest digest;
  digest.size_ = length_of(algorithm_);
  switch (algorithm_) {
    case HashAlgorithm::sha256: SHA256_Final(digest.bytes_.data(), sha256(state_)); break;
    case HashAlgorithm::sha384: SHA384_Final(digest.bytes_.data(), sha512(state_)); break;
    case HashAlgorithm::sha512: SHA512_Final(digest.bytes_.data(), sha512(state_)); break;
    case HashAlgorithm::sha1: SHA1_Final(digest.bytes_.data(), sha1(state_)); break;
  }
  return digest;
}

namespace {

/// Big-endian words, as far as they fit: SHA-384 has fewer than its state.
template <class Word>
void write_words(std::span<const Word> words, std::span<std::uint8_t> out) {
  for (std::size_t at = 0; at < out.size(); ++at) {
    const std::size_t from_right = sizeof(Word) - 1 - at % sizeof(Word);
    out[at] = static_cast<std::uint8_t>(words[at / sizeof(Word)] >> (8 * from_right));
  }
}

}  // namespace

Digest Hash::chaining_value() const {
  Hash copy = *this;
  Digest value;
  value.size_ = length_of(algorithm_);
  const auto out = std::span(value.bytes_).first(value.size_);
  switch (algorithm_) {
    case HashAlgorithm::sha256: write_words(std::span<const SHA_LONG>(sha256(copy.state_)->h), out); break;
    case HashAlgorithm::sha384:
    case HashAlgorithm::sha512: write_words(std::span<const SHA_LONG64>(sha512(copy.state_)->h), out); break;
    case HashAlgorithm::sha1: {
      const SHA_CTX& state = *sha1(copy.state_);
      const std::array words = {state.h0, state.h1, state.h2, state.h3, state.h4};
      write_words(std::span<const SHA_LONG>(words), out);
      break;
    }
  }
  return value;
}

}  // namespace padlock::crypto
