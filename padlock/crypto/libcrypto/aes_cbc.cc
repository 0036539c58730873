#include "padlock/crypto/aes_cbc.h"

#include <cassert>

#include "padlock/crypto/libcrypto/library.h"

namespace padlock::crypto {
namespace {

using libcrypto::CipherContext;
using libcrypto::must;

CipherContext keyed(Bytes key, bool encrypts) {
  assert(key.size() == 16 || key.size() == 32);
  const auto& library = libcrypto::library();
  CipherContext context = libcrypto::make_cipher_context();
  const EVP_CIPHER* const cipher = key.size() == 16 ? library.aes_128_cbc : library.aes_256_cbc;
  libcrypto::must_get_memory(
      [&] { return EVP_CipherInit_ex2(context.get(), cipher, key.data(), nullptr, encrypts ? 1 : 0, nullptr); });
  must(EVP_CIPHER_CTX_set_padding(context.get(), 0));
  return context;
}

void apply(EVP_CIPHER_CTX* context, Bytes iv, std::span<std::uint8_t> blocks) {
  assert(iv.size() == aes_block_length && blocks.size() % aes_block_length == 0);
  must(EVP_CipherInit_ex2(context, nullptr, nullptr, iv.data(), -1, nullptr));
  int written = 0;
  must(EVP_CipherUpdate(context, blocks.data(), &written, blocks.data(), static_cast<int>(blocks.size())));
}

}  // namespace

struct AesCbc::Contexts {
  CipherContext encrypting;
  CipherContext decrypting;
};

AesCbc::AesCbc(Bytes key) : contexts_(std::make_unique<Contexts>(keyed(key, true), keyed(key, false))) {}
AesCbc::AesCbc(AesCbc&&) noexcept = default;
AesCbc& AesCbc::operator=(AesCbc&&) noexcept = default;
AesCbc::~AesCbc() = default;

void AesCbc::encrypt(Bytes iv, std::span<std::uint8_t> blocks) { apply(contexts_->encrypting.get(), iv, blocks); }
void AesCbc::decrypt(Bytes iv, std::span<std::uint8_t> blocks) { apply(contexts_->decrypting.get(), iv, blocks); }

}  // namespace padlock::crypto
