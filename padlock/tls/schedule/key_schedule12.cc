#include "padlock/tls/schedule/key_schedule12.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <vector>

namespace padlock::tls::tls12 {

using crypto::Hmac;

/// P_hash(secret, label + seed) = HMAC(A(1) + label + seed) + HMAC(A(2) + label + seed) + ..., A(i) = HMAC(A(i-1)),
/// A(0) = label + seed.
void prf(const Hmac& secret, std::string_view label, std::span<const Bytes> seed, std::span<std::uint8_t> out) {
  constexpr std::size_t most_pieces = 6;
  assert(seed.size() + 2 <= most_pieces);
  std::array<Bytes, most_pieces> pieces;
  pieces[1] = as_bytes(label);
  std::ranges::copy(seed, std::span(pieces).subspan(2).begin());
  const auto label_and_seed = std::span(pieces).subspan(1, 1 + seed.size());
  crypto::Digest a = secret.mac(label_and_seed);
  while (!out.empty()) {
    pieces[0] = a.bytes();
    const crypto::Digest block = secret.mac(std::span(pieces).first(2 + seed.size()));
    out = copy_bytes(block.bytes().first(std::min(out.size(), block.bytes().size())), out);
    if (!out.empty()) a = secret.mac(a.bytes());
  }
}

MasterSecret extended_master_secret(crypto::HashAlgorithm hash, Bytes pre_master_secret, Bytes session_hash) {
  const Hmac key(hash, pre_master_secret);
  return MasterSecret::made(
      48, [&](std::span<std::uint8_t> out) { prf(key, "extended master secret", std::span(&session_hash, 1), out); });
}

MasterSecret master_secret(crypto::HashAlgorithm hash, Bytes pre_master_secret, const Random& client_random,
                           const Random& server_random) {
  const Hmac key(hash, pre_master_secret);
  const std::array seed = {Bytes(client_random), Bytes(server_random)};
  return MasterSecret::made(48, [&](std::span<std::uint8_t> out) { prf(key, "master secret", seed, out); });
}

namespace {

/// The parts of one end's keys.
struct KeyLengths {
  std::size_t mac_key;
  std::size_t key;
  std::size_t iv;
};
KeyLengths key_lengths_of(CipherSuite suite) {
  // The IV of a CBC record stands in the record (RFC 5246, section 6.2.3.2).
  if (const auto cbc = cbc_of(suite)) return {crypto::length_of(cbc->mac), cbc->key_length, 0};
  const crypto::AeadAlgorithm aead = aead_of(suite);
  const bool chacha = aead == crypto::AeadAlgorithm::chacha20_poly1305;
  return {0, crypto::key_length_of(aead), chacha ? crypto::aead_nonce_length : 4};
}

}  // namespace

KeyBlock expand_keys(CipherSuite suite, const MasterSecret& master_secret, const Random& client_random,
                     const Random& server_random) {
  const KeyLengths lengths = key_lengths_of(suite);
  Wiped<std::array<std::uint8_t, std::size_t{2} * (48 + 32 + crypto::aead_nonce_length)>> room;
  auto rest = std::span(room).first(2 * (lengths.mac_key + lengths.key + lengths.iv));
  const std::array seed = {Bytes(server_random), Bytes(client_random)};
  prf(Hmac(hash_of(suite), master_secret.reveal()), "key expansion", seed, rest);
  const auto take = [&](std::size_t length) {
    const Bytes part = rest.first(length);
    rest = rest.subspan(length);
    return part;
  };
  KeyBlock keys;
  keys.client.mac_key = Secret<48>(take(lengths.mac_key));
  keys.server.mac_key = Secret<48>(take(lengths.mac_key));
  keys.client.key = Secret<32>(take(lengths.key));
  keys.server.key = Secret<32>(take(lengths.key));
  keys.client.iv = Secret<crypto::aead_nonce_length>(take(lengths.iv));
  keys.server.iv = Secret<crypto::aead_nonce_length>(take(lengths.iv));
  return keys;
}

crypto::Digest finished_verify_data(crypto::HashAlgorithm hash, const MasterSecret& master_secret,
                                    std::string_view label, Bytes transcript_hash) {
  std::array<std::uint8_t, verify_data_length> verify_data{};
  prf(Hmac(hash, master_secret.reveal()), label, std::span(&transcript_hash, 1), verify_data);
  return crypto::Digest(verify_data);
}

void export_keying_material(crypto::HashAlgorithm hash, const MasterSecret& master_secret, const Random& client_random,
                            const Random& server_random, std::string_view label, std::optional<Bytes> context,
                            std::span<std::uint8_t> out) {
  const std::size_t size = context ? context->size() : 0;
  const std::array length = {static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)};
  const std::array seed = {Bytes(client_random), Bytes(server_random), Bytes(length), context.value_or(Bytes())};
  prf(Hmac(hash, master_secret.reveal()), label, std::span(seed).first(context ? 4 : 2), out);
}

}  // namespace padlock::tls::tls12
