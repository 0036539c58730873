// libcrypto's EVP interface as a careful user calls it: everything fetched once, contexts reused. A peer to measure
// against; Padlock itself uses libcrypto only inside padlock/crypto/libcrypto.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <vector>

#include "padlock/base/text.h"
#include "padlock/crypto/algorithm.h"

namespace padlock::bench {

template <auto free>
struct FreedBy {
  void operator()(auto* object) const { free(object); }
};
using PkeyHandle = std::unique_ptr<EVP_PKEY, FreedBy<EVP_PKEY_free>>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, FreedBy<EVP_PKEY_CTX_free>>;
using MdContext = std::unique_ptr<EVP_MD_CTX, FreedBy<EVP_MD_CTX_free>>;

class LibcryptoAead {
 public:
  LibcryptoAead(crypto::AeadAlgorithm algorithm, Bytes key);
  /// `out`: the plaintext's length and 16 bytes more.
  void seal(Bytes nonce, Bytes header, Bytes plaintext, std::span<std::uint8_t> out);
  /// In place; the tag is the last 16 bytes.
  bool open(Bytes nonce, Bytes header, std::span<std::uint8_t> in_out);

 private:
  std::unique_ptr<EVP_CIPHER, FreedBy<EVP_CIPHER_free>> cipher_;
  std::unique_ptr<EVP_CIPHER_CTX, FreedBy<EVP_CIPHER_CTX_free>> seal_;
  std::unique_ptr<EVP_CIPHER_CTX, FreedBy<EVP_CIPHER_CTX_free>> open_;
};

/// A fresh key, its share, and the secret with a peer's share: what a handshake needs.
class LibcryptoAgreement {
 public:
  explicit LibcryptoAgreement(crypto::NamedGroup group);
  std::vector<std::uint8_t> share_and_secret(Bytes peer_share, std::span<std::uint8_t> secret);

 private:
  PkeyHandle read(const EVP_PKEY* like, Bytes share) const;
  bool x25519_;
  PkeyContext generator_;
};

class LibcryptoSigner {
 public:
  /// `key_type`: "EC" (P-256) or "RSA" (2048 bits, PSS); SHA-256.
  explicit LibcryptoSigner(const char* key_type);
  std::vector<std::uint8_t> sign(Bytes message);
  bool verify(Bytes message, Bytes signature);

 private:
  using InitFunction = int (*)(EVP_MD_CTX*, EVP_PKEY_CTX**, const char*, OSSL_LIB_CTX*, const char*, EVP_PKEY*,
                               const OSSL_PARAM*);
  void init(InitFunction function);
  bool rsa_;
  PkeyHandle key_;
  MdContext context_;
};

class LibcryptoHkdf {
 public:
  LibcryptoHkdf();
  ~LibcryptoHkdf();
  LibcryptoHkdf(const LibcryptoHkdf&) = delete;
  LibcryptoHkdf& operator=(const LibcryptoHkdf&) = delete;
  void expand(std::span<std::uint8_t> key, std::span<std::uint8_t> info, std::span<std::uint8_t> out);

 private:
  EVP_KDF* kdf_;
  EVP_KDF_CTX* context_;
};

}  // namespace padlock::bench
