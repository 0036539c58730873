#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "padlock/crypto/provider.h"

namespace padlock::test {

/// A provider whose randomness is fixed by a seed, so that a handshake's bytes are the same in each run: `random` and
/// ephemeral keys (ML-KEM's seeds too; not those of finite fields) come from SHA-256 of the seed and a counter.
/// Signatures repeat where their scheme does (Ed25519, RSA PKCS #1); ECDSA and PSS draw their own randomness.
/// Everything else is libcrypto's.
class FixedProvider final : public crypto::Provider {
 public:
  explicit FixedProvider(std::uint64_t seed = 0, crypto::AeadBackend backend = crypto::AeadBackend::libcrypto);

  /// The next key share of `group` has these private bytes instead of drawn ones. In order, for each group.
  void use_private_key(crypto::NamedGroup group, Bytes private_key);
  /// The next calls of `random` give these bytes first.
  void use_random(Bytes bytes);
  /// The draw after `draws` further ones fails, and all after it: for tests of a broken random source.
  void fail_after(std::size_t draws) { draws_left_ = draws; }

  std::unique_ptr<crypto::Aead> make_aead(crypto::AeadAlgorithm algorithm, Bytes key) override;
  Result<void> random(std::span<std::uint8_t> out) override;
  Result<std::shared_ptr<const crypto::EphemeralKey>> make_key_share(crypto::NamedGroup group) override;
  Result<std::shared_ptr<const crypto::EphemeralKey>> make_key_share_for(crypto::NamedGroup group,
                                                                         Bytes peer_share) override;
  Result<crypto::SharedSecret> agree(const crypto::EphemeralKey& key, Bytes peer_share) override;
  Result<crypto::SharedSecret> agree_in_finite_field(const crypto::EphemeralKey& key, Bytes peer_share,
                                                     crypto::HashAlgorithm prf_hash) override;
  Result<std::shared_ptr<const crypto::PublicKey>> make_public_key(crypto::PublicKeyParts parts) override;
  Result<std::shared_ptr<const crypto::PrivateKey>> load_private_key(Bytes der) override;
  Result<crypto::GeneratedKey> generate_private_key(crypto::KeyKind kind) override;
  std::string description() const override { return "fixed randomness over " + real_->description(); }

 private:
  std::uint8_t next_byte();

  std::unique_ptr<crypto::Provider> real_;
  std::uint64_t seed_;
  std::uint64_t counter_ = 0;
  std::deque<std::uint8_t> stream_;
  std::deque<std::pair<crypto::NamedGroup, std::vector<std::uint8_t>>> given_keys_;
  std::optional<std::size_t> draws_left_;
};

}  // namespace padlock::test
