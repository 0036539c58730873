#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include "bench/tls/cases.h"
#include "bench/tls/libcrypto_peer.h"
#include "padlock/base/writer.h"
#include "padlock/crypto/hkdf.h"
#include "padlock/crypto/provider.h"

namespace padlock::bench {
namespace {

using crypto::AeadAlgorithm;
using crypto::NamedGroup;

/// A record's nonce: the next one of a counter.
class Nonces {
 public:
  Bytes next() {
    for (std::size_t i = nonce_.size(); i-- > 4 && ++nonce_.at(i) == 0;) {
    }
    return nonce_;
  }

 private:
  std::array<std::uint8_t, crypto::aead_nonce_length> nonce_{};
};
constexpr std::array<std::uint8_t, 5> header{23, 3, 3, 0x40, 0x11};  // a TLS 1.3 record's additional data

std::vector<std::uint8_t> key_for(AeadAlgorithm algorithm) {
  return std::vector<std::uint8_t>(crypto::key_length_of(algorithm), 7);
}

/// So many that the two readings of the clock vanish, so few that they stay in the cache.
std::size_t batch_for(std::size_t size) { return std::clamp<std::size_t>(262144 / (size + 1), 16, 1024); }

template <class Seal>
Contender sealer(std::string peer, std::size_t size, Seal seal) {
  struct State {
    Nonces nonces;
    std::vector<std::uint8_t> in, out;
  };
  auto state = std::make_shared<State>(
      State{{}, std::vector<std::uint8_t>(size, 1), std::vector<std::uint8_t>(size + crypto::aead_tag_length)});
  const std::size_t batch = batch_for(size);
  return {std::move(peer), batch, [=] {
            for (std::size_t i = 0; i < batch; ++i) seal(state->nonces.next(), state->in, state->out);
          }};
}

std::vector<Contender> seal_contenders(AeadAlgorithm algorithm, std::size_t size) {
  const std::shared_ptr<crypto::Aead> ours = crypto::make_provider()->make_aead(algorithm, key_for(algorithm));
  const auto evp = std::make_shared<LibcryptoAead>(algorithm, key_for(algorithm));
  return {sealer("padlock", size,
                 [=](Bytes nonce, Bytes in, std::span<std::uint8_t> out) {
                   ours->seal(nonce, header, std::span(&in, 1), out);
                 }),
          sealer("libcrypto", size,
                 [=](Bytes nonce, Bytes in, std::span<std::uint8_t> out) { evp->seal(nonce, header, in, out); })};
}

/// Records are opened in place, so each batch gets fresh copies of a sealed one, outside the measured time.
template <class Open>
Contender opener(std::string peer, AeadAlgorithm algorithm, std::size_t size, Open open) {
  struct State {
    std::array<std::uint8_t, crypto::aead_nonce_length> nonce{};
    std::vector<std::uint8_t> sealed;
    std::vector<std::vector<std::uint8_t>> records;
  };
  auto state = std::make_shared<State>();
  const std::vector<std::uint8_t> plaintext(size, 1);
  const Bytes piece(plaintext);
  state->sealed.resize(size + crypto::aead_tag_length);
  crypto::make_provider()
      ->make_aead(algorithm, key_for(algorithm))
      ->seal(state->nonce, header, std::span(&piece, 1), state->sealed);
  state->records.assign(batch_for(size), state->sealed);
  return {std::move(peer), state->records.size(),
          [=] {
            for (auto& record : state->records) require(open(Bytes(state->nonce), std::span(record)), "open");
          },
          [=] {
            for (auto& record : state->records) std::ranges::copy(state->sealed, record.begin());
          }};
}

std::vector<Contender> open_contenders(AeadAlgorithm algorithm, std::size_t size) {
  const std::shared_ptr<crypto::Aead> ours = crypto::make_provider()->make_aead(algorithm, key_for(algorithm));
  const auto evp = std::make_shared<LibcryptoAead>(algorithm, key_for(algorithm));
  return {opener("padlock", algorithm, size,
                 [=](Bytes nonce, std::span<std::uint8_t> record) { return ours->open(nonce, header, record); }),
          opener("libcrypto", algorithm, size,
                 [=](Bytes nonce, std::span<std::uint8_t> record) { return evp->open(nonce, header, record); })};
}

std::vector<Contender> set_key_contenders(AeadAlgorithm algorithm) {
  const std::shared_ptr<crypto::Provider> provider = crypto::make_provider();
  return {{"padlock", 64, [=, key = key_for(algorithm)] {
             for (int i = 0; i < 64; ++i) require(provider->make_aead(algorithm, key) != nullptr, "make_aead");
           }}};
}

std::vector<Contender> agreement_contenders(NamedGroup group) {
  const std::shared_ptr<crypto::Provider> provider = crypto::make_provider();
  const auto peer = *provider->make_key_share(group);
  const auto evp = std::make_shared<LibcryptoAgreement>(group);
  return {{"padlock", 8,
           [=] {
             for (int i = 0; i < 8; ++i) {
               const auto own = provider->make_key_share(group);
               require(own && provider->agree(**own, peer->public_share()), "agree");
             }
           }},
          {"libcrypto", 8, [=] {
             std::array<std::uint8_t, 32> secret{};
             for (int i = 0; i < 8; ++i)
               require(!evp->share_and_secret(peer->public_share(), secret).empty(), "EVP agree");
           }}};
}

/// As long as the content that CertificateVerify signs with SHA-256 (RFC 8446, section 4.4.3).
const std::vector<std::uint8_t>& signed_content() {
  static const std::vector<std::uint8_t> content(64 + 33 + 1 + 32, 0x20);
  return content;
}

std::vector<Contender> sign_contenders(crypto::KeyKind kind, crypto::SignatureScheme scheme, const char* evp_type) {
  const auto key = crypto::make_provider()->generate_private_key(kind)->key;
  const auto evp = std::make_shared<LibcryptoSigner>(evp_type);
  return {{"padlock", 4,
           [=] {
             for (int i = 0; i < 4; ++i) require(key->sign(scheme, signed_content()).has_value(), "sign");
           }},
          {"libcrypto", 4, [=] {
             for (int i = 0; i < 4; ++i) require(!evp->sign(signed_content()).empty(), "EVP sign");
           }}};
}

std::vector<Contender> verify_contenders(crypto::KeyKind kind, crypto::SignatureScheme scheme, const char* evp_type) {
  const auto key = crypto::make_provider()->generate_private_key(kind)->key;
  const auto evp = std::make_shared<LibcryptoSigner>(evp_type);
  const auto ours = *key->sign(scheme, signed_content());
  const auto theirs = evp->sign(signed_content());
  return {{"padlock", 8,
           [=] {
             for (int i = 0; i < 8; ++i) require(key->public_key().verify(scheme, signed_content(), ours), "verify");
           }},
          {"libcrypto", 8, [=] {
             for (int i = 0; i < 8; ++i) require(evp->verify(signed_content(), theirs), "EVP verify");
           }}};
}

/// HkdfLabel with a name such as "c hs traffic" and a transcript hash (RFC 8446, section 7.1).
std::vector<std::uint8_t> hkdf_label() {
  std::vector<std::uint8_t> label;
  Writer out(label);
  out.u16(32);
  out.vec8([](Writer& name) { name.bytes(as_bytes("tls13 c hs traffic")); });
  out.vec8([](Writer& context) { context.bytes(std::vector<std::uint8_t>(32, 9)); });
  return label;
}

std::vector<Contender> expand_contenders(bool saved_states) {
  auto info = std::make_shared<std::vector<std::uint8_t>>(hkdf_label());
  auto secret = std::make_shared<std::vector<std::uint8_t>>(32, std::uint8_t{3});
  const auto evp = std::make_shared<LibcryptoHkdf>();
  const crypto::Hmac keyed(crypto::HashAlgorithm::sha256, *secret);
  return {{"padlock", 512,
           [=] {
             std::array<std::uint8_t, 32> out{};
             for (int i = 0; i < 512; ++i)
               crypto::hkdf_expand(saved_states ? keyed : crypto::Hmac(crypto::HashAlgorithm::sha256, *secret), *info,
                                   out);
           }},
          {"libcrypto", 512, [=] {
             std::array<std::uint8_t, 32> out{};
             for (int i = 0; i < 512; ++i) evp->expand(*secret, *info, out);
           }}};
}

std::vector<Contender> hash_contenders(std::size_t size) {
  const auto bytes = std::make_shared<std::vector<std::uint8_t>>(size, std::uint8_t{1});
  const std::shared_ptr<EVP_MD> digest(EVP_MD_fetch(nullptr, "SHA256", nullptr), EVP_MD_free);
  const std::shared_ptr<EVP_MD_CTX> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  return {{"padlock", 256,
           [=] {
             for (int i = 0; i < 256; ++i)
               require(crypto::hash_of(crypto::HashAlgorithm::sha256, *bytes).bytes().size() == 32, "hash");
           }},
          {"libcrypto", 256, [=] {
             std::array<std::uint8_t, 32> out{};
             for (int i = 0; i < 256; ++i)
               require(EVP_DigestInit_ex2(context.get(), digest.get(), nullptr) == 1 &&
                           EVP_DigestUpdate(context.get(), bytes->data(), bytes->size()) == 1 &&
                           EVP_DigestFinal_ex(context.get(), out.data(), nullptr) == 1,
                       "EVP digest");
           }}};
}

std::vector<Contender> random_contenders() {
  const std::shared_ptr<crypto::Provider> provider = crypto::make_provider();
  return {{"padlock", 64,
           [=] {
             std::array<std::uint8_t, 32> out{};
             for (int i = 0; i < 64; ++i) require(provider->random(out).has_value(), "random");
           }},
          {"libcrypto", 64, [=] {
             std::array<std::uint8_t, 32> out{};
             for (int i = 0; i < 64; ++i) require(RAND_bytes(out.data(), int{out.size()}) == 1, "RAND_bytes");
           }}};
}

void add_aeads(std::vector<Case>& cases) {
  struct Named {
    AeadAlgorithm algorithm;
    std::string name;
  };
  for (const auto& [algorithm, name] :
       {Named{AeadAlgorithm::aes_128_gcm, "aes_128_gcm"}, Named{AeadAlgorithm::aes_256_gcm, "aes_256_gcm"},
        Named{AeadAlgorithm::chacha20_poly1305, "chacha20_poly1305"}}) {
    for (const std::size_t size : {16U, 1350U, 16384U}) {
      const std::string what = "." + name + "." + std::to_string(size);
      cases.push_back({"aead.seal" + what, [=] { return seal_contenders(algorithm, size); }});
      cases.push_back({"aead.open" + what, [=] { return open_contenders(algorithm, size); }});
    }
    cases.push_back({"aead.set_key." + name, [=] { return set_key_contenders(algorithm); }});
  }
}

}  // namespace

std::vector<Case> primitive_cases() {
  using crypto::KeyKind;
  using enum crypto::SignatureScheme;
  std::vector<Case> cases;
  add_aeads(cases);
  cases.push_back({"x25519.keygen_and_derive", [] { return agreement_contenders(NamedGroup::x25519); }});
  cases.push_back({"p256.keygen_and_derive", [] { return agreement_contenders(NamedGroup::secp256r1); }});
  cases.push_back(
      {"ecdsa_p256.sign", [] { return sign_contenders(KeyKind::ecdsa_p256, ecdsa_secp256r1_sha256, "EC"); }});
  cases.push_back(
      {"ecdsa_p256.verify", [] { return verify_contenders(KeyKind::ecdsa_p256, ecdsa_secp256r1_sha256, "EC"); }});
  cases.push_back({"rsa_2048_pss.sign", [] { return sign_contenders(KeyKind::rsa_2048, rsa_pss_rsae_sha256, "RSA"); }});
  cases.push_back(
      {"rsa_2048_pss.verify", [] { return verify_contenders(KeyKind::rsa_2048, rsa_pss_rsae_sha256, "RSA"); }});
  cases.push_back({"hkdf.expand_label", [] { return expand_contenders(true); }});
  cases.push_back({"hkdf.key_and_expand_label", [] { return expand_contenders(false); }});
  cases.push_back({"sha256.64", [] { return hash_contenders(64); }});
  cases.push_back({"sha256.1350", [] { return hash_contenders(1350); }});
  cases.push_back({"random.32", random_contenders});
  return cases;
}

}  // namespace padlock::bench
