#include "padlock/crypto/mlkem/polynomial.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "padlock/crypto/mlkem/encoding.h"
#include "padlock/crypto/mlkem/modulus.h"
#include "padlock/crypto/mlkem/sampling.h"

namespace padlock::crypto::mlkem {
namespace {

int modulo_q(std::int64_t value) { return static_cast<int>(((value % q) + q) % q); }

template <class Range>
std::vector<int> residues(const Range& numbers) {
  std::vector<int> out;
  out.reserve(numbers.size());
  for (const auto number : numbers) out.push_back(modulo_q(number));
  return out;
}

Polynomial random_polynomial(std::mt19937& random, int low = 0, int high = q - 1) {
  Polynomial f;
  for (std::int16_t& coefficient : f.coefficients)
    coefficient = static_cast<std::int16_t>(std::uniform_int_distribution<int>(low, high)(random));
  return f;
}

TEST(Modulus, ReducesEverySixteenBitNumber) {
  for (int a = -32768; a <= 32767; ++a) {
    const auto number = static_cast<std::int16_t>(a);
    ASSERT_EQ(canonical(number), modulo_q(a));
    ASSERT_EQ(modulo_q(barrett_reduce(number)), modulo_q(a));
    ASSERT_TRUE(barrett_reduce(number) >= 0 && barrett_reduce(number) <= q) << a;
    constexpr Factor c = make_factor(1729);
    const std::int16_t product = multiply(number, c);
    ASSERT_EQ(modulo_q(product), modulo_q(std::int64_t{a} * 1729)) << a;
    ASSERT_TRUE(product > -q && product < q) << a;
  }
}

TEST(Compress, RoundsAsTheStandardSaysAndComesBackClose) {
  for (const unsigned d : {1U, 4U, 10U}) {
    for (std::int16_t x = 0; x < q; ++x) {
      // 2^d / q * x + 1/2, rounded down.
      ASSERT_EQ(compress(d, x), ((2U << d) * static_cast<unsigned>(x) + 3329U) / 6658U % (1U << d)) << d << " " << x;
      const int distance = modulo_q(decompress(d, compress(d, x)) - x);
      ASSERT_LE(std::min(distance, q - distance), (q + (1 << d)) / (2 << d)) << d << " " << x;
    }
    for (unsigned y = 0; y < (1U << d); ++y) ASSERT_EQ(compress(d, decompress(d, y)), y) << d;
  }
}

TEST(Encoding, ReadsBackWhatItWrites) {
  std::mt19937 random(3);
  for (int round = 0; round < 50; ++round) {
    const Polynomial f = random_polynomial(random, -8 * q, 8 * q);
    NttPolynomial f_hat;
    NttPolynomial again;
    transpose(f.coefficients, f_hat.transposed);
    std::array<std::uint8_t, encoded_length(12)> bytes;
    byte_encode_12(f_hat, bytes);
    byte_decode_12(bytes, again);
    EXPECT_EQ(residues(f_hat.transposed), residues(again.transposed));
    EXPECT_EQ(bytes[0], modulo_q(f.coefficients[0]) % 256);
    EXPECT_EQ(bytes[383], modulo_q(f.coefficients[255]) / 16);

    std::array<std::uint8_t, encoded_length(d_u)> u;
    std::array<std::uint8_t, encoded_length(d_u)> u_again;
    Polynomial rounded;
    encode_u(f, u);
    decode_u(u, rounded);
    encode_u(rounded, u_again);
    EXPECT_EQ(u, u_again);
    std::array<std::uint8_t, encoded_length(d_v)> v;
    std::array<std::uint8_t, encoded_length(d_v)> v_again;
    encode_v(f, v);
    decode_v(v, rounded);
    encode_v(rounded, v_again);
    EXPECT_EQ(v, v_again);
    std::array<std::uint8_t, 32> m;
    std::array<std::uint8_t, 32> m_again;
    encode_message(f, m);
    decode_message(m, rounded);
    encode_message(rounded, m_again);
    EXPECT_EQ(m, m_again);
  }
}

TEST(Transpose, IsItsOwnInverseAndSwapsRowsAndColumns) {
  Coefficients f;
  for (std::size_t i = 0; i < n; ++i) f[i] = static_cast<std::int16_t>(i);
  Coefficients transposed;
  Coefficients again;
  transpose(f, transposed);
  transpose(transposed, again);
  EXPECT_EQ(f, again);
  for (std::size_t row = 0; row < 16; ++row)
    for (std::size_t column = 0; column < 16; ++column) ASSERT_EQ(f[16 * row + column], transposed[16 * column + row]);
}

/// The definition of FIPS 203, section 4.3: f mod X^2 - zeta^(2 BitRev7(i) + 1), for each i.
TEST(Ntt, GivesTheResiduesOfTheDefinition) {
  std::mt19937 random(4);
  const Polynomial f = random_polynomial(random);
  NttPolynomial f_hat;
  Coefficients in_order;
  ntt(f, f_hat);
  transpose(f_hat.transposed, in_order);
  for (std::size_t i = 0; i < 128; ++i) {
    std::size_t reversed = 0;
    for (std::size_t bit = 0; bit < 7; ++bit) reversed |= ((i >> bit) & 1U) << (6 - bit);
    std::int64_t gamma = 1;
    for (std::size_t j = 0; j < 2 * reversed + 1; ++j) gamma = gamma * 17 % q;
    std::int64_t power = 1;
    std::int64_t even = 0;
    std::int64_t odd = 0;
    for (std::size_t j = 0; j < n; j += 2) {
      even += power * f.coefficients[j] % q;
      odd += power * f.coefficients[j + 1] % q;
      power = power * gamma % q;
    }
    ASSERT_EQ(modulo_q(in_order[2 * i]), modulo_q(even)) << i;
    ASSERT_EQ(modulo_q(in_order[2 * i + 1]), modulo_q(odd)) << i;
  }
}

/// a * b modulo X^256 + 1, by hand.
std::vector<std::int64_t> schoolbook(const Polynomial& a, const Polynomial& b) {
  std::vector<std::int64_t> product(n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      const std::int64_t term = std::int64_t{a.coefficients[i]} * b.coefficients[j];
      product[(i + j) % n] += i + j < n ? term : -term;
    }
  }
  return product;
}

TEST(Ntt, MultipliesLikeTheSchoolbook) {
  std::mt19937 random(5);
  for (int round = 0; round < 30; ++round) {
    PolynomialVector a;
    PolynomialVector b;
    std::vector<std::int64_t> expected(n);
    NttVector a_hat;
    NttVector b_hat;
    for (std::size_t i = 0; i < k; ++i) {
      a[i] = random_polynomial(random);
      b[i] = round % 2 == 0 ? random_polynomial(random, -2, 2) : random_polynomial(random, -q, q);
      if (round == 0) a[i].coefficients.fill(q - 1);
      if (round == 1) b[i].coefficients.fill(round % 4 == 1 ? q : -q);
      const auto product = schoolbook(a[i], b[i]);
      for (std::size_t j = 0; j < n; ++j) expected[j] += product[j];
      ntt(a[i], a_hat[i]);
      for (std::int16_t& coefficient : a_hat[i].transposed) coefficient = canonical(coefficient);
      ntt(b[i], b_hat[i]);
    }
    NttPolynomial product_hat;
    Polynomial product;
    dot_product(view_of(a_hat), b_hat, product_hat);
    inverse_ntt(product_hat, product);
    ASSERT_EQ(residues(product.coefficients), residues(expected)) << round;
    for (const std::int16_t coefficient : product.coefficients) ASSERT_TRUE(coefficient > -q && coefficient < q);
  }
}

TEST(SampleMatrix, HoldsSmallCoefficientsOfEverySize) {
  const std::array<std::uint8_t, 32> rho{1, 2, 3};
  NttMatrix a_hat;
  sample_matrix(rho, a_hat);
  std::int16_t largest = 0;
  for (const NttVector& row : a_hat) {
    for (const NttPolynomial& entry : row) {
      for (const std::int16_t coefficient : entry.transposed) {
        ASSERT_TRUE(coefficient >= 0 && coefficient < q);
        largest = std::max(largest, coefficient);
      }
    }
  }
  EXPECT_GT(largest, q - 50);
}

TEST(SamplePolyCbd, SubtractsTheSumsOfTwoBits) {
  std::array<std::uint8_t, 128> bytes{};
  bytes[0] = 0b1101'0011;  // x = 1 + 1, y = 0 + 0; x = 1 + 0, y = 1 + 1
  bytes[127] = 0b1100'1100;
  Polynomial f;
  sample_poly_cbd(bytes, f);
  EXPECT_EQ(f.coefficients[0], 2);
  EXPECT_EQ(f.coefficients[1], -1);
  EXPECT_EQ(f.coefficients[2], 0);
  EXPECT_EQ(f.coefficients[254], -2);
  EXPECT_EQ(f.coefficients[255], -2);
}

}  // namespace
}  // namespace padlock::crypto::mlkem
