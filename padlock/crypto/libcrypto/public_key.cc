#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include <string>

#include "padlock/crypto/libcrypto/keys.h"
#include "padlock/crypto/libcrypto/signing.h"

namespace padlock::crypto::libcrypto {
namespace {

using ParameterBuilder = std::unique_ptr<OSSL_PARAM_BLD, FreedBy<OSSL_PARAM_BLD_free>>;

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

  /// libcrypto checks that both coordinates are below p and that the point is on the curve.
  PkeyHandle operator()(const EcPublicKey& key) const {
    PkeyHandle made(EVP_PKEY_new());
    if (made == nullptr || EVP_PKEY_copy_parameters(made.get(), curve_parameters(key.curve)) != 1 ||
        EVP_PKEY_set1_encoded_public_key(made.get(), key.point.data(), key.point.size()) != 1)
      return nullptr;
    return made;
  }

  PkeyHandle operator()(const Ed25519PublicKey& key) const {
    return PkeyHandle(
        EVP_PKEY_new_raw_public_key_ex(library().context, "ED25519", nullptr, key.key.data(), key.key.size()));
  }
};

class LibcryptoPublicKey final : public PublicKey {
 public:
  LibcryptoPublicKey(PublicKeyParts parts, PkeyHandle key) : parts_(std::move(parts)), key_(std::move(key)) {}

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

 private:
  bool verify_ed25519(Bytes message, Bytes signature) const {
    const MdContext context(EVP_MD_CTX_new());
    return context != nullptr &&
           EVP_DigestVerifyInit_ex(context.get(), nullptr, nullptr, library().context, nullptr, key_.get(), nullptr) ==
               1 &&
           EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
  }

  bool verify_digest(const SignatureSchemeParts& scheme, Bytes message, Bytes signature) const {
    const PkeyContext context = prepare_verifying(key_.get(), scheme);
    const Digest digest = hash_of(scheme.hash, message);
    return context != nullptr && EVP_PKEY_verify(context.get(), signature.data(), signature.size(),
                                                 digest.bytes().data(), digest.bytes().size()) == 1;
  }

  PublicKeyParts parts_;
  PkeyHandle key_;
};

}  // namespace

Result<std::shared_ptr<const PublicKey>> make_public_key(PublicKeyParts parts) {
  PADLOCK_TRY(check_public_key(parts));
  const ErrorScope errors;
  PkeyHandle key = std::visit(KeyBuilder{}, parts);
  if (key == nullptr) return broken(rules::invalid_public_key, "a point that is not on its curve");
  return std::make_shared<const LibcryptoPublicKey>(std::move(parts), std::move(key));
}

}  // namespace padlock::crypto::libcrypto
