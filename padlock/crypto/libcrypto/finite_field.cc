#include "padlock/crypto/libcrypto/finite_field.h"

#include <openssl/core_names.h>
#include <openssl/dh.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>

#include "padlock/crypto/finite_field.h"
#include "padlock/crypto/libcrypto/library.h"

namespace padlock::crypto {
namespace libcrypto {
namespace {

using ParameterBuilder = std::unique_ptr<OSSL_PARAM_BLD, FreedBy<OSSL_PARAM_BLD_free>>;

/// libcrypto's names: "ffdhe2048", "modp_2048".
std::string library_name(NamedGroup group) {
  std::string name(name_of(group));
  if (name.starts_with("modp")) name.insert(4, "_");
  return name;
}

class FiniteFieldKey final : public EphemeralKey {
 public:
  FiniteFieldKey(NamedGroup group, PkeyHandle key, std::vector<std::uint8_t> share)
      : group_(group), key_(std::move(key)), share_(std::move(share)) {}
  NamedGroup group() const override { return group_; }
  Bytes public_share() const override { return share_; }
  EVP_PKEY* handle() const { return key_.get(); }

 private:
  NamedGroup group_;
  PkeyHandle key_;
  std::vector<std::uint8_t> share_;
};

/// Big-endian, `length` bytes; empty if there is no such number.
std::vector<std::uint8_t> number_of(const EVP_PKEY* key, const char* name, std::size_t length) {
  BIGNUM* value = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &value) != 1) return {};
  const BigNumber owner(value);
  std::vector<std::uint8_t> bytes(length);
  if (BN_bn2binpad(value, bytes.data(), static_cast<int>(length)) < 0) return {};
  return bytes;
}

/// Parameters or a key of the group, as `begin` says.
PkeyHandle generate(NamedGroup group, int (*begin)(EVP_PKEY_CTX*)) {
  const PkeyContext generator(EVP_PKEY_CTX_new_from_name(library().context, "DH", nullptr));
  EVP_PKEY* made = nullptr;
  if (generator == nullptr || begin(generator.get()) != 1 ||
      EVP_PKEY_CTX_set_group_name(generator.get(), library_name(group).c_str()) != 1 ||
      EVP_PKEY_generate(generator.get(), &made) != 1)
    return nullptr;
  return PkeyHandle(made);
}

PkeyHandle public_key(NamedGroup group, Bytes share) {
  const BigNumber value(BN_bin2bn(share.data(), static_cast<int>(share.size()), nullptr));
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  const std::string name = library_name(group);
  if (builder == nullptr || value == nullptr ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, name.c_str(), 0) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, value.get()) != 1)
    return nullptr;
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const PkeyContext context(EVP_PKEY_CTX_new_from_name(library().context, "DH", nullptr));
  EVP_PKEY* key = nullptr;
  if (context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
    return nullptr;
  return PkeyHandle(key);
}

/// 1 < share < p - 1 (RFC 7919, section 5.1): outside of it a secret would be known. Everybody sees the share.
bool is_in_range(Bytes share, Bytes prime) {
  if (share.empty() || share.size() > prime.size()) return false;
  const BigNumber value(BN_bin2bn(share.data(), static_cast<int>(share.size()), nullptr));
  const BigNumber p(BN_bin2bn(prime.data(), static_cast<int>(prime.size()), nullptr));
  return value != nullptr && p != nullptr && BN_cmp(value.get(), BN_value_one()) > 0 && BN_sub_word(p.get(), 1) == 1 &&
         BN_cmp(value.get(), p.get()) < 0;
}

/// The whole secret, as long as the prime: libcrypto leaves out the zeros at its front unless it is told not to.
bool derive(EVP_PKEY* own, EVP_PKEY* peer, std::span<std::uint8_t> out) {
  const PkeyContext context(EVP_PKEY_CTX_new_from_pkey(library().context, own, nullptr));
  std::size_t length = out.size();
  return context != nullptr && EVP_PKEY_derive_init(context.get()) == 1 &&
         EVP_PKEY_CTX_set_dh_pad(context.get(), 1) == 1 && EVP_PKEY_derive_set_peer_ex(context.get(), peer, 0) == 1 &&
         EVP_PKEY_derive(context.get(), out.data(), &length) == 1 && length == out.size();
}

using Primes = std::map<NamedGroup, std::vector<std::uint8_t>>;

Primes read_primes() {
  Primes primes;
  for (const NamedGroup group : finite_field_groups()) {
    const PkeyHandle parameters = generate(group, EVP_PKEY_paramgen_init);
    if (parameters == nullptr) throw std::runtime_error("libcrypto does not offer " + library_name(group));
    const int bits = EVP_PKEY_get_bits(parameters.get());
    auto prime = number_of(parameters.get(), OSSL_PKEY_PARAM_FFC_P, static_cast<std::size_t>(bits) / 8);
    primes.emplace(group, std::move(prime));
  }
  return primes;
}

}  // namespace

Result<std::shared_ptr<const EphemeralKey>> make_finite_field_share(NamedGroup group) {
  const ErrorScope errors;
  PkeyHandle key = generate(group, EVP_PKEY_keygen_init);
  if (key == nullptr) return failed("cannot make a key", group);
  auto share = number_of(key.get(), OSSL_PKEY_PARAM_PUB_KEY, prime_of(group).size());
  if (share.empty()) return failed("cannot write the public value", group);
  return std::make_shared<const FiniteFieldKey>(group, std::move(key), std::move(share));
}

Result<SharedSecret> agree_in_finite_field(const EphemeralKey& key, Bytes peer_share, HashAlgorithm prf_hash) {
  const ErrorScope errors;
  const auto* const own = dynamic_cast<const FiniteFieldKey*>(&key);
  if (own == nullptr) return failed("a key of another provider", key.group());
  const Bytes prime = prime_of(key.group());
  const PkeyHandle peer = is_in_range(peer_share, prime) ? public_key(key.group(), peer_share) : nullptr;
  std::vector<std::uint8_t> secret(prime.size());
  const bool good = peer != nullptr && derive(own->handle(), peer.get(), secret);
  const Digest prf_key = prf_key_of(prf_hash, secret);
  wipe(secret);
  if (!good) {
    return broken(rules::invalid_key_share, "a share of " + std::to_string(peer_share.size()) +
                                                " bytes is no value between 1 and p - 1 of " +
                                                std::string(name_of(key.group())));
  }
  return SharedSecret(prf_key);
}

}  // namespace libcrypto

Bytes prime_of(NamedGroup group) {
  static const libcrypto::Primes primes = libcrypto::read_primes();
  return primes.at(group);
}

}  // namespace padlock::crypto
