#pragma once

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <cstdlib>
#include <expected>
#include <memory>
#include <new>
#include <string_view>

#include "padlock/base/result.h"
#include "padlock/crypto/algorithm.h"

namespace padlock::crypto::libcrypto {

template <auto free>
struct FreedBy {
  void operator()(auto* object) const { free(object); }
};
using PkeyHandle = std::unique_ptr<EVP_PKEY, FreedBy<EVP_PKEY_free>>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, FreedBy<EVP_PKEY_CTX_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreedBy<EVP_CIPHER_CTX_free>>;
using MdContext = std::unique_ptr<EVP_MD_CTX, FreedBy<EVP_MD_CTX_free>>;
using BigNumber = std::unique_ptr<BIGNUM, FreedBy<BN_clear_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, FreedBy<OSSL_PARAM_free>>;

/// Objects of libcrypto that are fetched once for the process and then only read, in a library context of our own:
/// no openssl.cnf of the machine changes what Padlock does.
struct Library {
  OSSL_LIB_CTX* context;
  const EVP_CIPHER* aes_128_gcm;
  const EVP_CIPHER* aes_256_gcm;
  const EVP_CIPHER* chacha20_poly1305;
  const EVP_CIPHER* aes_128_cbc;
  const EVP_CIPHER* aes_256_cbc;
  const EVP_MD* sha256;
  const EVP_MD* sha384;
  const EVP_MD* sha512;
  EVP_PKEY* p256;  ///< the curve's parameters without a key, to copy from
  EVP_PKEY* p384;
  EVP_PKEY* p521;
};

/// Throws std::runtime_error if the installed libcrypto lacks one of them.
const Library& library();

/// The parameters of secp256r1, secp384r1 or secp521r1; nullptr for other groups.
const EVP_PKEY* curve_parameters(NamedGroup curve);
/// A key on one of these curves that has no point yet; null if memory runs out.
PkeyHandle make_key_on(NamedGroup curve);
/// "WHAT for x25519": an operation with a key of this group has failed (rules::operation_failed).
std::unexpected<Error> failed(std::string_view what, NamedGroup group);
/// Null for SHA-1.
const EVP_MD* digest(HashAlgorithm hash);

/// For a call that fails only if we misuse it: nothing that it would have encrypted may leave then.
inline void must(int result) {
  if (result != 1) std::abort();
}

/// Takes what failing calls leave in the thread's error queue away again: it is shared with other users of libcrypto.
class ErrorScope {
 public:
  ErrorScope() { ERR_set_mark(); }
  ErrorScope(const ErrorScope&) = delete;
  ErrorScope& operator=(const ErrorScope&) = delete;
  ~ErrorScope() { ERR_pop_to_mark(); }
};

/// For one that asks for memory: without, it fails as everything else does.
template <class Call>
void must_get_memory(Call&& call) {
  const ErrorScope scope;
  if (call() != 1) throw std::bad_alloc();
}
inline CipherContext make_cipher_context() {
  CipherContext context;
  must_get_memory([&] {
    context.reset(EVP_CIPHER_CTX_new());
    return context != nullptr ? 1 : 0;
  });
  return context;
}

}  // namespace padlock::crypto::libcrypto
