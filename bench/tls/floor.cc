#include "bench/tls/floor.h"

#include <algorithm>
#include <array>

#include "bench/harness.h"
#include "bench/tls/pki.h"
#include "padlock/crypto/hkdf.h"
#include "padlock/crypto/provider.h"

namespace padlock::bench {
namespace {

using crypto::HashAlgorithm;

constexpr std::size_t signed_content = 64 + 33 + 1 + 32;  // RFC 8446, section 4.4.3

/// The parts of both roles' floors.
class Primitives {
 public:
  explicit Primitives(const Negotiation& negotiation)
      : group_(negotiation.group),
        algorithm_(negotiation.chacha ? crypto::AeadAlgorithm::chacha20_poly1305 : crypto::AeadAlgorithm::aes_128_gcm),
        message_(signed_content, 0x20),
        transcript_(transcript_size()),
        wire_(transcript_.size() + 64),
        flight_record_(sealed(transcript_)),
        finished_record_(sealed(std::span(transcript_).first(finished_size))) {
    signature_ = *pki().credential->key->sign(scheme, message_);
    for (const auto& der : pki().credential->chain) certificates_.push_back(*x509::parse_certificate(der));
    const auto root = *x509::parse_certificate(pki().root);
    root_key_ = *provider_->make_public_key(root->public_key);
    client_key_ = *provider_->make_key_share(group_);
    server_key_ = *provider_->make_key_share_for(group_, client_key_->public_share());
  }

  void random() {
    std::array<std::uint8_t, 32> bytes{};
    require(provider_->random(bytes).has_value(), "randomness");
  }
  void servers_agreement() {
    const auto own = provider_->make_key_share_for(group_, client_key_->public_share());
    require(own && provider_->agree(**own, client_key_->public_share()), "agreement");
  }
  void clients_agreement() {
    require(
        provider_->make_key_share(group_).has_value() && provider_->agree(*client_key_, server_key_->public_share()),
        "agreement");
  }
  void sign() { require(pki().credential->key->sign(scheme, message_).has_value(), "signing"); }
  /// CertificateVerify, with a key out of a certificate that came just now.
  void verify_handshake() {
    const auto key = provider_->make_public_key(certificates_.front()->public_key);
    require(key && (**key).verify(scheme, message_, signature_), "verification");
  }
  /// Leaf and intermediate, the intermediate's key as new as the leaf's.
  void verify_chain() {
    const auto key = provider_->make_public_key(certificates_.at(1)->public_key);
    require(key && (**key).verify(scheme, certificates_.at(0)->tbs(), certificates_.at(0)->signature) &&
                root_key_->verify(scheme, certificates_.at(1)->tbs(), certificates_.at(1)->signature),
            "verification of the chain");
  }

  /// All messages once, with the digest taken at ServerHello, Certificate, CertificateVerify and both Finished.
  void hash_transcript() {
    crypto::Hash transcript(HashAlgorithm::sha256);
    for (std::size_t part = 0; part < 5; ++part) {
      transcript.update(std::span(transcript_).subspan(part * transcript_.size() / 5, transcript_.size() / 5));
      keep(transcript.digest());
    }
  }
  /// RFC 8446, section 7.1: two Extracts and a Derive-Secret on the way to each, seven secrets, keys and IVs of four
  /// directions, and two Finished.
  void key_schedule() {
    const std::array<std::uint8_t, 32> input{};
    const std::array<std::uint8_t, 54> label{};  // HkdfLabel with a transcript hash
    const std::array<std::uint8_t, 22> short_label{};
    const auto keyed = [&] { return crypto::Hmac(HashAlgorithm::sha256, input); };
    const auto expand = [&](const crypto::Hmac& key, Bytes info) {
      std::array<std::uint8_t, 32> out{};
      crypto::hkdf_expand(key, info, out);
      keep_bytes(out);
    };
    for (int extract = 0; extract < 2; ++extract) {
      expand(keyed(), label);
      keep_bytes(crypto::hkdf_extract(HashAlgorithm::sha256, input, input).reveal());
    }
    for (const int secrets : {2, 3}) {  // handshake and application traffic, exporter
      const crypto::Hmac key = keyed();
      for (int secret = 0; secret < secrets; ++secret) expand(key, label);
    }
    for (int direction = 0; direction < 4; ++direction) {
      const crypto::Hmac key = keyed();
      expand(key, short_label);                     // key
      expand(key, short_label);                     // iv
      if (direction < 2) expand(key, short_label);  // finished
    }
    for (int finished = 0; finished < 2; ++finished) keep(keyed().mac(input));
  }

  /// Four keys; the server's flight one way, the client's Finished the other.
  void servers_records() {
    const auto write = make_aead();
    keep_sealed(*write, transcript_);
    const auto read = make_aead();
    keep_opened(*read, finished_record_);
    (void)make_aead();
    (void)make_aead();
  }
  void clients_records() {
    const auto write = make_aead();
    keep_sealed(*write, std::span(transcript_).first(finished_size));
    const auto read = make_aead();
    keep_opened(*read, flight_record_);
    (void)make_aead();
    (void)make_aead();
  }

 private:
  static constexpr auto scheme = crypto::SignatureScheme::ecdsa_secp256r1_sha256;
  static constexpr std::size_t finished_size = 4 + 32 + 1;
  static constexpr std::array<std::uint8_t, crypto::aead_nonce_length> nonce{};
  static constexpr std::array<std::uint8_t, 5> header{23, 3, 3, 0, 53};

  /// Certificates, their frame, signature and hellos.
  static std::size_t transcript_size() {
    std::size_t size = 700;
    for (const auto& certificate : pki().credential->chain) size += certificate.size();
    return size;
  }
  std::unique_ptr<crypto::Aead> make_aead() {
    const std::array<std::uint8_t, 32> key{};
    return provider_->make_aead(algorithm_, std::span(key).first(crypto::key_length_of(algorithm_)));
  }
  std::vector<std::uint8_t> sealed(Bytes content) {
    std::vector<std::uint8_t> record(content.size() + crypto::aead_tag_length);
    make_aead()->seal(nonce, header, std::span(&content, 1), record);
    return record;
  }
  void keep_sealed(crypto::Aead& aead, Bytes content) {
    aead.seal(nonce, header, std::span(&content, 1), std::span(wire_).first(content.size() + crypto::aead_tag_length));
  }
  void keep_opened(crypto::Aead& aead, Bytes record) {
    std::ranges::copy(record, wire_.begin());
    require(aead.open(nonce, header, std::span(wire_).first(record.size())), "opening");
  }
  void keep(const crypto::Digest& digest) { keep_bytes(digest.bytes()); }
  void keep_bytes(Bytes bytes) { kept_ = static_cast<std::uint8_t>(kept_ ^ bytes.front()); }

  std::unique_ptr<crypto::Provider> provider_ = crypto::make_provider();
  crypto::NamedGroup group_;
  crypto::AeadAlgorithm algorithm_;
  std::vector<std::uint8_t> message_;
  std::vector<std::uint8_t> signature_;
  std::vector<std::uint8_t> transcript_;
  std::vector<std::uint8_t> wire_;
  std::vector<std::uint8_t> flight_record_;
  std::vector<std::uint8_t> finished_record_;
  std::vector<std::shared_ptr<const x509::Certificate>> certificates_;
  std::shared_ptr<const crypto::PublicKey> root_key_;
  std::shared_ptr<const crypto::EphemeralKey> client_key_;
  std::shared_ptr<const crypto::EphemeralKey> server_key_;
  volatile std::uint8_t kept_ = 0;
};

}  // namespace

std::function<void()> server_handshake_floor(const Negotiation& negotiation) {
  return [primitives = std::make_shared<Primitives>(negotiation)] {
    primitives->random();
    primitives->servers_agreement();
    primitives->sign();
    primitives->hash_transcript();
    primitives->key_schedule();
    primitives->servers_records();
  };
}

std::function<void()> client_handshake_floor(const Negotiation& negotiation) {
  return [primitives = std::make_shared<Primitives>(negotiation), verify = negotiation.verify] {
    primitives->random();
    primitives->random();
    primitives->clients_agreement();
    primitives->verify_handshake();
    if (verify) primitives->verify_chain();
    primitives->hash_transcript();
    primitives->key_schedule();
    primitives->clients_records();
  };
}

}  // namespace padlock::bench
