#include "padlock/crypto/finite_field.h"

#include <algorithm>
#include <array>

#include "padlock/crypto/constant_time.h"
#include "padlock/crypto/hidden_length.h"

namespace padlock::crypto {
namespace {

constexpr std::array groups = {NamedGroup::ffdhe2048, NamedGroup::modp2048, NamedGroup::ffdhe3072, NamedGroup::modp3072,
                               NamedGroup::ffdhe4096, NamedGroup::modp4096, NamedGroup::ffdhe6144, NamedGroup::modp6144,
                               NamedGroup::ffdhe8192, NamedGroup::modp8192};

Bytes without_leading_zeros(Bytes number) {
  const auto first = std::ranges::find_if(number, [](std::uint8_t byte) { return byte != 0; });
  return number.subspan(static_cast<std::size_t>(first - number.begin()));
}

}  // namespace

std::span<const NamedGroup> finite_field_groups() { return groups; }

bool is_finite_field(NamedGroup group) { return std::ranges::find(groups, group) != groups.end(); }

std::optional<NamedGroup> find_finite_field(Bytes prime, Bytes generator) {
  const Bytes g = without_leading_zeros(generator);
  if (g.size() != 1 || g.front() != finite_field_generator) return std::nullopt;
  const Bytes p = without_leading_zeros(prime);
  const auto found =
      std::ranges::find_if(groups, [&](NamedGroup group) { return std::ranges::equal(prime_of(group), p); });
  return found == groups.end() ? std::nullopt : std::optional(*found);
}

Digest prf_key_of(HashAlgorithm prf_hash, std::span<std::uint8_t> shared_secret) {
  // A secret that is no longer than a block would be the key itself: of the numbers below p fewer than one of 2^1000
  // is.
  const std::size_t least = block_length_of(prf_hash) + 1;
  std::size_t zeros = 0;
  Mask at_front = ~Mask{0};
  for (const std::uint8_t byte : shared_secret.first(shared_secret.size() - least)) {
    at_front &= mask_equal(byte, 0);
    zeros += at_front & 1;
  }
  shift_left(shared_secret, zeros);
  return hash_of_hidden_length(
      prf_hash, {.head = {}, .data = shared_secret, .least = least, .length = shared_secret.size() - zeros});
}

}  // namespace padlock::crypto
