#include "padlock/crypto/hybrid.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <string>
#include <utility>
#include <variant>

#include "padlock/crypto/mlkem/mlkem768.h"

namespace padlock::crypto::hybrid {
namespace {

constexpr std::size_t x25519_length = 32;
static_assert(initiator_share_length == mlkem768::encapsulation_key_length + x25519_length);
static_assert(responder_share_length == mlkem768::ciphertext_length + x25519_length);

/// What each role keeps of ML-KEM until the secret is asked for.
using Initiated = mlkem768::DecapsulationKey;
struct Responded {
  mlkem768::SharedKey shared_key;
};

class HybridKey final : public EphemeralKey {
 public:
  /// `ml_kem_share`: the encapsulation key or the ciphertext.
  HybridKey(std::variant<Initiated, Responded> ml_kem, Bytes ml_kem_share, std::shared_ptr<const EphemeralKey> x25519)
      : ml_kem_(std::move(ml_kem)), x25519_(std::move(x25519)) {
    assert(x25519_->public_share().size() == x25519_length);
    copy_bytes(x25519_->public_share(), copy_bytes(ml_kem_share, share_));
    share_length_ = ml_kem_share.size() + x25519_length;
  }

  NamedGroup group() const override { return NamedGroup::X25519MLKEM768; }
  Bytes public_share() const override { return std::span(share_).first(share_length_); }
  std::shared_ptr<const EphemeralKey> traditional_part() const override { return x25519_; }
  const std::variant<Initiated, Responded>& ml_kem() const { return ml_kem_; }

 private:
  std::variant<Initiated, Responded> ml_kem_;
  std::shared_ptr<const EphemeralKey> x25519_;
  std::array<std::uint8_t, initiator_share_length> share_{};
  std::size_t share_length_ = 0;
};

std::unexpected<Error> invalid_share(Bytes share, std::string_view why) {
  return broken(rules::invalid_key_share,
                "a share of " + std::to_string(share.size()) + " bytes for X25519MLKEM768 " + std::string(why));
}

/// Our part of ML-KEM's secret. `peer_share` has the length of the peer's role.
mlkem768::SharedKey ml_kem_secret(const HybridKey& own, Bytes peer_share) {
  if (const auto* responded = std::get_if<Responded>(&own.ml_kem())) return responded->shared_key.duplicate();
  return std::get<Initiated>(own.ml_kem()).decapsulate(peer_share.first<mlkem768::ciphertext_length>());
}

}  // namespace

Result<std::shared_ptr<const EphemeralKey>> make_key_share(Provider& provider) {
  Wiped<std::array<std::uint8_t, 64>> seed;  // d and z of FIPS 203, Algorithm 19
  PADLOCK_TRY(provider.random(seed));
  auto x25519 = PADLOCK_TRY(provider.make_key_share(NamedGroup::x25519));
  const std::span<const std::uint8_t, 64> view = seed;
  auto dk = mlkem768::DecapsulationKey::keygen_internal(view.first<32>(), view.last<32>());
  const auto ek = dk.encapsulation_key();
  return std::make_shared<const HybridKey>(std::move(dk), ek.bytes(), std::move(x25519));
}

Bytes x25519_part(Bytes initiator_share) {
  return initiator_share.size() == initiator_share_length ? initiator_share.last(x25519_length) : Bytes{};
}

Result<std::shared_ptr<const EphemeralKey>> make_key_share_for(Provider& provider, Bytes initiator_share,
                                                               std::shared_ptr<const EphemeralKey> x25519) {
  if (initiator_share.size() != initiator_share_length)
    return invalid_share(initiator_share, "has not the length of a client's");
  const auto ek = mlkem768::EncapsulationKey::from_bytes(initiator_share.first(mlkem768::encapsulation_key_length));
  if (!ek) return invalid_share(initiator_share, "holds an encapsulation key that is out of range");
  Wiped<std::array<std::uint8_t, 32>> m;
  PADLOCK_TRY(provider.random(m));
  if (!x25519) x25519 = PADLOCK_TRY(provider.make_key_share_for(NamedGroup::x25519, x25519_part(initiator_share)));
  auto made = mlkem768::encaps_internal(*ek, m);
  return std::make_shared<const HybridKey>(Responded{std::move(made.shared_key)}, made.ciphertext, std::move(x25519));
}

Result<SharedSecret> agree(Provider& provider, const EphemeralKey& key, Bytes peer_share) {
  const auto* const own = dynamic_cast<const HybridKey*>(&key);
  if (own == nullptr) return broken(rules::operation_failed, "a key of another provider for X25519MLKEM768");
  const bool initiator = std::holds_alternative<Initiated>(own->ml_kem());
  if (peer_share.size() != (initiator ? responder_share_length : initiator_share_length))
    return invalid_share(peer_share,
                         initiator ? "has not the length of a server's" : "has not the length of a client's");
  const auto x25519 = PADLOCK_TRY(provider.agree(*own->traditional_part(), peer_share.last(x25519_length)));
  const auto ml_kem = ml_kem_secret(*own, peer_share);
  return SharedSecret::made(secret_length, [&](std::span<std::uint8_t> room) {
    copy_bytes(ml_kem.reveal(), room);
    copy_bytes(x25519.reveal(), room.subspan(mlkem768::shared_key_length));
  });
}

}  // namespace padlock::crypto::hybrid
