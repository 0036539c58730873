#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "padlock/crypto/lanes/lanes.h"
#include "padlock/crypto/provider.h"

namespace padlock::crypto::lanes {

/// Whether this CPU multiplies in AVX-512 IFMA, and does it as RFC 7748 says: looked at once.
bool usable();

/// One X25519 (RFC 7748, section 5). `result` may be all zeros: whoever agrees on it has to look.
struct X25519 {
  std::span<const std::uint8_t, 32> scalar;
  std::span<const std::uint8_t, 32> point;
  std::span<std::uint8_t, 32> result;
};
/// Any number of them, eight at a time; the lanes left over repeat the first one. `usable`, unless `eight` is another.
void x25519(std::span<const X25519> wanted, X25519Eight eight = x25519_ifma);

/// Keys that answer initiators' shares of X25519, one for each: its own share and what both agree on are made together,
/// for all of them at once. What is wrong with a share is said when the key is asked to agree.
Result<std::vector<std::shared_ptr<const EphemeralKey>>> answer_shares(Provider& provider,
                                                                       std::span<const Bytes> initiator_shares);
/// What a key of `answer_shares` and the share agree on; nothing: it is another kind of key. Fails with
/// `rules::invalid_key_share` as Provider::agree does.
std::optional<Result<SharedSecret>> agree(const EphemeralKey& key, Bytes peer_share);

}  // namespace padlock::crypto::lanes
