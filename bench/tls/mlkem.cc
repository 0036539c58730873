#include <algorithm>
#include <array>
#include <memory>

#include "bench/tls/cases.h"
#include "bench/tls/libcrypto_peer.h"
#include "padlock/crypto/mlkem/mlkem768.h"
#include "padlock/crypto/provider.h"

namespace padlock::bench {
namespace {

namespace kem = crypto::mlkem768;
constexpr std::size_t batch = 16;

/// What stands beside ML-KEM's operations, as libcrypto 3.0 has none: an X25519 secret from a ready context, which is
/// the least that a handshake without ML-KEM pays.
Contender x25519_derivation() {
  struct State {
    PkeyHandle own, peer;
    PkeyContext context;
  };
  const auto state = std::make_shared<State>();
  state->own.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"));
  state->peer.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"));
  state->context.reset(EVP_PKEY_CTX_new_from_pkey(nullptr, state->own.get(), nullptr));
  require(EVP_PKEY_derive_init(state->context.get()) == 1 &&
              EVP_PKEY_derive_set_peer(state->context.get(), state->peer.get()) == 1,
          "EVP derivation set-up");
  return {"libcrypto", batch, [=] {
            std::array<std::uint8_t, 32> secret{};
            for (std::size_t i = 0; i < batch; ++i) {
              std::size_t length = secret.size();
              require(EVP_PKEY_derive(state->context.get(), secret.data(), &length) == 1, "EVP derive");
            }
          }};
}

/// A seed that is another one each time.
std::array<std::uint8_t, 32> seed(std::size_t number) {
  std::array<std::uint8_t, 32> bytes{};
  bytes.front() = static_cast<std::uint8_t>(number);
  return bytes;
}

std::vector<Contender> contenders(std::function<void(std::size_t)> operation) {
  return {{"padlock", batch,
           [operation = std::move(operation)] {
             for (std::size_t i = 0; i < batch; ++i) operation(i);
           }},
          x25519_derivation()};
}

std::vector<Contender> keygen_contenders() {
  return contenders([](std::size_t i) {
    require(!kem::DecapsulationKey::keygen_internal(seed(i), seed(100)).secret().empty(), "keygen");
  });
}

/// With the reading and checking of the key, as it comes from the peer.
std::vector<Contender> encaps_contenders() {
  const auto key = kem::DecapsulationKey::keygen_internal(seed(1), seed(2)).encapsulation_key();
  return contenders([key](std::size_t i) {
    const auto ek = kem::EncapsulationKey::from_bytes(key.bytes());
    require(ek && !kem::encaps_internal(*ek, seed(i)).shared_key.empty(), "encaps");
  });
}

std::vector<Contender> decaps_contenders() {
  struct State {
    kem::DecapsulationKey key = kem::DecapsulationKey::keygen_internal(seed(1), seed(2));
    kem::Encapsulated sent = kem::encaps_internal(key.encapsulation_key(), seed(3));
  };
  const auto state = std::make_shared<State>();
  return contenders([state](std::size_t) {
    const auto shared_key = state->key.decapsulate(state->sent.ciphertext);
    require(std::ranges::equal(shared_key.reveal(), state->sent.shared_key.reveal()), "decaps");
  });
}

std::vector<Contender> x25519_contenders() {
  const std::shared_ptr<crypto::Provider> provider = crypto::make_provider();
  const auto own = *provider->make_key_share(crypto::NamedGroup::x25519);
  const auto peer = *provider->make_key_share(crypto::NamedGroup::x25519);
  return contenders(
      [=](std::size_t) { require(provider->agree(*own, peer->public_share()).has_value(), "x25519 derive"); });
}

}  // namespace

std::vector<Case> ml_kem_cases() {
  return {{"x25519_derive", x25519_contenders},
          {"mlkem768_keygen", keygen_contenders, {{"libcrypto", 1.0}}},
          {"mlkem768_encaps", encaps_contenders, {{"libcrypto", 1.0}}},
          {"mlkem768_decaps", decaps_contenders, {{"libcrypto", 1.0}}}};
}

}  // namespace padlock::bench
