#include "padlock/crypto/mlkem/k_pke.h"

#include <algorithm>

#include "padlock/base/memcheck.h"
#include "padlock/crypto/mlkem/modulus.h"
#include "padlock/crypto/mlkem/sampling.h"

namespace padlock::crypto::mlkem {
namespace {

void encode_vector(const NttVector& vector, std::span<std::uint8_t, vector_length> out) {
  for (std::size_t i = 0; i < k; ++i)
    byte_encode_12(vector[i], out.subspan(i * encoded_length(12)).first<encoded_length(12)>());
}

void decode_vector(std::span<const std::uint8_t, vector_length> bytes, NttVector& vector) {
  for (std::size_t i = 0; i < k; ++i)
    byte_decode_12(bytes.subspan(i * encoded_length(12)).first<encoded_length(12)>(), vector[i]);
}

}  // namespace

bool passes_modulus_check(std::span<const std::uint8_t, encryption_key_length> ek_pke) {
  NttVector t_hat;
  decode_vector(ek_pke.first<vector_length>(), t_hat);
  std::int16_t below_q = -1;  // its sign
  for (const NttPolynomial& polynomial : t_hat)
    for (const std::int16_t coefficient : polynomial.transposed)
      below_q = static_cast<std::int16_t>(below_q & subtract(coefficient, q));
  return below_q < 0;
}

void k_pke_keygen(Bytes32 d, std::span<std::uint8_t, encryption_key_length> ek_pke,
                  std::span<std::uint8_t, vector_length> dk_pke) {
  const auto rho = ek_pke.last<32>();
  Wiped<std::array<std::uint8_t, 32>> sigma;
  constexpr std::array<std::uint8_t, 1> k_as_byte{k};
  hash_g(d, k_as_byte, rho, sigma);
  mark_public(rho);  // a part of the encapsulation key

  NttMatrix a_hat;
  sample_matrix(rho, a_hat);
  Wiped<PolynomialVector> s;
  Wiped<PolynomialVector> e;
  sample_noise(sigma, 0, std::array{&s[0], &s[1], &s[2], &e[0]});
  sample_noise(sigma, 4, std::array{&e[1], &e[2]});
  Wiped<NttVector> s_hat;
  Wiped<NttVector> e_hat;
  ntt(s, s_hat);
  ntt(e, e_hat);
  Wiped<NttVector> t_hat;
  for (std::size_t i = 0; i < k; ++i) {
    dot_product(view_of(a_hat[i]), s_hat, t_hat[i]);
    add_to(t_hat[i].transposed, e_hat[i].transposed);
  }
  encode_vector(t_hat, ek_pke.first<vector_length>());
  encode_vector(s_hat, dk_pke);
}

void k_pke_encrypt(std::span<const std::uint8_t, encryption_key_length> ek_pke, Bytes32 m, Bytes32 r,
                   std::span<std::uint8_t, ciphertext_length> c) {
  NttVector t_hat;
  decode_vector(ek_pke.first<vector_length>(), t_hat);
  NttMatrix a_hat;
  sample_matrix(ek_pke.last<32>(), a_hat);
  Wiped<PolynomialVector> y;
  Wiped<PolynomialVector> e_1;
  Wiped<Polynomial> e_2;
  sample_noise(r, 0, std::array{&y[0], &y[1], &y[2], &e_1[0]});
  sample_noise(r, 4, std::array<Polynomial*, 3>{&e_1[1], &e_1[2], &e_2});
  Wiped<NttVector> y_hat;
  ntt(y, y_hat);

  Wiped<NttPolynomial> product;
  for (std::size_t i = 0; i < k; ++i) {
    Wiped<Polynomial> u;
    dot_product(column_of(a_hat, i), y_hat, product);  // the transposed matrix
    inverse_ntt(product, u);
    add_to(u.coefficients, e_1[i].coefficients);
    encode_u(u, c.subspan(i * encoded_length(d_u)).first<encoded_length(d_u)>());
  }
  Wiped<Polynomial> mu;
  Wiped<Polynomial> v;
  decode_message(m, mu);
  dot_product(view_of(t_hat), y_hat, product);
  inverse_ntt(product, v);
  add_to(v.coefficients, e_2.coefficients);
  add_to(v.coefficients, mu.coefficients);
  encode_v(v, c.last<encoded_length(d_v)>());
}

void k_pke_decrypt(std::span<const std::uint8_t, vector_length> dk_pke,
                   std::span<const std::uint8_t, ciphertext_length> c, Out32 m) {
  PolynomialVector u;
  for (std::size_t i = 0; i < k; ++i) decode_u(c.subspan(i * encoded_length(d_u)).first<encoded_length(d_u)>(), u[i]);
  Polynomial v;
  decode_v(c.last<encoded_length(d_v)>(), v);
  NttVector u_hat;
  ntt(u, u_hat);
  Wiped<NttVector> s_hat;
  decode_vector(dk_pke, s_hat);
  Wiped<NttPolynomial> product;
  Wiped<Polynomial> w;
  dot_product(view_of(s_hat), u_hat, product);
  inverse_ntt(product, w);
  for (std::size_t i = 0; i < n; ++i) w.coefficients[i] = subtract(v.coefficients[i], w.coefficients[i]);
  encode_message(w, m);
}

}  // namespace padlock::crypto::mlkem
