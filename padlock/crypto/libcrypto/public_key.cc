#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <string>

#include "padlock/crypto/libcrypto/keys.h"
#include "padlock/crypto/libcrypto/signing.h"

namespace padlock::crypto::libcrypto {
namespace {

using ParameterBuilder = std::unique_ptr<OSSL_PARAM_BLD, FreedBy<OSSL_PARAM_BLD_free>>;

/// A key of one curve that takes one point after the other: an object for each point would cost more than most keys of
/// certificates, which verify one signature, are worth.
class CurveKey {
 public:
  explicit CurveKey(NamedGroup curve) : curve_(curve) {}

  /// The object with this point, until the next call; null if libcrypto finds that a coordinate is not below p or that
  /// the point is not on the curve.
  EVP_PKEY* with(const std::vector<std::uint8_t>& point) {
    if (point == point_) return key_.get();
    point_.clear();
    if (key_ == nullptr) key_ = make_key_on(curve_);
    if (key_ == nullptr || EVP_PKEY_set1_encoded_public_key(key_.get(), point.data(), point.size()) != 1)
      return nullptr;
    point_ = point;
    return key_.get();
  }

 private:
  NamedGroup curve_;
  PkeyHandle key_;
  std::vector<std::uint8_t> point_;  ///< that key_ has; empty: none
};

EVP_PKEY* curve_key(const EcPublicKey& key) {
  thread_local std::array curves = {CurveKey(NamedGroup::secp256r1), CurveKey(NamedGroup::secp384r1),
                                    CurveKey(NamedGroup::secp521r1)};
  switch (key.curve) {
    case NamedGroup::secp256r1: return curves[0].with(key.point);
    case NamedGroup::secp384r1: return curves[1].with(key.point);
    case NamedGroup::secp521r1: return curves[2].with(key.point);
    default: return nullptr;
  }
}

/// Keys with an object of their own.
struct KeyBuilder {
  PkeyHandle operator()(const RsaPublicKey& key) const {
    const BigNumber n(BN_bin2bn(key.modulus.data(), static_cast<int>(key.modulus.size()), nullptr));
    const BigNumber e(BN_bin2bn(key.exponent.data(), static_cast<int>(key.exponent.size()), nullptr));
    const ParameterBuilder builder(OSSL_PARAM_BLD_new());
    if (builder == nullptr || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
      return nullptr;
    const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    const PkeyContext context(EVP_PKEY_CTX_new_from_name(library().context, "RSA", nullptr));
    EVP_PKEY* made = nullptr;
    if (context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
      return nullptr;
    return PkeyHandle(made);
  }

  PkeyHandle operator()(const EcPublicKey& /*key*/) const { return nullptr; }

  PkeyHandle operator()(const Ed25519PublicKey& key) const {
    return PkeyHandle(
        EVP_PKEY_new_raw_public_key_ex(library().context, "ED25519", nullptr, key.key.data(), key.key.size()));
  }
};

class LibcryptoPublicKey final : public PublicKey {
 public:
  explicit LibcryptoPublicKey(PublicKeyParts parts)
      : parts_(std::move(parts)), key_(std::visit(KeyBuilder{}, parts_)) {}

  /// Null if the parts are no key. Good until another key of its curve is asked.
  EVP_PKEY* handle() const {
    const auto* const on_curve = std::get_if<EcPublicKey>(&parts_);
    return on_curve != nullptr ? curve_key(*on_curve) : key_.get();
  }

  const PublicKeyParts& parts() const override { return parts_; }

  bool verify(SignatureScheme scheme, Bytes message, Bytes signature) const override {
    if (!fits(scheme, parts_) || signature.empty()) return false;
    const ErrorScope errors;
    const SignatureSchemeParts& details = *find_scheme(scheme);
    return details.kind == SignatureKind::ed25519 ? verify_ed25519(message, signature)
                                                  : verify_digest(details, message, signature);
  }

  bool verify_ecdsa(HashAlgorithm hash, Bytes message, Bytes signature) const override {
    const auto* const key = std::get_if<EcPublicKey>(&parts_);
    if (key == nullptr || signature.empty()) return false;
    const ErrorScope errors;
    const SignatureScheme any_scheme =
        SignatureScheme::ecdsa_secp256r1_sha256;  // not looked at: kind, hash and curve are
    return verify_digest({any_scheme, SignatureKind::ecdsa, hash, key->curve}, message, signature);
  }

  Result<std::vector<std::uint8_t>> encrypt(Bytes message) const override {
    const auto* const key = std::get_if<RsaPublicKey>(&parts_);
    const ErrorScope errors;
    std::vector<std::uint8_t> ciphertext(key == nullptr ? 0 : key->modulus.size());
    std::size_t length = ciphertext.size();
    const PkeyContext context(key == nullptr ? nullptr
                                             : EVP_PKEY_CTX_new_from_pkey(library().context, key_.get(), nullptr));
    if (context == nullptr || key->pss_only || EVP_PKEY_encrypt_init(context.get()) != 1 ||
        EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) != 1 ||
        EVP_PKEY_encrypt(context.get(), ciphertext.data(), &length, message.data(), message.size()) != 1 ||
        length != ciphertext.size()) {
      return broken(rules::operation_failed, std::to_string(message.size()) + " bytes could not be encrypted");
    }
    return ciphertext;
  }

 private:
  bool verify_ed25519(Bytes message, Bytes signature) const {
    const MdContext context(EVP_MD_CTX_new());
    return context != nullptr &&
           EVP_DigestVerifyInit_ex(context.get(), nullptr, nullptr, library().context, nullptr, key_.get(), nullptr) ==
               1 &&
           EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
  }

  bool verify_digest(const SignatureSchemeParts& scheme, Bytes message, Bytes signature) const {
    EVP_PKEY* const key = handle();
    if (key == nullptr) return false;
    const PkeyContext context = prepare_verifying(key, scheme);
    const Digest digest = hash_of(scheme.hash, message);
    return context != nullptr && EVP_PKEY_verify(context.get(), signature.data(), signature.size(),
                                                 digest.bytes().data(), digest.bytes().size()) == 1;
  }

  PublicKeyParts parts_;
  PkeyHandle key_;  // null for a curve's
};

}  // namespace

Result<std::shared_ptr<const PublicKey>> make_public_key(PublicKeyParts parts) {
  PADLOCK_TRY(check_public_key(parts));
  const ErrorScope errors;
  auto key = std::make_shared<const LibcryptoPublicKey>(std::move(parts));
  if (key->handle() == nullptr) return broken(rules::invalid_public_key, "a point that is not on its curve");
  return key;
}

}  // namespace padlock::crypto::libcrypto
