#include "padlock/crypto/lanes/x25519.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <string>
#include <utility>
#include <vector>

#include "padlock/base/secret.h"
#include "padlock/base/text.h"

namespace padlock::crypto::lanes {
namespace {

constexpr std::size_t length = 32;
using Number = std::array<std::uint8_t, length>;
constexpr Number base_point = {9};  // RFC 7748, section 4.1

std::uint64_t word_of(std::span<const std::uint8_t, length> bytes, std::size_t index) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < 8; ++i) word |= std::uint64_t{bytes[8 * index + i]} << (8 * i);
  return word;
}

void put(Words& words, std::size_t lane, std::span<const std::uint8_t, length> bytes) {
  words.w0[lane] = word_of(bytes, 0);
  words.w1[lane] = word_of(bytes, 1);
  words.w2[lane] = word_of(bytes, 2);
  words.w3[lane] = word_of(bytes, 3);
}

void take(const Words& words, std::size_t lane, std::span<std::uint8_t, length> bytes) {
  const std::array<std::uint64_t, 4> found{words.w0[lane], words.w1[lane], words.w2[lane], words.w3[lane]};
  for (std::size_t i = 0; i < length; ++i) bytes[i] = static_cast<std::uint8_t>(found[i / 8] >> (8 * (i % 8)));
}

/// What the ladder could not hold in registers lies where the next function's variables will be.
[[gnu::noinline]] void wipe_below() {
  std::array<std::uint8_t, 8192> room;  // NOLINT: it is there to be wiped
  wipe(room);
}

/// The key of Alice in section 6.1 with the base point and with Bob's key, in lanes next to each other.
bool works() {
  const auto scalar = *from_hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
  const auto share = *from_hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
  const auto peer = *from_hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
  const auto secret = *from_hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
  std::array<Number, lane_count> results{};
  std::vector<X25519> wanted;
  wanted.reserve(lane_count);
  for (std::size_t lane = 0; lane < lane_count; ++lane) {
    const Bytes point = lane % 2 == 0 ? Bytes(base_point) : Bytes(peer);
    wanted.push_back({scalar, point, results[lane]});
  }
  x25519(wanted);
  for (std::size_t lane = 0; lane < lane_count; ++lane) {
    if (!std::ranges::equal(results[lane], lane % 2 == 0 ? share : secret)) return false;
  }
  return true;
}

bool has_ifma() {
#if defined(__x86_64__)
  return x25519_ifma != nullptr && __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
         __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512ifma") != 0;
#else
  return false;
#endif
}

/// What one share is answered with, while it is made.
struct Response {
  Number scalar, share, secret;
};

class AnsweredKey final : public EphemeralKey {
 public:
  AnsweredKey(const Response& made, Bytes peer_share) : scalar_(made.scalar), share_(made.share), secret_(made.secret) {
    if (peer_share.size() == length) copy_bytes(peer_share, peer_share_.emplace());
  }
  NamedGroup group() const override { return NamedGroup::x25519; }
  Bytes public_share() const override { return share_; }

  Result<SharedSecret> agree(Bytes peer_share) const {
    if (peer_share.size() != length) return invalid(peer_share);
    const bool known = peer_share_ && std::ranges::equal(peer_share, *peer_share_);
    auto secret = known ? secret_.duplicate() : made_with(peer_share);
    std::uint8_t bits = 0;
    for (const std::uint8_t byte : secret.reveal()) bits |= byte;
    if (bits == 0) return invalid(peer_share);  // section 6.1: a point of small order
    return secret;
  }

 private:
  static std::unexpected<Error> invalid(Bytes share) {
    return broken(rules::invalid_key_share,
                  "a share of " + std::to_string(share.size()) + " bytes is no valid x25519 point");
  }
  SharedSecret made_with(Bytes peer_share) const {
    return SharedSecret::made(length, [&](std::span<std::uint8_t> room) {
      const X25519 one{scalar_.reveal(), peer_share, room};
      x25519(std::span(&one, 1));
    });
  }

  Secret<length> scalar_;
  Number share_;
  std::optional<Number> peer_share_;  ///< that the secret was made with
  SharedSecret secret_;
};

}  // namespace

bool usable() {
  static const bool found = has_ifma() && works();
  return found;
}

void x25519(std::span<const X25519> wanted, X25519Eight eight) {
  while (!wanted.empty()) {
    const auto batch = wanted.first(std::min(wanted.size(), lane_count));
    Wiped<Words> scalars;
    Wiped<Words> points;
    Wiped<Words> results;
    for (std::size_t lane = 0; lane < lane_count; ++lane) {
      const X25519& one = lane < batch.size() ? batch[lane] : batch.front();
      put(scalars, lane, one.scalar.first<length>());
      put(points, lane, one.point.first<length>());
    }
    eight(scalars, points, results);
    for (std::size_t lane = 0; lane < batch.size(); ++lane) take(results, lane, batch[lane].result.first<length>());
    wanted = wanted.subspan(batch.size());
  }
  wipe_below();
}

Result<void> answer_shares(Provider& provider, std::span<const Bytes> initiator_shares,
                           std::span<std::shared_ptr<const EphemeralKey>> keys) {
  assert(initiator_shares.size() <= responders_at_once && keys.size() >= initiator_shares.size());
  std::array<Wiped<Response>, responders_at_once> responses;
  std::array<X25519, lane_count> wanted;
  std::size_t count = 0;
  for (std::size_t i = 0; i < initiator_shares.size(); ++i) {
    Response& response = responses.at(i);
    PADLOCK_TRY(provider.random(response.scalar));
    wanted.at(count++) = {response.scalar, base_point, response.share};
    const Bytes share = initiator_shares[i];
    if (share.size() == length) wanted.at(count++) = {response.scalar, share, response.secret};
  }
  x25519(std::span(wanted).first(count));
  for (std::size_t i = 0; i < initiator_shares.size(); ++i) {
    keys[i] = std::make_shared<const AnsweredKey>(responses.at(i), initiator_shares[i]);
  }
  return {};
}

std::optional<Result<SharedSecret>> agree(const EphemeralKey& key, Bytes peer_share) {
  const auto* const own = dynamic_cast<const AnsweredKey*>(&key);
  if (own == nullptr) return std::nullopt;
  return own->agree(peer_share);
}

}  // namespace padlock::crypto::lanes
