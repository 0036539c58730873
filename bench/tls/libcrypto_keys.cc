#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>

#include "bench/harness.h"
#include "bench/tls/libcrypto_peer.h"

namespace padlock::bench {

LibcryptoAgreement::LibcryptoAgreement(crypto::NamedGroup group)
    : x25519_(group == crypto::NamedGroup::x25519),
      generator_(EVP_PKEY_CTX_new_from_name(nullptr, x25519_ ? "X25519" : "EC", nullptr)) {
  require(EVP_PKEY_keygen_init(generator_.get()) == 1, "EVP keygen set-up");
  if (!x25519_) require(EVP_PKEY_CTX_set_group_name(generator_.get(), "P-256") == 1, "EVP group");
}

PkeyHandle LibcryptoAgreement::read(const EVP_PKEY* like, Bytes share) const {
  if (x25519_)
    return PkeyHandle(EVP_PKEY_new_raw_public_key_ex(nullptr, "X25519", nullptr, share.data(), share.size()));
  PkeyHandle peer(EVP_PKEY_new());
  require(EVP_PKEY_copy_parameters(peer.get(), like) == 1 &&
              EVP_PKEY_set1_encoded_public_key(peer.get(), share.data(), share.size()) == 1,
          "EVP point");
  return peer;
}

std::vector<std::uint8_t> LibcryptoAgreement::share_and_secret(Bytes peer_share, std::span<std::uint8_t> secret) {
  EVP_PKEY* made = nullptr;
  require(EVP_PKEY_generate(generator_.get(), &made) == 1, "EVP keygen");
  const PkeyHandle own(made);
  std::vector<std::uint8_t> share(peer_share.size());
  std::size_t length = 0;
  require(EVP_PKEY_get_octet_string_param(own.get(), OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, share.data(), share.size(),
                                          &length) == 1,
          "EVP share");
  const PkeyHandle peer = read(own.get(), peer_share);
  const PkeyContext derivation(EVP_PKEY_CTX_new_from_pkey(nullptr, own.get(), nullptr));
  length = secret.size();
  require(EVP_PKEY_derive_init(derivation.get()) == 1 && EVP_PKEY_derive_set_peer(derivation.get(), peer.get()) == 1 &&
              EVP_PKEY_derive(derivation.get(), secret.data(), &length) == 1,
          "EVP derive");
  return share;
}

LibcryptoSigner::LibcryptoSigner(const char* key_type) : rsa_(key_type[0] == 'R'), context_(EVP_MD_CTX_new()) {
  key_.reset(rsa_ ? EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048})
                  : EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  require(key_ != nullptr, "EVP key generation");
}

void LibcryptoSigner::init(InitFunction function) {
  EVP_PKEY_CTX* pkey_context = nullptr;
  require(EVP_MD_CTX_reset(context_.get()) == 1 &&
              function(context_.get(), &pkey_context, "SHA256", nullptr, nullptr, key_.get(), nullptr) == 1,
          "EVP signature set-up");
  if (rsa_) {
    require(EVP_PKEY_CTX_set_rsa_padding(pkey_context, RSA_PKCS1_PSS_PADDING) == 1 &&
                EVP_PKEY_CTX_set_rsa_pss_saltlen(pkey_context, RSA_PSS_SALTLEN_DIGEST) == 1,
            "EVP padding");
  }
}

std::vector<std::uint8_t> LibcryptoSigner::sign(Bytes message) {
  init(EVP_DigestSignInit_ex);
  std::vector<std::uint8_t> signature(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())));
  std::size_t length = signature.size();
  require(EVP_DigestSign(context_.get(), signature.data(), &length, message.data(), message.size()) == 1, "EVP sign");
  signature.resize(length);
  return signature;
}

bool LibcryptoSigner::verify(Bytes message, Bytes signature) {
  init(EVP_DigestVerifyInit_ex);
  return EVP_DigestVerify(context_.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
}

}  // namespace padlock::bench
