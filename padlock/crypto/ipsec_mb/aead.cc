#include "padlock/crypto/ipsec_mb/aead.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "padlock/base/secret.h"
#include "padlock/crypto/aead_tag.h"
#include "padlock/crypto/ipsec_mb/manager.h"

namespace padlock::crypto::ipsec_mb {
namespace {

/// Pieces that are shorter in sum are copied to where their ciphertext belongs and sealed in one call, which costs less
/// than the calls for pieces; larger ones are read where they are.
constexpr std::size_t copied_most = 2048;
/// ChaCha20-Poly1305's job is faster than its direct calls up to about here, and needs a manager.
constexpr std::size_t job_most = 2048;

std::size_t total(std::span<const Bytes> pieces) {
  std::size_t size = 0;
  for (const Bytes piece : pieces) size += piece.size();
  return size;
}

/// The pieces one after the other: the only one where it is, else copied to the front of `out`.
Bytes joined(std::span<const Bytes> pieces, std::span<std::uint8_t> out) {
  if (pieces.size() == 1) return pieces.front();
  auto rest = out;
  for (const Bytes piece : pieces) rest = copy_bytes(piece, rest);
  return Bytes(out).first(out.size() - rest.size());
}

/// What both kinds of key do: choose between one call and several, and compare the tag before anything is revealed.
template <class Calls>
class IpsecMbAead final : public Aead {
 public:
  explicit IpsecMbAead(Bytes key) : calls_(key) {}

  void rekey(Bytes key) override { calls_.set_key(key); }

  void seal(Bytes nonce, Bytes additional_data, std::span<const Bytes> pieces, std::span<std::uint8_t> out) override {
    assert(nonce.size() == aead_nonce_length);
    const std::size_t size = total(pieces);
    const auto tag = out.subspan(size, aead_tag_length);
    if (pieces.size() == 1 || size <= copied_most) {
      calls_.encrypt(nonce, additional_data, joined(pieces, out), out.first(size), tag);
    } else {
      calls_.encrypt_pieces(nonce, additional_data, pieces, out.first(size), tag);
    }
  }

  bool open(Bytes nonce, Bytes additional_data, std::span<std::uint8_t> in_out) override {
    assert(nonce.size() == aead_nonce_length);
    if (in_out.size() < aead_tag_length) {
      wipe(in_out);
      return false;
    }
    std::array<std::uint8_t, aead_tag_length> tag{};
    calls_.decrypt(nonce, additional_data, in_out.first(in_out.size() - tag.size()), tag);
    return accept_or_wipe(tag, in_out);
  }

 private:
  Calls calls_;
};

/// The direct calls of one key length.
struct GcmFunctions {
  aes_gcm_enc_dec_t encrypt, decrypt;
  aes_gcm_init_t init;
  aes_gcm_enc_dec_update_t update;
  aes_gcm_enc_dec_finalize_t finalize;
  aes_gcm_pre_t expand;
};

const GcmFunctions& gcm_functions(std::size_t key_length) {
  static const IMB_MGR& manager = *direct_calls();
  static const GcmFunctions of_128 = {manager.gcm128_enc,        manager.gcm128_dec,          manager.gcm128_init,
                                      manager.gcm128_enc_update, manager.gcm128_enc_finalize, manager.gcm128_pre};
  static const GcmFunctions of_256 = {manager.gcm256_enc,        manager.gcm256_dec,          manager.gcm256_init,
                                      manager.gcm256_enc_update, manager.gcm256_enc_finalize, manager.gcm256_pre};
  return key_length == 16 ? of_128 : of_256;
}

/// AES-GCM (NIST SP 800-38D): round keys and powers of the hash key, in whole cache lines. The library's header does
/// not align them although its loads are aligned.
class Gcm {
 public:
  explicit Gcm(Bytes key) : functions_(gcm_functions(key.size())) { set_key(key); }

  void set_key(Bytes key) { functions_.expand(key.data(), &key_); }

  void encrypt(Bytes nonce, Bytes additional_data, Bytes in, std::span<std::uint8_t> out, std::span<std::uint8_t> tag) {
    Wiped<gcm_context_data> context;
    functions_.encrypt(&key_, &context, out.data(), in.data(), in.size(), nonce.data(), additional_data.data(),
                       additional_data.size(), tag.data(), tag.size());
  }
  void encrypt_pieces(Bytes nonce, Bytes additional_data, std::span<const Bytes> pieces, std::span<std::uint8_t> out,
                      std::span<std::uint8_t> tag) {
    Wiped<gcm_context_data> context;
    functions_.init(&key_, &context, nonce.data(), additional_data.data(), additional_data.size());
    for (const Bytes piece : pieces) {
      if (piece.empty()) continue;
      functions_.update(&key_, &context, out.data(), piece.data(), piece.size());
      out = out.subspan(piece.size());
    }
    functions_.finalize(&key_, &context, tag.data(), tag.size());
  }
  void decrypt(Bytes nonce, Bytes additional_data, std::span<std::uint8_t> text, std::span<std::uint8_t> tag) {
    Wiped<gcm_context_data> context;
    functions_.decrypt(&key_, &context, text.data(), text.data(), text.size(), nonce.data(), additional_data.data(),
                       additional_data.size(), tag.data(), tag.size());
  }

 private:
  alignas(64) Wiped<gcm_key_data> key_;
  const GcmFunctions& functions_;
};

/// ChaCha20-Poly1305 (RFC 8439, section 2.8). The key lies in a slot of a cache line, as the library may load as much.
class ChaCha {
 public:
  explicit ChaCha(Bytes key) { set_key(key); }
  ChaCha(const ChaCha&) = delete;
  ChaCha& operator=(const ChaCha&) = delete;
  ~ChaCha() { wipe(key_); }

  void set_key(Bytes key) { copy_bytes(key, key_); }

  void encrypt(Bytes nonce, Bytes additional_data, Bytes in, std::span<std::uint8_t> out, std::span<std::uint8_t> tag) {
    if (in.size() > job_most) return encrypt_pieces(nonce, additional_data, std::span(&in, 1), out, tag);
    run_job(IMB_DIR_ENCRYPT, nonce, additional_data, in, out, tag);
  }
  void encrypt_pieces(Bytes nonce, Bytes additional_data, std::span<const Bytes> pieces, std::span<std::uint8_t> out,
                      std::span<std::uint8_t> tag) {
    Wiped<chacha20_poly1305_context_data> context;
    const IMB_MGR& manager = *direct_calls();
    manager.chacha20_poly1305_init(key_.data(), &context, nonce.data(), additional_data.data(), additional_data.size());
    for (const Bytes piece : pieces) {
      if (piece.empty()) continue;
      manager.chacha20_poly1305_enc_update(key_.data(), &context, out.data(), piece.data(), piece.size());
      out = out.subspan(piece.size());
    }
    manager.chacha20_poly1305_finalize(&context, tag.data(), tag.size());
  }
  void decrypt(Bytes nonce, Bytes additional_data, std::span<std::uint8_t> text, std::span<std::uint8_t> tag) {
    if (text.size() <= job_most) return run_job(IMB_DIR_DECRYPT, nonce, additional_data, text, text, tag);
    Wiped<chacha20_poly1305_context_data> context;
    const IMB_MGR& manager = *direct_calls();
    manager.chacha20_poly1305_init(key_.data(), &context, nonce.data(), additional_data.data(), additional_data.size());
    manager.chacha20_poly1305_dec_update(key_.data(), &context, text.data(), text.data(), text.size());
    manager.chacha20_poly1305_finalize(&context, tag.data(), tag.size());
  }

 private:
  void run_job(IMB_CIPHER_DIRECTION direction, Bytes nonce, Bytes additional_data, Bytes in,
               std::span<std::uint8_t> out, std::span<std::uint8_t> tag) {
    IMB_MGR& manager = job_manager();
    IMB_JOB* job = manager.get_next_job(&manager);
    job->enc_keys = key_.data();
    job->dec_keys = key_.data();
    job->key_len_in_bytes = 32;
    job->cipher_mode = IMB_CIPHER_CHACHA20_POLY1305;
    job->hash_alg = IMB_AUTH_CHACHA20_POLY1305;
    job->cipher_direction = direction;
    job->chain_order = direction == IMB_DIR_ENCRYPT ? IMB_ORDER_CIPHER_HASH : IMB_ORDER_HASH_CIPHER;
    job->src = in.data();
    job->dst = out.data();
    job->cipher_start_src_offset_in_bytes = 0;
    job->msg_len_to_cipher_in_bytes = in.size();
    job->hash_start_src_offset_in_bytes = 0;
    job->msg_len_to_hash_in_bytes = in.size();
    job->iv = nonce.data();
    job->iv_len_in_bytes = nonce.size();
    job->auth_tag_output = tag.data();
    job->auth_tag_output_len_in_bytes = tag.size();
    job->u.CHACHA20_POLY1305.aad = additional_data.data();
    job->u.CHACHA20_POLY1305.aad_len_in_bytes = additional_data.size();
    job = manager.submit_job(&manager);
    if (job == nullptr) job = manager.flush_job(&manager);
    must(job != nullptr && job->status == IMB_STATUS_COMPLETED);
  }

  alignas(64) std::array<std::uint8_t, 64> key_{};
};

}  // namespace

std::unique_ptr<Aead> make_aead(AeadAlgorithm algorithm, Bytes key) {
  assert(key.size() == key_length_of(algorithm));
  if (algorithm == AeadAlgorithm::chacha20_poly1305) return std::make_unique<IpsecMbAead<ChaCha>>(key);
  return std::make_unique<IpsecMbAead<Gcm>>(key);
}

}  // namespace padlock::crypto::ipsec_mb
