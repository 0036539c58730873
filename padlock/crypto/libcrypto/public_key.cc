// The low-level calls, deprecated since 3.0: EVP_PKEY_CTX_new_from_pkey, which each verification would need, costs more
// than a third of an RSA verification, and EVP_PKEY_fromdata as much again.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <openssl/rsa.h>

#include <array>
#include <string>

#include "padlock/crypto/libcrypto/keys.h"
#include "padlock/crypto/libcrypto/library.h"
#include "padlock/crypto/limits.h"
#include "padlock/crypto/signature.h"

namespace padlock::crypto::libcrypto {
namespace {

using RsaHandle = std::unique_ptr<RSA, FreedBy<RSA_free>>;
using EcHandle = std::unique_ptr<EC_KEY, FreedBy<EC_KEY_free>>;

int length(Bytes bytes) { return static_cast<int>(bytes.size()); }

// ---- elliptic curves

int curve_name(NamedGroup curve) {
  switch (curve) {
    case NamedGroup::secp256r1: return NID_X9_62_prime256v1;
    case NamedGroup::secp384r1: return NID_secp384r1;
    case NamedGroup::secp521r1: return NID_secp521r1;
    default: return NID_undef;
  }
}

/// A key of one curve that takes one point after the other: an object for each point would cost more than most keys of
/// certificates, which verify one signature, are worth.
class CurveKey {
 public:
  explicit CurveKey(NamedGroup curve) : curve_(curve) {}

  /// The object with this point, until the next call; null if libcrypto finds that a coordinate is not below p or that
  /// the point is not on the curve.
  EC_KEY* with(const std::vector<std::uint8_t>& point) {
    if (point == point_) return key_.get();
    point_.clear();
    if (key_ == nullptr) key_.reset(EC_KEY_new_by_curve_name_ex(library().context, nullptr, curve_name(curve_)));
    if (key_ == nullptr || EC_KEY_oct2key(key_.get(), point.data(), point.size(), nullptr) != 1) return nullptr;
    point_ = point;
    return key_.get();
  }

 private:
  NamedGroup curve_;
  EcHandle key_;
  std::vector<std::uint8_t> point_;  ///< that key_ has; empty: none
};

EC_KEY* curve_key(const EcPublicKey& key) {
  thread_local std::array curves = {CurveKey(NamedGroup::secp256r1), CurveKey(NamedGroup::secp384r1),
                                    CurveKey(NamedGroup::secp521r1)};
  switch (key.curve) {
    case NamedGroup::secp256r1: return curves[0].with(key.point);
    case NamedGroup::secp384r1: return curves[1].with(key.point);
    case NamedGroup::secp521r1: return curves[2].with(key.point);
    default: return nullptr;
  }
}

// ---- RSA

RsaHandle make_rsa(const RsaPublicKey& key) {
  RsaHandle rsa(RSA_new());
  BigNumber n(BN_bin2bn(key.modulus.data(), length(key.modulus), nullptr));
  BigNumber e(BN_bin2bn(key.exponent.data(), length(key.exponent), nullptr));
  if (rsa == nullptr || n == nullptr || e == nullptr || RSA_set0_key(rsa.get(), n.get(), e.get(), nullptr) != 1)
    return nullptr;
  (void)n.release();  // the key has them
  (void)e.release();
  return rsa;
}

bool verify_pss(RSA* rsa, HashAlgorithm hash, const Digest& digest_of_message, Bytes signature) {
  std::array<std::uint8_t, limits::rsa_modulus_bits_most / 8> encoded;
  const EVP_MD* const md = digest(hash);
  return RSA_public_decrypt(length(signature), signature.data(), encoded.data(), rsa, RSA_NO_PADDING) ==
             length(signature) &&
         RSA_verify_PKCS1_PSS_mgf1(rsa, digest_of_message.bytes().data(), md, md, encoded.data(),
                                   RSA_PSS_SALTLEN_DIGEST) == 1;
}

/// The signature is as long as the modulus (RFC 8017, sections 8.1.2 and 8.2.2).
bool verify_rsa(RSA* rsa, const SignatureSchemeParts& scheme, const Digest& digest_of_message, Bytes signature) {
  if (length(signature) != RSA_size(rsa)) return false;
  if (scheme.kind != SignatureKind::rsa_pkcs1) return verify_pss(rsa, scheme.hash, digest_of_message, signature);
  const Bytes hashed = digest_of_message;
  return RSA_verify(EVP_MD_get_type(digest(scheme.hash)), hashed.data(), static_cast<unsigned>(hashed.size()),
                    signature.data(), static_cast<unsigned>(signature.size()), rsa) == 1;
}

PkeyHandle make_ed25519(const Ed25519PublicKey& key) {
  return PkeyHandle(
      EVP_PKEY_new_raw_public_key_ex(library().context, "ED25519", nullptr, key.key.data(), key.key.size()));
}

class LibcryptoPublicKey final : public PublicKey {
 public:
  explicit LibcryptoPublicKey(PublicKeyParts parts) : parts_(std::move(parts)) {
    if (const auto* rsa = std::get_if<RsaPublicKey>(&parts_)) rsa_ = make_rsa(*rsa);
    if (const auto* ed25519 = std::get_if<Ed25519PublicKey>(&parts_)) ed25519_ = make_ed25519(*ed25519);
  }

  /// False if the parts are no key.
  bool good() const {
    const auto* const on_curve = std::get_if<EcPublicKey>(&parts_);
    return on_curve != nullptr ? curve_key(*on_curve) != nullptr : rsa_ != nullptr || ed25519_ != nullptr;
  }

  const PublicKeyParts& parts() const override { return parts_; }

  bool verify(SignatureScheme scheme, Bytes message, Bytes signature) const override {
    if (!fits(scheme, parts_) || signature.empty()) return false;
    const ErrorScope errors;
    const SignatureSchemeParts& details = *find_scheme(scheme);
    if (details.kind == SignatureKind::ed25519) return verify_ed25519(message, signature);
    const Digest digest = hash_of(details.hash, message);
    if (rsa_ != nullptr) return verify_rsa(rsa_.get(), details, digest, signature);
    return verify_on_curve(std::get<EcPublicKey>(parts_), digest, signature);
  }

  bool verify_ecdsa(HashAlgorithm hash, Bytes message, Bytes signature) const override {
    const auto* const key = std::get_if<EcPublicKey>(&parts_);
    if (key == nullptr || signature.empty()) return false;
    const ErrorScope errors;
    return verify_on_curve(*key, hash_of(hash, message), signature);
  }

  Result<std::vector<std::uint8_t>> encrypt(Bytes message) const override {
    const auto* const key = std::get_if<RsaPublicKey>(&parts_);
    const ErrorScope errors;
    std::vector<std::uint8_t> ciphertext(key == nullptr ? 0 : key->modulus.size());
    if (key == nullptr || key->pss_only ||
        RSA_public_encrypt(length(message), message.data(), ciphertext.data(), rsa_.get(), RSA_PKCS1_PADDING) !=
            length(ciphertext)) {
      return broken(rules::operation_failed, std::to_string(message.size()) + " bytes could not be encrypted");
    }
    return ciphertext;
  }

 private:
  /// Strict DER: libcrypto compares the signature with what it would have written.
  static bool verify_on_curve(const EcPublicKey& on_curve, Bytes digest, Bytes signature) {
    EC_KEY* const key = curve_key(on_curve);
    return key != nullptr &&
           ECDSA_verify(0, digest.data(), length(digest), signature.data(), length(signature), key) == 1;
  }

  bool verify_ed25519(Bytes message, Bytes signature) const {
    const MdContext context(EVP_MD_CTX_new());
    return context != nullptr &&
           EVP_DigestVerifyInit_ex(context.get(), nullptr, nullptr, library().context, nullptr, ed25519_.get(),
                                   nullptr) == 1 &&
           EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
  }

  PublicKeyParts parts_;
  RsaHandle rsa_;
  PkeyHandle ed25519_;
};

}  // namespace

Result<std::shared_ptr<const PublicKey>> make_public_key(PublicKeyParts parts) {
  PADLOCK_TRY(check_public_key(parts));
  const ErrorScope errors;
  auto key = std::make_shared<const LibcryptoPublicKey>(std::move(parts));
  if (!key->good()) return broken(rules::invalid_public_key, "a point that is not on its curve");
  return key;
}

}  // namespace padlock::crypto::libcrypto
