#pragma once

#include <memory>
#include <optional>
#include <span>

#include "padlock/base/text.h"
#include "padlock/crypto/lanes/lanes.h"
#include "padlock/crypto/provider.h"

namespace padlock::crypto::lanes {

/// Whether this CPU multiplies in AVX-512 IFMA, and does it as RFC 7748 says: looked at once.
bool usable();

/// One X25519 (RFC 7748, section 5); each has 32 bytes. `result` may be all zeros: whoever agrees on it has to look.
struct X25519 {
  Bytes scalar;
  Bytes point;
  std::span<std::uint8_t> result;
};
/// Any number of them, eight at a time; the lanes left over repeat the first one. `usable`, unless `eight` is another.
void x25519(std::span<const X25519> wanted, X25519Eight eight = x25519_ifma);

/// Responders that fill the lanes: each needs its share and the secret.
constexpr std::size_t responders_at_once = lane_count / 2;

/// Keys that answer initiators' shares of X25519, one for each: its own share and what both agree on are made together,
/// for up to `responders_at_once` of them. What is wrong with a share is said when the key is asked to agree.
Result<void> answer_shares(Provider& provider, std::span<const Bytes> initiator_shares,
                           std::span<std::shared_ptr<const EphemeralKey>> keys);
/// What a key of `answer_shares` and the share agree on; nothing: it is another kind of key. Fails with
/// `rules::invalid_key_share` as Provider::agree does.
std::optional<Result<SharedSecret>> agree(const EphemeralKey& key, Bytes peer_share);

}  // namespace padlock::crypto::lanes
