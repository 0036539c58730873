#include "padlock/crypto/libcrypto/library.h"

#include <openssl/crypto.h>
#include <openssl/ec.h>

#include <stdexcept>
#include <string>

#include "padlock/crypto/rules.h"

namespace padlock::crypto::libcrypto {
namespace {

template <class T>
T* present(T* object, const std::string& name) {
  if (object == nullptr) throw std::runtime_error("libcrypto does not offer " + name);
  return object;
}

EVP_PKEY* curve(OSSL_LIB_CTX* context, const char* name) {
  const PkeyContext generator(EVP_PKEY_CTX_new_from_name(context, "EC", nullptr));
  EVP_PKEY* parameters = nullptr;
  if (generator == nullptr || EVP_PKEY_paramgen_init(generator.get()) != 1 ||
      EVP_PKEY_CTX_set_group_name(generator.get(), name) != 1 || EVP_PKEY_paramgen(generator.get(), &parameters) != 1) {
    parameters = nullptr;
  }
  return present(parameters, name);
}

Library load() {
  OSSL_LIB_CTX* const context = present(OSSL_LIB_CTX_new(), "a library context");
  return {.context = context,
          .aes_128_gcm = present(EVP_CIPHER_fetch(context, "AES-128-GCM", nullptr), "AES-128-GCM"),
          .aes_256_gcm = present(EVP_CIPHER_fetch(context, "AES-256-GCM", nullptr), "AES-256-GCM"),
          .chacha20_poly1305 = present(EVP_CIPHER_fetch(context, "ChaCha20-Poly1305", nullptr), "ChaCha20-Poly1305"),
          .aes_128_cbc = present(EVP_CIPHER_fetch(context, "AES-128-CBC", nullptr), "AES-128-CBC"),
          .aes_256_cbc = present(EVP_CIPHER_fetch(context, "AES-256-CBC", nullptr), "AES-256-CBC"),
          .sha256 = present(EVP_MD_fetch(context, "SHA256", nullptr), "SHA256"),
          .sha384 = present(EVP_MD_fetch(context, "SHA384", nullptr), "SHA384"),
          .sha512 = present(EVP_MD_fetch(context, "SHA512", nullptr), "SHA512"),
          .p256 = curve(context, "P-256"),
          .p384 = curve(context, "P-384"),
          .p521 = curve(context, "P-521")};
}

}  // namespace

const Library& library() {
  // Never freed: keys in static objects may outlive any order of destruction that we could choose.
  static const Library loaded = load();
  return loaded;
}

const EVP_PKEY* curve_parameters(NamedGroup curve) {
  switch (curve) {
    case NamedGroup::secp256r1: return library().p256;
    case NamedGroup::secp384r1: return library().p384;
    case NamedGroup::secp521r1: return library().p521;
    default: return nullptr;
  }
}

PkeyHandle make_key_on(NamedGroup curve) {
  PkeyHandle key(EVP_PKEY_new());
  if (key == nullptr || EVP_PKEY_copy_parameters(key.get(), curve_parameters(curve)) != 1) return nullptr;
  return key;
}

std::unexpected<Error> failed(std::string_view what, NamedGroup group) {
  return broken(rules::operation_failed, std::string(what) + " for " + std::string(name_of(group)));
}

const EVP_MD* digest(HashAlgorithm hash) {
  switch (hash) {
    case HashAlgorithm::sha256: return library().sha256;
    case HashAlgorithm::sha384: return library().sha384;
    case HashAlgorithm::sha512: return library().sha512;
    case HashAlgorithm::sha1: return nullptr;  // no signature is made with it
  }
  return nullptr;
}

}  // namespace padlock::crypto::libcrypto
