#include "padlock/crypto/mlkem/sponge.h"

#include <algorithm>
#include <cassert>

#include "padlock/crypto/mlkem/little_endian.h"

namespace padlock::crypto::mlkem {

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

SpongeX4::SpongeX4(SpongeFunction function, const std::array<Bytes, 4>& inputs) {
  const auto add = [this](std::size_t position, std::size_t index, std::uint8_t byte) {
    states_.lanes.at(position / 8).at(index) ^= std::uint64_t{byte} << (8 * (position % 8));
  };
  for (std::size_t index = 0; index < inputs.size(); ++index) {
    const Bytes input = inputs.at(index);
    assert(input.size() < function.rate);
    std::size_t position = 0;
    for (; position + 8 <= input.size(); position += 8)
      states_.lanes.at(position / 8).at(index) = load_u64(input.subspan(position).first<8>());
    for (; position < input.size(); ++position) add(position, index, input[position]);
    add(input.size(), index, function.suffix);
    add(function.rate - 1, index, 0x80);
  }
}

void SpongeX4::read(std::size_t index, std::span<std::uint8_t> out) const {
  for (std::size_t lane = 0; lane < out.size() / 8; ++lane)
    store_u64(out.subspan(8 * lane).first<8>(), states_.lanes.at(lane).at(index));
}

}  // namespace padlock::crypto::mlkem
