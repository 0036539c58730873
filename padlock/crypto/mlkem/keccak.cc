#include "padlock/crypto/mlkem/keccak.h"

#include <algorithm>
#include <cassert>

#include "padlock/crypto/mlkem/keccak_permutation.h"
#include "padlock/crypto/mlkem/little_endian.h"

namespace padlock::crypto::mlkem {

void keccak_f1600(KeccakState& state) { keccak_permute(state); }

void Sponge::next_block() {
  keccak_f1600(state_);
  position_ = 0;
}

void Sponge::add_byte(std::uint8_t byte) {
  state_.at(position_ / 8) ^= std::uint64_t{byte} << (8 * (position_ % 8));
  if (++position_ == function_.rate) next_block();
}

void Sponge::absorb(Bytes bytes) {
  assert(!squeezing_);
  while (!bytes.empty()) {
    if (position_ % 8 != 0 || bytes.size() < 8) {
      add_byte(bytes.front());
      bytes = bytes.subspan(1);
      continue;
    }
    state_.at(position_ / 8) ^= load_u64(bytes.first<8>());
    bytes = bytes.subspan(8);
    position_ += 8;
    if (position_ == function_.rate) next_block();
  }
}

void Sponge::squeeze(std::span<std::uint8_t> out) {
  if (!squeezing_) {  // pad10*1 (FIPS 202, section 5.1)
    state_.at(position_ / 8) ^= std::uint64_t{function_.suffix} << (8 * (position_ % 8));
    state_.at(function_.rate / 8 - 1) ^= std::uint64_t{0x80} << 56;
    next_block();
    squeezing_ = true;
  }
  for (std::uint8_t& byte : out) {
    if (position_ == function_.rate) next_block();
    byte = static_cast<std::uint8_t>(state_.at(position_ / 8) >> (8 * (position_ % 8)));
    ++position_;
  }
}

}  // namespace padlock::crypto::mlkem
