#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/base/secret.h"
#include "padlock/crypto/algorithm.h"
#include "padlock/crypto/hash.h"
#include "padlock/crypto/rules.h"

namespace padlock::crypto {

/// One AEAD key in one direction (RFC 5116). Not shared between threads.
class Aead {
 public:
  virtual ~Aead() = default;
  /// Another key of the same length in place of the old one, which is gone.
  virtual void rekey(Bytes key) = 0;
  /// Encrypts `pieces`, one after the other, and appends the tag. `out` has room for all of them and 16 bytes more;
  /// it may begin exactly where a single piece does (in place), otherwise it overlaps none of them.
  virtual void seal(Bytes nonce, Bytes additional_data, std::span<const Bytes> pieces, std::span<std::uint8_t> out) = 0;
  /// Decrypts in place. `in_out`: ciphertext and tag; the plaintext is its first size() - 16 bytes.
  /// False, and all of `in_out` wiped, if the tag is wrong (compared in constant time) or `in_out` is shorter than a
  /// tag.
  [[nodiscard]] virtual bool open(Bytes nonce, Bytes additional_data, std::span<std::uint8_t> in_out) = 0;
};

/// An ephemeral private key of a key agreement, alive for one handshake.
class EphemeralKey {
 public:
  virtual ~EphemeralKey() = default;
  virtual NamedGroup group() const = 0;
  /// KeyShareEntry.key_exchange (RFC 8446, section 4.2.8): 32 bytes for X25519, 65 for P-256, 97 for P-384; for
  /// X25519MLKEM768 1216 from the initiator, 1120 from the responder; of a finite field as long as its prime.
  virtual Bytes public_share() const = 0;
  /// The X25519 key inside a hybrid one, to make a share of its own from; null if there is none.
  virtual std::shared_ptr<const EphemeralKey> traditional_part() const { return nullptr; }
};

/// A shared secret: 32 (X25519, P-256) or 48 bytes (P-384); the hybrid's is 64; P-521 66. Of a finite field see
/// Provider::agree_in_finite_field.
using SharedSecret = Secret<66>;

/// The parts of a SubjectPublicKeyInfo, as our own DER reads them (x509). All integers are unsigned big-endian without
/// leading zeros; an EC point is uncompressed (0x04 X Y).
struct RsaPublicKey {
  std::vector<std::uint8_t> modulus;
  std::vector<std::uint8_t> exponent;
  bool pss_only = false;  ///< id-RSASSA-PSS key (RFC 4055): signs rsa_pss_pss_* only
};
struct EcPublicKey {
  NamedGroup curve;  ///< secp256r1, secp384r1 or secp521r1
  std::vector<std::uint8_t> point;
};
struct Ed25519PublicKey {
  std::vector<std::uint8_t> key;
};
using PublicKeyParts = std::variant<RsaPublicKey, EcPublicKey, Ed25519PublicKey>;

/// A public key ready to verify with: built once per certificate or issuer and shared.
class PublicKey {
 public:
  virtual ~PublicKey() = default;
  virtual const PublicKeyParts& parts() const = 0;
  /// True if `signature` is good for `message` under `scheme` and the scheme fits the key (curve, RSA or PSS only).
  /// ECDSA signatures are strict DER (r, s in range); PSS's salt is as long as its hash.
  [[nodiscard]] virtual bool verify(SignatureScheme scheme, Bytes message, Bytes signature) const = 0;
  /// ECDSA as certificates have it: any hash goes with any curve (RFC 5758, section 3.2). False if this is no EC key.
  [[nodiscard]] virtual bool verify_ecdsa(HashAlgorithm hash, Bytes message, Bytes signature) const = 0;
  /// RSAES-PKCS1-v1_5 (RFC 8017, section 7.2.1), as long as the modulus. Fails with `rules::operation_failed` if this
  /// is no RSA key, or if the message does not fit.
  virtual Result<std::vector<std::uint8_t>> encrypt(Bytes message) const = 0;
};

/// A private key. It answers with signatures and blocks and never with its bytes; it never says why it failed.
class PrivateKey {
 public:
  virtual ~PrivateKey() = default;
  virtual const PublicKey& public_key() const = 0;
  virtual std::shared_ptr<const PublicKey> shared_public_key() const = 0;
  /// The schemes that this key can sign, best first.
  virtual std::span<const SignatureScheme> schemes() const = 0;
  virtual Result<std::vector<std::uint8_t>> sign(SignatureScheme scheme, Bytes message) const = 0;
  /// RSADP alone (RFC 8017, section 5.1.2): the block with its padding, as long as the modulus, which is never looked
  /// at here. Fails with `rules::operation_failed` if this is no RSA key, or if `ciphertext` is not as long as the
  /// modulus and below it, which everybody can see.
  virtual Result<SecretBytes> decrypt_raw(Bytes ciphertext) const = 0;
};

enum class KeyKind : std::uint8_t { ecdsa_p256, ecdsa_p384, ecdsa_p521, ed25519, rsa_2048, rsa_3072 };

/// A new private key with the one copy of its bytes: PKCS #8 (RFC 5958), for the file it goes to.
struct GeneratedKey {
  std::shared_ptr<const PrivateKey> key;
  SecretBytes pkcs8;
};

// The deferred questions. A protocol that needs one of these yields it as an event and goes on when it has the answer;
// who runs the protocol collects them over its connections and gives them to Provider::answer in a batch.

struct KeyShareQuestion {
  NamedGroup group;
  std::vector<std::uint8_t> peer_share{};  ///< of a responder that knows it: the initiator's; else empty
};
struct SharedSecretQuestion {
  std::shared_ptr<const EphemeralKey> key;
  std::vector<std::uint8_t> peer_share;
  HashAlgorithm prf_hash = HashAlgorithm::sha256;  ///< matters in a finite field alone
};
struct SignatureQuestion {
  std::shared_ptr<const PrivateKey> key;
  SignatureScheme scheme;
  std::vector<std::uint8_t> message;
};
struct SignatureCheckQuestion {
  std::shared_ptr<const PublicKey> key;
  SignatureScheme scheme;
  std::vector<std::uint8_t> message;
  std::vector<std::uint8_t> signature;
  bool any_curve = false;  ///< ECDSA as TLS 1.2 has it: the scheme names the hash alone
};
/// PrivateKey::decrypt_raw. Unpadding is the asker's: whoever reports what a padding is like helps an attacker
/// (docs/threats.md, T21).
struct RsaDecryptQuestion {
  std::shared_ptr<const PrivateKey> key;
  std::vector<std::uint8_t> ciphertext;
};
using Question =
    std::variant<KeyShareQuestion, SharedSecretQuestion, SignatureQuestion, SignatureCheckQuestion, RsaDecryptQuestion>;

using KeyShareAnswer = std::shared_ptr<const EphemeralKey>;
using SharedSecretAnswer = SharedSecret;
using SignatureAnswer = std::vector<std::uint8_t>;
struct SignatureCheckAnswer {
  bool good;
};
using RsaDecryptAnswer = SecretBytes;
using Answer =
    std::variant<KeyShareAnswer, SharedSecretAnswer, SignatureAnswer, SignatureCheckAnswer, RsaDecryptAnswer>;

/// All cryptography that Padlock uses. One per thread: nothing in it is shared or locked, but keys may be.
class Provider {
 public:
  virtual ~Provider() = default;

  virtual std::unique_ptr<Aead> make_aead(AeadAlgorithm algorithm, Bytes key) = 0;
  /// Fills `out` with random bytes from the system; fails if the source does, and then nothing may be sent.
  virtual Result<void> random(std::span<std::uint8_t> out) = 0;
  /// The initiator's key: the client's.
  virtual Result<std::shared_ptr<const EphemeralKey>> make_key_share(NamedGroup group) = 0;
  /// The responder's key. With ML-KEM it depends on the initiator's share: fails with `rules::invalid_key_share` if
  /// that is malformed. A Diffie-Hellman key does not, and `agree` will look at the share.
  virtual Result<std::shared_ptr<const EphemeralKey>> make_key_share_for(NamedGroup group, Bytes peer_share) = 0;
  /// Fails with `rules::invalid_key_share` if the peer's share is malformed, off its curve or of small order, or if the
  /// secret is all zeros (RFC 8446, section 7.4.2; RFC 7748, section 6.1).
  virtual Result<SharedSecret> agree(const EphemeralKey& key, Bytes peer_share) = 0;
  /// TLS 1.2 in a finite field: what HMAC makes of the secret when it is the key, which is the digest of the secret
  /// without the zeros at its front (RFC 5246, section 8.1.2; RFC 2104, section 2). How many these are is hidden, as in
  /// each step to the digest. Fails with `rules::invalid_key_share` unless 1 < the share < p - 1.
  virtual Result<SharedSecret> agree_in_finite_field(const EphemeralKey& key, Bytes peer_share,
                                                     HashAlgorithm prf_hash) = 0;
  /// Fails with `rules::invalid_public_key` on a point off its curve, RSA outside 2048..8192 bits, an even modulus or
  /// an exponent that is even, below 3 or above 2^33 (docs/threats.md, X7): before any field arithmetic.
  virtual Result<std::shared_ptr<const PublicKey>> make_public_key(PublicKeyParts parts) = 0;
  /// A private key from DER: PKCS #8, SEC 1 (RFC 5915) or PKCS #1. Fails with `rules::unreadable_private_key`.
  virtual Result<std::shared_ptr<const PrivateKey>> load_private_key(Bytes der) = 0;
  virtual Result<GeneratedKey> generate_private_key(KeyKind kind) = 0;

  /// Answers one question here and now.
  virtual Result<Answer> answer_one(const Question& question);
  /// Answers each question on its own; a batch may be faster than one by one. Same order, one answer each.
  virtual std::vector<Result<Answer>> answer(std::span<const Question> questions);

  /// For people: "libcrypto 3.0.19, libipsec-mb 1.3".
  virtual std::string description() const = 0;
};

enum class AeadBackend : std::uint8_t { fastest, libcrypto };

/// The provider on libcrypto, with libipsec-mb's AEADs where the CPU has VAES and AVX-512 and the library passes its
/// own tests, and with X25519 in lanes where it has AVX-512 IFMA; `libcrypto` leaves both out. One per thread.
std::unique_ptr<Provider> make_provider(AeadBackend backend = AeadBackend::fastest);

}  // namespace padlock::crypto
