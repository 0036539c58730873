#pragma once

#include <span>

#include "padlock/crypto/mlkem/polynomial.h"
#include "padlock/crypto/mlkem/symmetric.h"

namespace padlock::crypto::mlkem {

/// The matrix A from its seed: a_hat[i][j] is SampleNTT(rho || j || i) (FIPS 203, Algorithms 7 and 13). Coefficients
/// 0..q-1. The time depends on rho, which everybody knows.
void sample_matrix(Bytes32 rho, NttMatrix& a_hat);

/// SamplePolyCBD of eta 2 (FIPS 203, Algorithm 8): coefficients -2..2 from 128 bytes.
void sample_poly_cbd(std::span<const std::uint8_t, 128> bytes, Polynomial& f);

/// SamplePolyCBD(PRF(s, first)), SamplePolyCBD(PRF(s, first + 1)), ... (FIPS 203, section 4.1): up to four.
void sample_noise(Bytes32 s, std::uint8_t first, std::span<Polynomial* const> polynomials);

}  // namespace padlock::crypto::mlkem
