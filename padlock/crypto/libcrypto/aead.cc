#include "padlock/crypto/libcrypto/aead.h"

#include <cassert>
#include <limits>

#include "padlock/crypto/libcrypto/library.h"

namespace padlock::crypto::libcrypto {
namespace {

int length(std::size_t size) {
  must(size <= static_cast<std::size_t>(std::numeric_limits<int>::max()) ? 1 : 0);
  return static_cast<int>(size);
}

const EVP_CIPHER* cipher(AeadAlgorithm algorithm) {
  switch (algorithm) {
    case AeadAlgorithm::aes_128_gcm: return library().aes_128_gcm;
    case AeadAlgorithm::aes_256_gcm: return library().aes_256_gcm;
    case AeadAlgorithm::chacha20_poly1305: return library().chacha20_poly1305;
  }
  return nullptr;
}

class LibcryptoAead final : public Aead {
 public:
  LibcryptoAead(AeadAlgorithm algorithm, Bytes key) : algorithm_(algorithm), context_(make_cipher_context()) {
    LibcryptoAead::rekey(key);
  }

  void rekey(Bytes key) override {
    assert(key.size() == key_length_of(algorithm_));
    must_get_memory(
        [&] { return EVP_EncryptInit_ex2(context_.get(), cipher(algorithm_), key.data(), nullptr, nullptr); });
  }

  void seal(Bytes nonce, Bytes additional_data, std::span<const Bytes> pieces, std::span<std::uint8_t> out) override {
    assert(nonce.size() == aead_nonce_length);
    must(EVP_EncryptInit_ex2(context_.get(), nullptr, nullptr, nonce.data(), nullptr));
    authenticate(additional_data);
    for (const Bytes piece : pieces) {
      encrypt(piece, out.first(piece.size()));
      out = out.subspan(piece.size());
    }
    const auto tag = out.first(aead_tag_length);
    int none = 0;
    must(EVP_EncryptFinal_ex(context_.get(), tag.data(), &none));
    must(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, length(tag.size()), tag.data()));
  }

  bool open(Bytes nonce, Bytes additional_data, std::span<std::uint8_t> in_out) override {
    assert(nonce.size() == aead_nonce_length);
    if (in_out.size() >= aead_tag_length && opened(nonce, additional_data, in_out)) return true;
    wipe(in_out);
    return false;
  }

 private:
  void authenticate(Bytes additional_data) {
    if (additional_data.empty()) return;
    int taken = 0;
    must(EVP_CipherUpdate(context_.get(), nullptr, &taken, additional_data.data(), length(additional_data.size())));
  }

  void encrypt(Bytes piece, std::span<std::uint8_t> out) {
    if (piece.empty()) return;
    int written = 0;
    must(EVP_EncryptUpdate(context_.get(), out.data(), &written, piece.data(), length(piece.size())));
  }

  /// True if the tag was right; otherwise what stands in `in_out` must not be read.
  bool opened(Bytes nonce, Bytes additional_data, std::span<std::uint8_t> in_out) {
    const auto text = in_out.first(in_out.size() - aead_tag_length);
    const auto tag = in_out.last(aead_tag_length);
    must(EVP_DecryptInit_ex2(context_.get(), nullptr, nullptr, nonce.data(), nullptr));
    must(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, length(tag.size()), tag.data()));
    authenticate(additional_data);
    int written = 0;
    if (!text.empty()) must(EVP_DecryptUpdate(context_.get(), text.data(), &written, text.data(), length(text.size())));
    return EVP_DecryptFinal_ex(context_.get(), tag.data(), &written) == 1;
  }

  AeadAlgorithm algorithm_;
  CipherContext context_;
};

}  // namespace

std::unique_ptr<Aead> make_aead(AeadAlgorithm algorithm, Bytes key) {
  return std::make_unique<LibcryptoAead>(algorithm, key);
}

}  // namespace padlock::crypto::libcrypto
