#include "padlock/crypto/libcrypto/signing.h"

#include <openssl/rsa.h>

namespace padlock::crypto::libcrypto {
namespace {

/// Padding, hash, MGF1's hash and the salt's length (RFC 8446, section 4.2.3: "the length of the salt MUST be equal to
/// the length of the digest").
bool set_rsa_padding(EVP_PKEY_CTX* context, const SignatureSchemeParts& scheme) {
  const EVP_MD* const hash = digest(scheme.hash);
  if (scheme.kind == SignatureKind::rsa_pkcs1) {
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
           EVP_PKEY_CTX_set_signature_md(context, hash) == 1;
  }
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_signature_md(context, hash) == 1 && EVP_PKEY_CTX_set_rsa_mgf1_md(context, hash) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

}  // namespace

PkeyContext prepare_signing(EVP_PKEY* key, const SignatureSchemeParts& scheme) {
  PkeyContext context(EVP_PKEY_CTX_new_from_pkey(library().context, key, nullptr));
  if (context == nullptr || EVP_PKEY_sign_init(context.get()) != 1) return nullptr;
  if (scheme.kind != SignatureKind::ecdsa && !set_rsa_padding(context.get(), scheme)) return nullptr;
  return context;
}

}  // namespace padlock::crypto::libcrypto
