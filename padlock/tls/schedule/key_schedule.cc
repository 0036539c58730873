#include "padlock/tls/schedule/key_schedule.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace padlock::tls {

using crypto::HashAlgorithm;
using crypto::HashSecret;
using crypto::Hmac;

namespace {

/// struct { uint16 length; opaque label<7..255>; opaque context<0..255>; } HkdfLabel;   (RFC 8446, section 7.1)
/// Built on the stack: key derivation allocates nothing.
class HkdfLabel {
 public:
  HkdfLabel(std::size_t length, std::string_view label, Bytes context) {
    constexpr std::string_view prefix = "tls13 ";
    assert(length <= 0xffff && prefix.size() + label.size() <= 255 && context.size() <= 255);
    put(static_cast<std::uint8_t>(length >> 8));
    put(static_cast<std::uint8_t>(length));
    put(static_cast<std::uint8_t>(prefix.size() + label.size()));
    put(as_bytes(prefix));
    put(as_bytes(label));
    put(static_cast<std::uint8_t>(context.size()));
    put(context);
  }
  Bytes bytes() const { return std::span(bytes_).first(size_); }

 private:
  void put(std::uint8_t byte) { bytes_.at(size_++) = byte; }
  void put(Bytes bytes) {
    copy_bytes(bytes, std::span(bytes_).subspan(size_));
    size_ += bytes.size();
  }
  std::array<std::uint8_t, 2 + 1 + 255 + 1 + 255> bytes_;
  std::size_t size_ = 0;
};

HashSecret expand_label(const Hmac& secret, std::string_view label, Bytes context) {
  return HashSecret::made(crypto::length_of(secret.algorithm()),
                          [&](std::span<std::uint8_t> out) { hkdf_expand_label(secret, label, context, out); });
}

}  // namespace

void hkdf_expand_label(const Hmac& secret, std::string_view label, Bytes context, std::span<std::uint8_t> out) {
  crypto::hkdf_expand(secret, HkdfLabel(out.size(), label, context).bytes(), out);
}

HashSecret derive_secret(const Hmac& secret, std::string_view label, Bytes transcript_hash) {
  return expand_label(secret, label, transcript_hash);
}

HashSecret early_secret(HashAlgorithm hash, Bytes psk) {
  const std::array<std::uint8_t, crypto::max_hash_length> zeros{};
  return crypto::hkdf_extract(hash, {}, psk.empty() ? Bytes(zeros).first(crypto::length_of(hash)) : psk);
}

namespace {

/// Transcript-Hash(""): a constant of the hash.
const crypto::Digest& hash_of_nothing(HashAlgorithm hash) {
  static const crypto::Digest sha256 = crypto::hash_of(HashAlgorithm::sha256, {});
  static const crypto::Digest sha384 = crypto::hash_of(HashAlgorithm::sha384, {});
  return hash == HashAlgorithm::sha256 ? sha256 : sha384;
}

}  // namespace

crypto::Digest psk_binder(HashAlgorithm hash, const HashSecret& early_secret, std::string_view label,
                          Bytes transcript_hash) {
  const HashSecret binder_key = derive_secret(Hmac(hash, early_secret.reveal()), label, hash_of_nothing(hash));
  return finished_verify_data(hash, binder_key, transcript_hash);
}

TrafficSecret early_traffic_secret(HashAlgorithm hash, const HashSecret& early_secret, Bytes transcript_hash) {
  return derive_secret(Hmac(hash, early_secret.reveal()), "c e traffic", transcript_hash);
}

HashSecret next_extract(HashAlgorithm hash, const HashSecret& previous, Bytes input) {
  const std::array<std::uint8_t, crypto::max_hash_length> zeros{};
  const HashSecret salt = derive_secret(Hmac(hash, previous.reveal()), "derived", hash_of_nothing(hash));
  return crypto::hkdf_extract(hash, salt.reveal(), input.empty() ? Bytes(zeros).first(crypto::length_of(hash)) : input);
}

namespace {

/// Derive-Secret(Early Secret, "derived", "").
HashSecret early_salt(HashAlgorithm hash, const HashSecret& early_secret) {
  return derive_secret(Hmac(hash, early_secret.reveal()), "derived", hash_of_nothing(hash));
}

/// The same without a PSK: a constant of the hash, and no secret.
const HashSecret& early_salt_without_psk(HashAlgorithm hash) {
  static const HashSecret sha256 = early_salt(HashAlgorithm::sha256, early_secret(HashAlgorithm::sha256, {}));
  static const HashSecret sha384 = early_salt(HashAlgorithm::sha384, early_secret(HashAlgorithm::sha384, {}));
  return hash == HashAlgorithm::sha256 ? sha256 : sha384;
}

}  // namespace

HandshakeSecrets derive_handshake_secrets(HashAlgorithm hash, const HashSecret& early_secret,
                                          const crypto::SharedSecret& ecdhe, Bytes transcript_hash) {
  const HashSecret handshake_secret =
      early_secret.empty() ? crypto::hkdf_extract(hash, early_salt_without_psk(hash).reveal(), ecdhe.reveal())
                           : crypto::hkdf_extract(hash, early_salt(hash, early_secret).reveal(), ecdhe.reveal());
  const Hmac derive(hash, handshake_secret.reveal());
  return {.client_handshake_traffic_secret = derive_secret(derive, "c hs traffic", transcript_hash),
          .server_handshake_traffic_secret = derive_secret(derive, "s hs traffic", transcript_hash),
          .master_secret = next_extract(hash, handshake_secret, {})};
}

ApplicationSecrets derive_application_secrets(HashAlgorithm hash, const HashSecret& master_secret,
                                              Bytes transcript_hash) {
  const Hmac derive(hash, master_secret.reveal());
  return {.client_application_traffic_secret_0 = derive_secret(derive, "c ap traffic", transcript_hash),
          .server_application_traffic_secret_0 = derive_secret(derive, "s ap traffic", transcript_hash),
          .exporter_master_secret = derive_secret(derive, "exp master", transcript_hash)};
}

HashSecret resumption_master_secret(HashAlgorithm hash, const HashSecret& master_secret, Bytes transcript_hash) {
  return derive_secret(Hmac(hash, master_secret.reveal()), "res master", transcript_hash);
}

HashSecret resumption_psk(HashAlgorithm hash, const HashSecret& resumption_master_secret, Bytes ticket_nonce) {
  return expand_label(Hmac(hash, resumption_master_secret.reveal()), "resumption", ticket_nonce);
}

TrafficSecret next_traffic_secret(HashAlgorithm hash, const TrafficSecret& current) {
  return expand_label(Hmac(hash, current.reveal()), "traffic upd", {});
}

TrafficKeys derive_traffic_keys(CipherSuite suite, const TrafficSecret& secret) {
  const Hmac derive(hash_of(suite), secret.reveal());
  const auto expand = [&](std::string_view label) {
    return [&derive, label](std::span<std::uint8_t> out) { hkdf_expand_label(derive, label, {}, out); };
  };
  return {.key = Secret<32>::made(crypto::key_length_of(aead_of(suite)), expand("key")),
          .iv = Secret<crypto::aead_nonce_length>::made(crypto::aead_nonce_length, expand("iv"))};
}

crypto::Digest finished_verify_data(HashAlgorithm hash, const TrafficSecret& base_key, Bytes transcript_hash) {
  const HashSecret finished_key = expand_label(Hmac(hash, base_key.reveal()), "finished", {});
  return Hmac(hash, finished_key.reveal()).mac(transcript_hash);
}

void export_keying_material(HashAlgorithm hash, const HashSecret& exporter_master_secret, std::string_view label,
                            Bytes context, std::span<std::uint8_t> out) {
  const HashSecret secret = derive_secret(Hmac(hash, exporter_master_secret.reveal()), label, hash_of_nothing(hash));
  hkdf_expand_label(Hmac(hash, secret.reveal()), "exporter", crypto::hash_of(hash, context), out);
}

}  // namespace padlock::tls
