#include "padlock/crypto/mlkem/polynomial.h"

#include "padlock/crypto/mlkem/modulus.h"

namespace padlock::crypto::mlkem {
namespace {

// ---- constants, computed by the compiler from zeta = 17 (FIPS 203, section 4.3)

consteval std::int64_t zeta_to_the(unsigned power) {
  std::int64_t result = 1;
  for (unsigned i = 0; i < power; ++i) result = result * 17 % q;
  return result;
}

/// BitRev_7.
consteval unsigned bit_reversed(unsigned i) {
  unsigned reversed = 0;
  for (unsigned bit = 0; bit < 7; ++bit) reversed |= ((i >> bit) & 1U) << (6 - bit);
  return reversed;
}

/// The layer of the NTT with 2^l blocks uses zeta^BitRev7(2^l + block); the inverse takes the same numbers of a layer
/// from its end (Algorithms 9 and 10 count i up and down).
enum class Direction : std::uint8_t { forward, inverse };
consteval Factor zeta_of(Direction direction, unsigned blocks, unsigned block) {
  const unsigned i = direction == Direction::forward ? blocks + block : 2 * blocks - 1 - block;
  return make_factor(zeta_to_the(bit_reversed(i)));
}

/// Of the layers with 1, 2, 4 and 8 blocks: by blocks + block.
consteval std::array<Factor, 16> make_block_zetas(Direction direction) {
  std::array<Factor, 16> zetas{};
  for (unsigned blocks = 1; blocks < 16; blocks *= 2)
    for (unsigned block = 0; block < blocks; ++block) zetas.at(blocks + block) = zeta_of(direction, blocks, block);
  return zetas;
}

/// 16 factors for 16 neighbours.
struct FactorRow {
  std::array<std::int16_t, 16> montgomery;
  std::array<std::int16_t, 16> times_q_inverse;
};
consteval void set(FactorRow& row, unsigned column, Factor factor) {
  row.montgomery.at(column) = factor.montgomery;
  row.times_q_inverse.at(column) = factor.times_q_inverse;
}

/// Of the layers with 16, 32 and 64 blocks in transposed order: 1, 2 and 4 rows, at 1, 2 and 4.
consteval std::array<FactorRow, 8> make_row_zetas(Direction direction) {
  std::array<FactorRow, 8> rows{};
  for (unsigned parts = 1; parts <= 4; parts *= 2)
    for (unsigned part = 0; part < parts; ++part)
      for (unsigned column = 0; column < 16; ++column)
        set(rows.at(parts + part), column, zeta_of(direction, 16 * parts, column * parts + part));
  return rows;
}

/// zeta^(2 BitRev7(i) + 1) for the pairs of Algorithm 11, in transposed order.
consteval std::array<FactorRow, 8> make_gammas() {
  std::array<FactorRow, 8> rows{};
  for (unsigned row = 0; row < 8; ++row)
    for (unsigned column = 0; column < 16; ++column)
      set(rows.at(row), column, make_factor(zeta_to_the(2 * bit_reversed(8 * column + row) + 1)));
  return rows;
}

constexpr auto block_zetas = make_block_zetas(Direction::forward);
constexpr auto row_zetas = make_row_zetas(Direction::forward);
constexpr auto inverse_block_zetas = make_block_zetas(Direction::inverse);
constexpr auto inverse_row_zetas = make_row_zetas(Direction::inverse);
constexpr auto gammas = make_gammas();

// ---- one layer each; `length` is len of the algorithms

template <std::size_t length>
void block_layer(Coefficients& f) {
  for (std::size_t block = 0; block < n / (2 * length); ++block) {
    const Factor zeta = block_zetas[n / (2 * length) + block];
    const std::size_t start = block * 2 * length;
    for (std::size_t j = start; j < start + length; ++j) {
      const std::int16_t t = multiply(f[j + length], zeta);
      f[j + length] = subtract(f[j], t);
      f[j] = add(f[j], t);
    }
  }
}

template <std::size_t length>
void inverse_block_layer(Coefficients& f) {
  for (std::size_t block = 0; block < n / (2 * length); ++block) {
    const Factor zeta = inverse_block_zetas[n / (2 * length) + block];
    const std::size_t start = block * 2 * length;
    for (std::size_t j = start; j < start + length; ++j) {
      const std::int16_t t = f[j];
      f[j] = add(t, f[j + length]);
      f[j + length] = multiply(subtract(f[j + length], t), zeta);
    }
  }
}

template <std::size_t length>
void row_layer(Coefficients& f) {
  for (std::size_t part = 0; part < 8 / length; ++part) {
    const FactorRow& zetas = row_zetas[8 / length + part];
    for (std::size_t row = part * 2 * length; row < part * 2 * length + length; ++row) {
      for (std::size_t j = 0; j < 16; ++j) {
        std::int16_t& first = f[16 * row + j];
        std::int16_t& second = f[16 * (row + length) + j];
        const std::int16_t t = montgomery_multiply(second, zetas.montgomery[j], zetas.times_q_inverse[j]);
        second = subtract(first, t);
        first = add(first, t);
      }
    }
  }
}

template <std::size_t length>
void inverse_row_layer(Coefficients& f) {
  for (std::size_t part = 0; part < 8 / length; ++part) {
    const FactorRow& zetas = inverse_row_zetas[8 / length + part];
    for (std::size_t row = part * 2 * length; row < part * 2 * length + length; ++row) {
      for (std::size_t j = 0; j < 16; ++j) {
        std::int16_t& first = f[16 * row + j];
        std::int16_t& second = f[16 * (row + length) + j];
        const std::int16_t difference = subtract(second, first);
        first = add(first, second);
        second = montgomery_multiply(difference, zetas.montgomery[j], zetas.times_q_inverse[j]);
      }
    }
  }
}

void reduce(Coefficients& f) {
  for (std::int16_t& coefficient : f) coefficient = barrett_reduce(coefficient);
}

/// The two halves of `in` like the teeth of two combs: rotates the eight bits of each coefficient's index by one.
void interleave(const Coefficients& in, Coefficients& out) {
  for (std::size_t i = 0; i < n / 2; ++i) {
    out[2 * i] = in[i];
    out[2 * i + 1] = in[i + n / 2];
  }
}

}  // namespace

void transpose(const Coefficients& in, Coefficients& out) {
  Wiped<Polynomial> half_way;
  interleave(in, half_way.coefficients);
  interleave(half_way.coefficients, out);
  interleave(out, half_way.coefficients);
  interleave(half_way.coefficients, out);
}

void ntt(const Polynomial& f, NttPolynomial& f_hat) {
  Wiped<Polynomial> work;
  work.coefficients = f.coefficients;
  block_layer<128>(work.coefficients);
  block_layer<64>(work.coefficients);
  block_layer<32>(work.coefficients);
  block_layer<16>(work.coefficients);
  transpose(work.coefficients, f_hat.transposed);
  row_layer<8>(f_hat.transposed);
  row_layer<4>(f_hat.transposed);
  row_layer<2>(f_hat.transposed);
}

void ntt(const PolynomialVector& f, NttVector& f_hat) {
  for (std::size_t i = 0; i < k; ++i) ntt(f[i], f_hat[i]);
}

void inverse_ntt(const NttPolynomial& f_hat, Polynomial& f) {
  Wiped<NttPolynomial> work;
  work.transposed = f_hat.transposed;  // -q..q; a sum doubles that in each layer, a product is back at -q..q
  inverse_row_layer<2>(work.transposed);
  inverse_row_layer<4>(work.transposed);
  inverse_row_layer<8>(work.transposed);  // -8q..8q
  reduce(work.transposed);
  transpose(work.transposed, f.coefficients);
  inverse_block_layer<16>(f.coefficients);
  inverse_block_layer<32>(f.coefficients);
  inverse_block_layer<64>(f.coefficients);
  reduce(f.coefficients);
  inverse_block_layer<128>(f.coefficients);
  constexpr Factor one_by_128 = make_factor(3303);
  for (std::int16_t& coefficient : f.coefficients) coefficient = multiply(coefficient, one_by_128);
}

NttVectorView view_of(const NttVector& vector) { return {&vector[0], &vector[1], &vector[2]}; }
NttVectorView column_of(const NttMatrix& matrix, std::size_t j) {
  return {&matrix[0].at(j), &matrix[1].at(j), &matrix[2].at(j)};
}

namespace {

/// c += a * b * 2^-16 for each pair of coefficients (c0, c1), modulo X^2 - gamma (Algorithm 12): at most 2q each.
/// The sum is another place than the factors: the compiler need not look.
void multiply_and_add(const Coefficients& __restrict a, const Coefficients& __restrict b, Coefficients& __restrict c) {
  for (std::size_t row = 0; row < 8; ++row) {
    const FactorRow& gamma = gammas[row];
    for (std::size_t j = 0; j < 16; ++j) {
      const std::size_t even = 32 * row + j;
      const std::size_t odd = even + 16;
      const std::int16_t a0 = low(a[even], q_inverse);
      const std::int16_t a1 = low(a[odd], q_inverse);
      const std::int16_t b1_a1 = montgomery_multiply(b[odd], a[odd], a1);
      c[even] = add(c[even], add(montgomery_multiply(b[even], a[even], a0),
                                 montgomery_multiply(b1_a1, gamma.montgomery[j], gamma.times_q_inverse[j])));
      c[odd] = add(c[odd], add(montgomery_multiply(b[odd], a[even], a0), montgomery_multiply(b[even], a[odd], a1)));
    }
  }
}

}  // namespace

void dot_product(const NttVectorView& a, const NttVector& b, NttPolynomial& out) {
  Coefficients& sum = out.transposed;
  sum = {};
  for (std::size_t i = 0; i < k; ++i) multiply_and_add(a[i]->transposed, b[i].transposed, sum);  // -6q..6q
  constexpr Factor two_to_16 = make_factor(65536);
  for (std::int16_t& coefficient : sum) coefficient = multiply(coefficient, two_to_16);
}

void add_to(Coefficients& sum, const Coefficients& addend) {
  for (std::size_t i = 0; i < n; ++i) sum[i] = add(sum[i], addend[i]);
}

}  // namespace padlock::crypto::mlkem
