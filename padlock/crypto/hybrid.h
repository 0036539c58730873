#pragma once

#include <memory>

#include "padlock/crypto/provider.h"

/// The group X25519MLKEM768 (RFC 9954; draft-ietf-tls-ecdhe-mlkem): the secret is safe as long as one of X25519 and
/// ML-KEM-768 is. The initiator (a TLS client) sends an encapsulation key and a point, the responder a ciphertext and a
/// point; both secrets follow each other, ML-KEM's first (section 3 there: its FIPS-approved part leads).
/// On any provider: randomness and X25519 are its own.
namespace padlock::crypto::hybrid {

inline constexpr std::size_t initiator_share_length = 1184 + 32;
inline constexpr std::size_t responder_share_length = 1088 + 32;
inline constexpr std::size_t secret_length = 32 + 32;

/// The initiator's key. Fails as the provider's `random` and `make_key_share` do.
Result<std::shared_ptr<const EphemeralKey>> make_key_share(Provider& provider);
/// The responder's key, for an initiator's share. Fails with `rules::invalid_key_share` if that is not 1216 bytes long
/// or its encapsulation key does not pass the checks of FIPS 203, section 7.2. `x25519`: the key to answer X25519's
/// part with; null: the provider makes one.
Result<std::shared_ptr<const EphemeralKey>> make_key_share_for(Provider& provider, Bytes initiator_share,
                                                               std::shared_ptr<const EphemeralKey> x25519 = nullptr);
/// The part of an initiator's share that is X25519's; empty: the share has not the length of one.
Bytes x25519_part(Bytes initiator_share);
/// The secret, for either role. Fails with `rules::invalid_key_share` if the share is of another length than the
/// peer's role sends, or its X25519 part is of small order.
Result<SharedSecret> agree(Provider& provider, const EphemeralKey& key, Bytes peer_share);

}  // namespace padlock::crypto::hybrid
