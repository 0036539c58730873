#include "tests/support/fixed_provider.h"

#include <algorithm>

#include "padlock/base/writer.h"
#include "padlock/crypto/finite_field.h"
#include "padlock/crypto/hybrid.h"
#include "padlock/crypto/libcrypto/key_agreement.h"

namespace padlock::test {
namespace {

std::size_t private_length(crypto::NamedGroup group) {
  switch (group) {
    case crypto::NamedGroup::secp384r1: return 48;
    case crypto::NamedGroup::secp521r1: return 66;
    default: return 32;
  }
}

}  // namespace

FixedProvider::FixedProvider(std::uint64_t seed, crypto::AeadBackend backend)
    : real_(crypto::make_provider(backend)), seed_(seed) {}

void FixedProvider::use_private_key(crypto::NamedGroup group, Bytes private_key) {
  given_keys_.emplace_back(group, std::vector(private_key.begin(), private_key.end()));
}

void FixedProvider::use_random(Bytes bytes) { stream_.insert(stream_.begin(), bytes.begin(), bytes.end()); }

std::uint8_t FixedProvider::next_byte() {
  if (stream_.empty()) {
    std::vector<std::uint8_t> input;
    Writer out(input);
    out.u64(seed_);
    out.u64(counter_++);
    const auto digest = crypto::hash_of(crypto::HashAlgorithm::sha256, input);
    stream_.assign(digest.bytes().begin(), digest.bytes().end());
  }
  const std::uint8_t byte = stream_.front();
  stream_.pop_front();
  return byte;
}

Result<void> FixedProvider::random(std::span<std::uint8_t> out) {
  if (draws_left_ == 0U) return broken(crypto::rules::random_failed, "the test's random source fails now");
  if (draws_left_) --*draws_left_;
  std::ranges::generate(out, [this] { return next_byte(); });
  return {};
}

Result<std::shared_ptr<const crypto::EphemeralKey>> FixedProvider::make_key_share(crypto::NamedGroup group) {
  if (crypto::has_kem(group)) return crypto::hybrid::make_key_share(*this);
  if (crypto::is_finite_field(group)) return real_->make_key_share(group);
  const auto given = std::ranges::find(given_keys_, group, [](const auto& entry) { return entry.first; });
  if (given != given_keys_.end()) {
    const auto private_key = std::move(given->second);
    given_keys_.erase(given);
    return crypto::libcrypto::key_share_from_private(group, private_key);
  }
  std::vector<std::uint8_t> private_key(private_length(group));
  PADLOCK_TRY(random(private_key));
  // Below the order of every curve; P-521 has 521 bits in 66 bytes.
  private_key.front() &= group == crypto::NamedGroup::secp521r1 ? 0x00 : 0x7f;
  return crypto::libcrypto::key_share_from_private(group, private_key);
}

std::unique_ptr<crypto::Aead> FixedProvider::make_aead(crypto::AeadAlgorithm algorithm, Bytes key) {
  return real_->make_aead(algorithm, key);
}
Result<std::shared_ptr<const crypto::EphemeralKey>> FixedProvider::make_key_share_for(crypto::NamedGroup group,
                                                                                      Bytes peer_share) {
  if (crypto::has_kem(group)) return crypto::hybrid::make_key_share_for(*this, peer_share);
  return make_key_share(group);
}
Result<crypto::SharedSecret> FixedProvider::agree(const crypto::EphemeralKey& key, Bytes peer_share) {
  return real_->agree(key, peer_share);
}
Result<crypto::SharedSecret> FixedProvider::agree_in_finite_field(const crypto::EphemeralKey& key, Bytes peer_share,
                                                                  crypto::HashAlgorithm prf_hash) {
  return real_->agree_in_finite_field(key, peer_share, prf_hash);
}
Result<std::shared_ptr<const crypto::PublicKey>> FixedProvider::make_public_key(crypto::PublicKeyParts parts) {
  return real_->make_public_key(std::move(parts));
}
Result<std::shared_ptr<const crypto::PrivateKey>> FixedProvider::load_private_key(Bytes der) {
  return real_->load_private_key(der);
}
Result<crypto::GeneratedKey> FixedProvider::generate_private_key(crypto::KeyKind kind) {
  return real_->generate_private_key(kind);
}

}  // namespace padlock::test
