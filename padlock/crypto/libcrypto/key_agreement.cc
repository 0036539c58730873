#include "padlock/crypto/libcrypto/key_agreement.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <array>
#include <string>

#include "padlock/crypto/libcrypto/library.h"

namespace padlock::crypto::libcrypto {
namespace {

constexpr std::size_t longest_share = 133;  // of P-521: 0x04, X, Y

struct GroupFacts {
  NamedGroup group;
  const char* curve;  ///< libcrypto's name; X25519 is no curve of its "EC" keys
  std::size_t share_length;
  std::size_t secret_length;
};
constexpr std::array groups{
    GroupFacts{NamedGroup::x25519, nullptr, 32, 32}, GroupFacts{NamedGroup::secp256r1, "P-256", 65, 32},
    GroupFacts{NamedGroup::secp384r1, "P-384", 97, 48}, GroupFacts{NamedGroup::secp521r1, "P-521", 133, 66}};

const GroupFacts* find_group(NamedGroup group) {
  const auto found = std::ranges::find(groups, group, &GroupFacts::group);
  return found == groups.end() ? nullptr : &*found;
}

std::size_t index_of(const GroupFacts& facts) {
  return static_cast<std::size_t>(std::ranges::find(groups, facts.group, &GroupFacts::group) - groups.begin());
}

class LibcryptoKey final : public EphemeralKey {
 public:
  LibcryptoKey(const GroupFacts& facts, PkeyHandle key) : facts_(facts), key_(std::move(key)) {}

  bool read_share() {
    std::size_t length = share_.size();
    const bool read = facts_.curve == nullptr
                          ? EVP_PKEY_get_raw_public_key(key_.get(), share_.data(), &length) == 1
                          : EVP_PKEY_get_octet_string_param(key_.get(), OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY,
                                                            share_.data(), share_.size(), &length) == 1;
    return read && length == facts_.share_length;
  }
  NamedGroup group() const override { return facts_.group; }
  Bytes public_share() const override { return std::span(share_).first(facts_.share_length); }
  const GroupFacts& facts() const { return facts_; }
  EVP_PKEY* handle() const { return key_.get(); }

 private:
  const GroupFacts& facts_;  // of the table above
  PkeyHandle key_;
  std::array<std::uint8_t, longest_share> share_{};
};

Result<std::shared_ptr<const EphemeralKey>> finished(const GroupFacts& facts, PkeyHandle handle) {
  auto key = std::make_shared<LibcryptoKey>(facts, std::move(handle));
  if (!key->read_share()) return failed("cannot write the public value", facts.group);
  return key;
}

PkeyContext make_generator(const GroupFacts& facts) {
  const char* const type = facts.curve == nullptr ? "X25519" : "EC";
  PkeyContext generator(EVP_PKEY_CTX_new_from_name(library().context, type, nullptr));
  if (generator == nullptr || EVP_PKEY_keygen_init(generator.get()) != 1) return nullptr;
  if (facts.curve != nullptr && EVP_PKEY_CTX_set_group_name(generator.get(), facts.curve) != 1) return nullptr;
  return generator;
}

/// A key of the group that takes one public value after the other: cheaper than an object for each.
PkeyHandle make_peer(const GroupFacts& facts) {
  if (facts.curve == nullptr) {
    const std::array<std::uint8_t, 32> base_point = {9};
    return PkeyHandle(
        EVP_PKEY_new_raw_public_key_ex(library().context, "X25519", nullptr, base_point.data(), base_point.size()));
  }
  return make_key_on(facts.group);
}

/// Puts the peer's public value into `peer`; false if it is no point of the group. On the three curves libcrypto checks
/// that both coordinates are below p and fulfil the equation; their cofactor is 1, so that is all (RFC 8446, section
/// 4.2.8.2).
bool read_peer_share(const GroupFacts& facts, Bytes share, EVP_PKEY* peer) {
  if (peer == nullptr || share.size() != facts.share_length) return false;
  if (facts.curve != nullptr && share.front() != 4) return false;
  return EVP_PKEY_set1_encoded_public_key(peer, share.data(), share.size()) == 1;
}

/// True if `out` now holds the whole shared secret. libcrypto refuses the all-zero secret of X25519's points of small
/// order (RFC 7748, section 6.1).
bool derive(const LibcryptoKey& own, EVP_PKEY* peer, std::span<std::uint8_t> out) {
  const PkeyContext context(EVP_PKEY_CTX_new_from_pkey(library().context, own.handle(), nullptr));
  std::size_t length = out.size();
  return context != nullptr && EVP_PKEY_derive_init(context.get()) == 1 &&
         EVP_PKEY_derive_set_peer_ex(context.get(), peer, 0) == 1 &&
         EVP_PKEY_derive(context.get(), out.data(), &length) == 1 && length == out.size();
}

}  // namespace

/// For each group, made when it is first used.
struct KeyAgreement::Kept {
  std::array<PkeyContext, groups.size()> generators;
  std::array<PkeyHandle, groups.size()> peers;
};

KeyAgreement::KeyAgreement() : kept_(std::make_unique<Kept>()) {}
KeyAgreement::~KeyAgreement() = default;

Result<std::shared_ptr<const EphemeralKey>> KeyAgreement::make_key_share(NamedGroup group) {
  const ErrorScope errors;
  const GroupFacts* const facts = find_group(group);
  if (facts == nullptr) return failed("no key agreement", group);
  PkeyContext& generator = kept_->generators.at(index_of(*facts));
  if (generator == nullptr) generator = make_generator(*facts);
  EVP_PKEY* made = nullptr;
  if (generator == nullptr || EVP_PKEY_generate(generator.get(), &made) != 1) return failed("cannot make a key", group);
  return finished(*facts, PkeyHandle(made));
}

Result<SharedSecret> KeyAgreement::agree(const EphemeralKey& key, Bytes peer_share) {
  const ErrorScope errors;
  const auto* const own = dynamic_cast<const LibcryptoKey*>(&key);
  if (own == nullptr) return failed("a key of another provider", key.group());
  const GroupFacts& facts = own->facts();
  PkeyHandle& peer = kept_->peers.at(index_of(facts));
  if (peer == nullptr) peer = make_peer(facts);
  bool good = read_peer_share(facts, peer_share, peer.get());
  auto secret = SharedSecret::made(
      facts.secret_length, [&](std::span<std::uint8_t> room) { good = good && derive(*own, peer.get(), room); });
  if (!good) {
    return broken(rules::invalid_key_share, "a share of " + std::to_string(peer_share.size()) + " bytes is no valid " +
                                                std::string(name_of(key.group())) + " point");
  }
  return secret;
}

namespace {

using PointHandle = std::unique_ptr<EC_POINT, FreedBy<EC_POINT_clear_free>>;
using GroupHandle = std::unique_ptr<EC_GROUP, FreedBy<EC_GROUP_free>>;
using ParameterBuilder = std::unique_ptr<OSSL_PARAM_BLD, FreedBy<OSSL_PARAM_BLD_free>>;

/// d * G, uncompressed; empty if d is not in 1..n-1.
std::vector<std::uint8_t> public_point(const GroupFacts& facts, const BIGNUM* d) {
  const GroupHandle group(EC_GROUP_new_by_curve_name_ex(library().context, nullptr, EC_curve_nist2nid(facts.curve)));
  if (group == nullptr || BN_is_zero(d) == 1 || BN_cmp(d, EC_GROUP_get0_order(group.get())) >= 0) return {};
  const PointHandle point(EC_POINT_new(group.get()));
  std::vector<std::uint8_t> bytes(facts.share_length);
  if (point == nullptr || EC_POINT_mul(group.get(), point.get(), d, nullptr, nullptr, nullptr) != 1 ||
      EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, bytes.data(), bytes.size(),
                         nullptr) != bytes.size())
    return {};
  return bytes;
}

PkeyHandle curve_key(const GroupFacts& facts, Bytes private_key) {
  const BigNumber d(BN_bin2bn(private_key.data(), static_cast<int>(private_key.size()), nullptr));
  const auto point = public_point(facts, d.get());
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  if (point.empty() ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, facts.curve, 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, d.get()) != 1)
    return nullptr;
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const PkeyContext context(EVP_PKEY_CTX_new_from_name(library().context, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters.get()) != 1)
    return nullptr;
  return PkeyHandle(key);
}

}  // namespace

Result<std::shared_ptr<const EphemeralKey>> key_share_from_private(NamedGroup group, Bytes private_key) {
  const ErrorScope errors;
  const GroupFacts* const facts = find_group(group);
  if (facts == nullptr || private_key.size() != facts->secret_length)
    return failed("a private key of " + std::to_string(private_key.size()) + " bytes", group);
  PkeyHandle key = facts->curve != nullptr
                       ? curve_key(*facts, private_key)
                       : PkeyHandle(EVP_PKEY_new_raw_private_key_ex(library().context, "X25519", nullptr,
                                                                    private_key.data(), private_key.size()));
  if (key == nullptr) return failed("a private key out of range", group);
  return finished(*facts, std::move(key));
}

}  // namespace padlock::crypto::libcrypto
