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

/// RFC 8446, section 4.4.3; RFC 8422, section 5.4 with X25519.
constexpr std::size_t signed_content(bool tls12) { return tls12 ? 32 + 32 + 4 + 32 : 64 + 33 + 1 + 32; }
constexpr std::size_t ticket_content = 140;  // of a session, and its name and protocol
constexpr std::size_t ticket_header = 32;    // whose it is, and its nonce

/// The parts of both roles' floors.
class Primitives {
 public:
  explicit Primitives(const Negotiation& negotiation)
      : negotiation_(negotiation),
        files_(pki(negotiation.keys)),
        algorithm_(negotiation.chacha ? crypto::AeadAlgorithm::chacha20_poly1305 : crypto::AeadAlgorithm::aes_128_gcm),
        scheme_(files_.credential->key->schemes().front()),
        message_(signed_content(negotiation.tls12), 0x20),
        transcript_(transcript_size()),
        wire_(transcript_.size() + 64),
        flight_record_(sealed(flight())),
        finished_record_(sealed(finished())),
        ticket_(ticket_content) {
    signature_ = *files_.credential->key->sign(scheme_, message_);
    for (const auto& der : files_.credential->chain) certificates_.push_back(*x509::parse_certificate(der));
    const auto root = *x509::parse_certificate(files_.root);
    root_key_ = *provider_->make_public_key(root->public_key);
    client_key_ = *provider_->make_key_share(negotiation_.group);
    server_key_ = *provider_->make_key_share_for(negotiation_.group, client_key_->public_share());
    seal_ticket();
    sealed_ticket_ = kept_ticket_;
  }

  void random() {
    std::array<std::uint8_t, 32> bytes{};
    require(provider_->random(bytes).has_value(), "randomness");
  }
  void servers_agreement() {
    const auto own = provider_->make_key_share_for(negotiation_.group, client_key_->public_share());
    require(own && provider_->agree(**own, client_key_->public_share()), "agreement");
  }
  void clients_agreement() {
    require(provider_->make_key_share(negotiation_.group).has_value() &&
                provider_->agree(*client_key_, server_key_->public_share()),
            "agreement");
  }
  void sign() { require(files_.credential->key->sign(scheme_, message_).has_value(), "signing"); }
  /// CertificateVerify, with a key out of a certificate that came just now.
  void verify_handshake() {
    const auto key = provider_->make_public_key(certificates_.front()->public_key);
    require(key && (**key).verify(scheme_, message_, signature_), "verification");
  }
  /// Leaf and intermediate, the intermediate's key as new as the leaf's.
  void verify_chain() {
    const auto key = provider_->make_public_key(certificates_.at(1)->public_key);
    require(key && is_good(*certificates_.at(0), **key) && is_good(*certificates_.at(1), *root_key_),
            "verification of the chain");
  }

  /// All messages once. TLS 1.3: with the digest taken at ServerHello, Certificate, CertificateVerify and both
  /// Finished. TLS 1.2: at ClientKeyExchange and both Finished. Resumed: instead of the certificate's, at the binder in
  /// TLS 1.3.
  void hash_transcript() {
    const std::size_t full = negotiation_.tls12 ? 3 : 5;
    const std::size_t parts = full - (negotiation_.resumed ? 1 : 0);
    crypto::Hash transcript(HashAlgorithm::sha256);
    for (std::size_t part = 0; part < parts; ++part) {
      transcript.update(std::span(transcript_).subspan(part * transcript_.size() / parts, transcript_.size() / parts));
      keep(transcript.digest());
    }
  }
  void key_schedule() { negotiation_.tls12 ? key_schedule12() : key_schedule13(); }

  /// Four keys; the server's flight one way, the client's Finished the other. TLS 1.2 has a key and a Finished each
  /// way.
  void servers_records() {
    const auto write = make_aead();
    keep_sealed(*write, negotiation_.tls12 ? finished() : flight());
    const auto read = make_aead();
    keep_opened(*read, finished_record_);
    if (!negotiation_.tls12) application_keys();
  }
  void clients_records() {
    const auto write = make_aead();
    keep_sealed(*write, finished());
    const auto read = make_aead();
    keep_opened(*read, negotiation_.tls12 ? finished_record_ : flight_record_);
    if (!negotiation_.tls12) application_keys();
  }

  void open_ticket() {
    std::ranges::copy(sealed_ticket_, kept_ticket_.begin());
    require(ticket_key_->open(nonce, std::span(transcript_).first(ticket_header), kept_ticket_), "a ticket");
  }
  /// RFC 8446, section 4.2.11.2: Early Secret, whose HMAC is counted where it derives the next, binder key and binder.
  void binder() {
    keep_bytes(crypto::hkdf_extract(HashAlgorithm::sha256, secret, secret).reveal());
    expand(hmac(), label_with_hash);
    expand(hmac(), label_alone);
    keep(hmac().mac(secret));
  }
  /// NewSessionTicket (RFC 8446, section 4.6.1): resumption_master_secret at the client's Finished, and a PSK of it.
  void give_ticket() {
    random();
    expand(hmac(), label_with_hash);
    expand(hmac(), label_alone);
    seal_ticket();
  }

 private:
  /// RFC 8446, section 7.1: two Extracts and a Derive-Secret on the way to each, seven secrets, keys and IVs of four
  /// directions, and two Finished.
  void key_schedule13() {
    for (int extract = 0; extract < 2; ++extract) {
      expand(hmac(), label_with_hash);
      keep_bytes(crypto::hkdf_extract(HashAlgorithm::sha256, secret, secret).reveal());
    }
    for (const int secrets : {2, 3}) {  // handshake and application traffic, exporter
      const crypto::Hmac key = hmac();
      for (int each = 0; each < secrets; ++each) expand(key, label_with_hash);
    }
    for (int direction = 0; direction < 4; ++direction) {
      const crypto::Hmac key = hmac();
      expand(key, label_alone);                     // key
      expand(key, label_alone);                     // iv
      if (direction < 2) expand(key, label_alone);  // finished
    }
    for (int finished = 0; finished < 2; ++finished) keep(hmac().mac(secret));
  }
  /// RFC 5246, sections 6.3, 7.4.9 and 8.1: two MACs for each block of the PRF's output; 48 bytes of master secret,
  /// unless it is there, 40 of keys, and two Finished.
  void key_schedule12() {
    const auto prf = [&](const crypto::Hmac& key, int blocks) {
      for (int mac = 0; mac < 2 * blocks; ++mac) keep(key.mac(label_with_randoms));
    };
    if (!negotiation_.resumed) prf(hmac(), 2);
    prf(hmac(), 2);
    for (int finished = 0; finished < 2; ++finished) prf(hmac(), 1);
  }
  static crypto::Hmac hmac() { return {HashAlgorithm::sha256, secret}; }
  void expand(const crypto::Hmac& key, Bytes label) {
    std::array<std::uint8_t, 32> out{};
    crypto::hkdf_expand(key, label, out);
    keep_bytes(out);
  }

  static constexpr std::array<std::uint8_t, 32> secret{};
  static constexpr std::array<std::uint8_t, 54> label_with_hash{};     // HkdfLabel with a transcript hash
  static constexpr std::array<std::uint8_t, 22> label_alone{};         // HkdfLabel
  static constexpr std::array<std::uint8_t, 77> label_with_randoms{};  // of the PRF
  static constexpr std::size_t finished_size = 4 + 32 + 1;
  static constexpr std::array<std::uint8_t, crypto::aead_nonce_length> nonce{};
  static constexpr std::array<std::uint8_t, 5> header{23, 3, 3, 0, 53};

  /// Hellos, and the ticket in one of them, or certificates, their frame and signature.
  std::size_t transcript_size() const {
    if (negotiation_.resumed) return 500 + ticket_header + ticket_content;
    std::size_t size = 700;
    for (const auto& certificate : files_.credential->chain) size += certificate.size();
    return size;
  }
  bool is_good(const x509::Certificate& certificate, const crypto::PublicKey& issuer) const {
    return issuer.verify(*certificate.signature_scheme, certificate.tbs(), certificate.signature);
  }
  /// What a server of TLS 1.3 sends under its handshake key: resumed, EncryptedExtensions and Finished.
  Bytes flight() const { return std::span(transcript_).first(negotiation_.resumed ? 80 : transcript_.size()); }
  Bytes finished() const { return std::span(transcript_).first(finished_size); }
  void application_keys() {
    (void)make_aead();
    (void)make_aead();
  }
  void seal_ticket() {
    const Bytes content(ticket_);
    ticket_key_->seal(nonce, std::span(transcript_).first(ticket_header), std::span(&content, 1), kept_ticket_);
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
  Negotiation negotiation_;
  const Pki& files_;
  crypto::AeadAlgorithm algorithm_;
  crypto::SignatureScheme scheme_;
  std::vector<std::uint8_t> message_;
  std::vector<std::uint8_t> signature_;
  std::vector<std::uint8_t> transcript_;
  std::vector<std::uint8_t> wire_;
  std::vector<std::uint8_t> flight_record_;
  std::vector<std::uint8_t> finished_record_;
  std::unique_ptr<crypto::Aead> ticket_key_ =
      provider_->make_aead(crypto::AeadAlgorithm::aes_256_gcm, std::array<std::uint8_t, 32>{});
  std::vector<std::uint8_t> ticket_;
  std::vector<std::uint8_t> sealed_ticket_;
  std::vector<std::uint8_t> kept_ticket_ = std::vector<std::uint8_t>(ticket_content + crypto::aead_tag_length);
  std::vector<std::shared_ptr<const x509::Certificate>> certificates_;
  std::shared_ptr<const crypto::PublicKey> root_key_;
  std::shared_ptr<const crypto::EphemeralKey> client_key_;
  std::shared_ptr<const crypto::EphemeralKey> server_key_;
  volatile std::uint8_t kept_ = 0;
};

}  // namespace

std::function<void()> server_handshake_floor(const Negotiation& negotiation) {
  return [primitives = std::make_shared<Primitives>(negotiation), negotiation] {
    const bool tls12 = negotiation.tls12;
    const bool resumed = negotiation.resumed;
    primitives->random();
    if (resumed) primitives->open_ticket();
    if (resumed && !tls12) primitives->binder();
    if (!resumed || !tls12) primitives->servers_agreement();
    if (!resumed) primitives->sign();
    primitives->hash_transcript();
    primitives->key_schedule();
    primitives->servers_records();
    if (resumed && !tls12) primitives->give_ticket();
  };
}

std::function<void()> client_handshake_floor(const Negotiation& negotiation) {
  return [primitives = std::make_shared<Primitives>(negotiation), negotiation] {
    primitives->random();
    if (!negotiation.tls12) primitives->random();  // the session ID that middleboxes want to see
    if (negotiation.resumed) primitives->binder();
    primitives->clients_agreement();
    if (!negotiation.resumed) primitives->verify_handshake();
    if (negotiation.verify && !negotiation.resumed) primitives->verify_chain();
    primitives->hash_transcript();
    primitives->key_schedule();
    primitives->clients_records();
  };
}

}  // namespace padlock::bench
