#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "padlock/base/secret.h"

namespace padlock::crypto::mlkem {

inline constexpr std::size_t n = 256;  ///< coefficients of a polynomial (FIPS 203, section 2.4)
inline constexpr std::size_t k = 3;    ///< of ML-KEM-768: polynomials of a vector (FIPS 203, section 8)

using Coefficients = std::array<std::int16_t, n>;

/// An element of R_q (FIPS 203, section 2.4.1). Each function says in which range its coefficients are.
struct Polynomial {
  alignas(64) Coefficients coefficients;
};

/// An element of T_q, the NTT representation (FIPS 203, section 2.4.3). Coefficient 16 b + p of the standard stands at
/// 16 p + b: transposed as a matrix of 16 x 16, so that in all layers of the NTT and in the product 16 neighbours are
/// treated alike.
struct NttPolynomial {
  alignas(64) Coefficients transposed;
};

using PolynomialVector = std::array<Polynomial, k>;
using NttVector = std::array<NttPolynomial, k>;
using NttMatrix = std::array<NttVector, k>;

/// The 16 x 16 matrix transposed: from the standard's order to ours, and back.
void transpose(const Coefficients& in, Coefficients& out);

/// NTT(f) (FIPS 203, Algorithm 9). In: -q..q; out: -8q..8q.
void ntt(const Polynomial& f, NttPolynomial& f_hat);
void ntt(const PolynomialVector& f, NttVector& f_hat);

/// NTT^-1(f_hat) (FIPS 203, Algorithm 10). In and out: -q..q.
void inverse_ntt(const NttPolynomial& f_hat, Polynomial& f);

/// Three polynomials that need not be neighbours: a row or a column of the matrix.
using NttVectorView = std::array<const NttPolynomial*, k>;
NttVectorView view_of(const NttVector& vector);
NttVectorView column_of(const NttMatrix& matrix, std::size_t j);

/// The sum of the products in T_q (FIPS 203, Algorithms 11 and 12, and section 2.4.5). `a`: -q..q, `b`: -8q..8q;
/// out, which is none of them: -q..q.
void dot_product(const NttVectorView& a, const NttVector& b, NttPolynomial& out);

/// Sums without reduction.
void add_to(Coefficients& sum, const Coefficients& addend);

}  // namespace padlock::crypto::mlkem
