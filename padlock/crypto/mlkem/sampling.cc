#include "padlock/crypto/mlkem/sampling.h"

#include <algorithm>
#include <cassert>

#include "padlock/crypto/mlkem/modulus.h"
#include "padlock/crypto/mlkem/sponge.h"

namespace padlock::crypto::mlkem {
namespace {

/// SampleNTT (FIPS 203, Algorithm 7), fed with a block of SHAKE128's output at a time.
class SampleNtt {
 public:
  static constexpr std::size_t block_length = 168;  // 56 times three bytes
  bool complete() const { return count_ >= n; }

  void feed(std::span<const std::uint8_t, block_length> block) {
    if (complete()) return;
    std::size_t count = count_;  // grows without a branch: which number is refused is not predictable
    for (std::size_t i = 0; i < block_length; i += 3) {
      const unsigned bits = block[i] | (unsigned{block[i + 1]} << 8) | (unsigned{block[i + 2]} << 16);
      const unsigned d1 = bits & 0xfffU;
      const unsigned d2 = bits >> 12;
      accepted_[count] = static_cast<std::int16_t>(d1);
      count += d1 < q ? 1 : 0;
      accepted_[count] = static_cast<std::int16_t>(d2);
      count += d2 < q ? 1 : 0;
    }
    count_ = count;
  }

  void write(NttPolynomial& a_hat) const {
    assert(complete());
    Coefficients first;
    std::ranges::copy(std::span(accepted_).first<n>(), first.begin());
    transpose(first, a_hat.transposed);
  }

 private:
  std::array<std::int16_t, n + 2 * block_length / 3> accepted_;  // what comes after the first n of a block is not used
  std::size_t count_ = 0;
};

/// Entries first..first + 3 of the matrix, by rows; those beyond the last one are left out.
void sample_four(Bytes32 rho, std::size_t first, NttMatrix& a_hat) {
  std::array<std::array<std::uint8_t, 34>, 4> inputs;  // rho, j, i
  for (std::size_t lane = 0; lane < 4; ++lane) {
    copy_bytes(rho, inputs[lane]);
    inputs[lane][32] = static_cast<std::uint8_t>((first + lane) % k);
    inputs[lane][33] = static_cast<std::uint8_t>((first + lane) / k);
  }
  SpongeX4 xof(SHAKE128, {inputs[0], inputs[1], inputs[2], inputs[3]});
  const std::size_t lanes = std::min<std::size_t>(4, k * k - first);
  std::array<SampleNtt, 4> samples;
  std::array<std::uint8_t, SampleNtt::block_length> block;
  while (!std::ranges::all_of(std::span(samples).first(lanes), &SampleNtt::complete)) {
    xof.next_block();
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      xof.read(lane, block);
      samples[lane].feed(block);
    }
  }
  for (std::size_t lane = 0; lane < lanes; ++lane) samples[lane].write(a_hat[(first + lane) / k][(first + lane) % k]);
}

}  // namespace

void sample_matrix(Bytes32 rho, NttMatrix& a_hat) {
  for (std::size_t first = 0; first < k * k; first += 4) sample_four(rho, first, a_hat);
}

void sample_poly_cbd(std::span<const std::uint8_t, 128> bytes, Polynomial& f) {
  for (std::size_t i = 0; i < 128; ++i) {  // a byte holds x and y of two coefficients, two bits each
    const unsigned sums = (bytes[i] & 0x55U) + ((bytes[i] >> 1) & 0x55U);
    f.coefficients[2 * i] = static_cast<std::int16_t>(static_cast<int>(sums & 3U) - static_cast<int>((sums >> 2) & 3U));
    f.coefficients[2 * i + 1] =
        static_cast<std::int16_t>(static_cast<int>((sums >> 4) & 3U) - static_cast<int>((sums >> 6) & 3U));
  }
}

void sample_noise(Bytes32 s, std::uint8_t first, std::span<Polynomial* const> polynomials) {
  assert(polynomials.size() <= 4);
  Wiped<std::array<std::array<std::uint8_t, 33>, 4>> inputs;  // s, and the number of the polynomial
  for (std::size_t lane = 0; lane < 4; ++lane) {
    copy_bytes(s, inputs[lane]);
    inputs[lane][32] = static_cast<std::uint8_t>(first + lane);
  }
  SpongeX4 prf(SHAKE256, {inputs[0], inputs[1], inputs[2], inputs[3]});
  prf.next_block();
  Wiped<std::array<std::uint8_t, 128>> bytes;
  for (std::size_t lane = 0; lane < polynomials.size(); ++lane) {
    prf.read(lane, bytes);
    sample_poly_cbd(bytes, *polynomials[lane]);
  }
}

}  // namespace padlock::crypto::mlkem
