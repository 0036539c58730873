#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <array>

#include "bench/harness.h"
#include "bench/tls/libcrypto_peer.h"

namespace padlock::bench {
namespace {

const char* cipher_name(crypto::AeadAlgorithm algorithm) {
  switch (algorithm) {
    case crypto::AeadAlgorithm::aes_128_gcm: return "AES-128-GCM";
    case crypto::AeadAlgorithm::aes_256_gcm: return "AES-256-GCM";
    default: return "ChaCha20-Poly1305";
  }
}

}  // namespace

LibcryptoAead::LibcryptoAead(crypto::AeadAlgorithm algorithm, Bytes key)
    : cipher_(EVP_CIPHER_fetch(nullptr, cipher_name(algorithm), nullptr)),
      seal_(EVP_CIPHER_CTX_new()),
      open_(EVP_CIPHER_CTX_new()) {
  require(EVP_EncryptInit_ex2(seal_.get(), cipher_.get(), key.data(), nullptr, nullptr) == 1 &&
              EVP_DecryptInit_ex2(open_.get(), cipher_.get(), key.data(), nullptr, nullptr) == 1,
          "EVP cipher set-up");
}

void LibcryptoAead::seal(Bytes nonce, Bytes header, Bytes plaintext, std::span<std::uint8_t> out) {
  int length = 0;
  const auto tag = out.last(crypto::aead_tag_length);
  require(EVP_EncryptInit_ex2(seal_.get(), nullptr, nullptr, nonce.data(), nullptr) == 1 &&
              EVP_EncryptUpdate(seal_.get(), nullptr, &length, header.data(), static_cast<int>(header.size())) == 1 &&
              EVP_EncryptUpdate(seal_.get(), out.data(), &length, plaintext.data(),
                                static_cast<int>(plaintext.size())) == 1 &&
              EVP_EncryptFinal_ex(seal_.get(), tag.data(), &length) == 1 &&
              EVP_CIPHER_CTX_ctrl(seal_.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag.size()), tag.data()) == 1,
          "EVP seal");
}

bool LibcryptoAead::open(Bytes nonce, Bytes header, std::span<std::uint8_t> in_out) {
  int length = 0;
  const auto tag = in_out.last(crypto::aead_tag_length);
  const auto text = in_out.first(in_out.size() - tag.size());
  return EVP_DecryptInit_ex2(open_.get(), nullptr, nullptr, nonce.data(), nullptr) == 1 &&
         EVP_CIPHER_CTX_ctrl(open_.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag.size()), tag.data()) == 1 &&
         EVP_DecryptUpdate(open_.get(), nullptr, &length, header.data(), static_cast<int>(header.size())) == 1 &&
         EVP_DecryptUpdate(open_.get(), text.data(), &length, text.data(), static_cast<int>(text.size())) == 1 &&
         EVP_DecryptFinal_ex(open_.get(), tag.data(), &length) == 1;
}

LibcryptoHkdf::LibcryptoHkdf() : kdf_(EVP_KDF_fetch(nullptr, "HKDF", nullptr)), context_(EVP_KDF_CTX_new(kdf_)) {
  std::array digest{'S', 'H', 'A', '2', '5', '6', '\0'};
  int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
  const std::array parameters{OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
                              OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode), OSSL_PARAM_construct_end()};
  require(EVP_KDF_CTX_set_params(context_, parameters.data()) == 1, "EVP_KDF set-up");
}

LibcryptoHkdf::~LibcryptoHkdf() {
  EVP_KDF_CTX_free(context_);
  EVP_KDF_free(kdf_);
}

void LibcryptoHkdf::expand(std::span<std::uint8_t> key, std::span<std::uint8_t> info, std::span<std::uint8_t> out) {
  const std::array parameters{OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, key.data(), key.size()),
                              OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()),
                              OSSL_PARAM_construct_end()};
  require(EVP_KDF_derive(context_, out.data(), out.size(), parameters.data()) == 1, "EVP_KDF_derive");
}

}  // namespace padlock::bench
