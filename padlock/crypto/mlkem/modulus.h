#pragma once

#include <cstdint>

/// Arithmetic modulo q without branches and without division, on 16-bit numbers only, so that compilers turn loops of
/// it into vector instructions (8 coefficients at once with SSE2, 16 with AVX2).
namespace padlock::crypto::mlkem {

/// FIPS 203, section 2.4: n = 256, q = 3329.
inline constexpr std::int16_t q = 3329;

/// The upper and the lower half of a product.
[[gnu::always_inline]] constexpr std::int16_t high(std::int16_t a, std::int16_t b) {
  return static_cast<std::int16_t>((std::int32_t{a} * std::int32_t{b}) >> 16);
}
[[gnu::always_inline]] constexpr std::int16_t low(std::int16_t a, std::int16_t b) {
  return static_cast<std::int16_t>(std::int32_t{a} * std::int32_t{b});
}
[[gnu::always_inline]] constexpr std::int16_t add(std::int16_t a, std::int16_t b) {
  return static_cast<std::int16_t>(a + b);
}
[[gnu::always_inline]] constexpr std::int16_t subtract(std::int16_t a, std::int16_t b) {
  return static_cast<std::int16_t>(a - b);
}

/// q^-1 mod 2^16, as a signed number.
inline constexpr std::int16_t q_inverse = -3327;
static_assert(low(q, q_inverse) == 1);

/// A constant factor c of Montgomery's multiplication: c * 2^16 mod q, so that the 2^-16 of the reduction cancels, and
/// the same times q^-1 mod 2^16.
struct Factor {
  std::int16_t montgomery;
  std::int16_t times_q_inverse;
};

/// The number of -q/2..q/2 that is congruent to `value`; for constants only.
consteval std::int16_t centered(std::int64_t value) {
  const std::int64_t remainder = ((value % q) + q) % q;
  return static_cast<std::int16_t>(remainder > q / 2 ? remainder - q : remainder);
}
consteval Factor make_factor(std::int64_t c) {
  const std::int16_t montgomery = centered((((c % q) + q) % q) * 65536);
  return {montgomery, low(montgomery, q_inverse)};
}

/// a * b * 2^-16 mod q, in -q+1..q-1, for |a * b| < q * 2^15 (P. Montgomery, 1985): a * b - m * q is divisible by 2^16
/// if m = a * b * q^-1 mod 2^16, so the lower halves cancel and the upper ones are the answer.
/// `b_times_q_inverse`: low(b, q_inverse), which constants have ready.
[[gnu::always_inline]] constexpr std::int16_t montgomery_multiply(std::int16_t a, std::int16_t b,
                                                                  std::int16_t b_times_q_inverse) {
  return subtract(high(a, b), high(low(a, b_times_q_inverse), q));
}

/// c * a mod q, in -q+1..q-1, for any a.
[[gnu::always_inline]] constexpr std::int16_t multiply(std::int16_t a, Factor c) {
  return montgomery_multiply(a, c.montgomery, c.times_q_inverse);
}

/// The representative of any a in 0..q (P. Barrett, 1986): 20159 is 2^26 / q, rounded, so the upper half of its product
/// with a, shifted by 10, is a / q rounded down or one less.
[[gnu::always_inline]] constexpr std::int16_t barrett_reduce(std::int16_t a) {
  const auto quotient = static_cast<std::int16_t>(high(a, 20159) >> 10);
  return subtract(a, low(quotient, q));
}

/// The representative in 0..q-1 of any a: what is encoded and compressed.
[[gnu::always_inline]] constexpr std::int16_t canonical(std::int16_t a) {
  const std::int16_t reduced = subtract(barrett_reduce(a), q);  // -q..0
  return add(reduced, static_cast<std::int16_t>((reduced >> 15) & q));
}

}  // namespace padlock::crypto::mlkem
