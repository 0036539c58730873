#include "padlock/acme/server/jwk.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "padlock/acme/server/json_jwk.h"
#include "padlock/acme/server/rules.h"
#include "padlock/base/text.h"
#include "padlock/crypto/hash.h"

namespace padlock::acme {
namespace {

using Octets = std::vector<std::uint8_t>;

/// Private members of every kind of key (RFC 7518, sections 6.2.2 and 6.3.2): who sends these has lost the key.
constexpr std::array private_members{"d", "p", "q", "dp", "dq", "qi", "oth", "k"};

struct Curve {
  std::string_view name;
  crypto::NamedGroup group;
  std::size_t coordinate_bytes;
};
constexpr std::array curves{Curve{"P-256", crypto::NamedGroup::secp256r1, 32},
                            Curve{"P-384", crypto::NamedGroup::secp384r1, 48},
                            Curve{"P-521", crypto::NamedGroup::secp521r1, 66}};

std::unexpected<Error> bad(std::string what) { return broken(server_rules::bad_public_key, std::move(what)); }

Result<std::string> member(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return bad(std::string("the key has no text `") + name + "`");
  return found->get<std::string>();
}

Result<Octets> octets(const Json& object, const char* name) {
  auto bytes = from_base64url(PADLOCK_TRY(member(object, name)));
  if (!bytes || bytes->empty()) return bad(std::string("the key's `") + name + "` is not base64url");
  return *std::move(bytes);
}

Result<Jwk> elliptic(const Json& object) {
  const std::string name = PADLOCK_TRY(member(object, "crv"));
  const auto* const curve = std::ranges::find(curves, name, &Curve::name);
  if (curve == curves.end()) return bad("no key is taken on the curve `" + escaped(name) + "`");
  crypto::EcPublicKey key{curve->group, {4}};  // uncompressed
  for (const char* const coordinate : {"x", "y"}) {
    const Octets bytes = PADLOCK_TRY(octets(object, coordinate));
    if (bytes.size() != curve->coordinate_bytes)
      return bad(std::string("the key's `") + coordinate + "` has " + std::to_string(bytes.size()) + " octets");
    key.point.insert(key.point.end(), bytes.begin(), bytes.end());
  }
  return Jwk{std::move(key), write_json({{"crv", name}, {"kty", "EC"}, {"x", object.at("x")}, {"y", object.at("y")}})};
}

Result<Jwk> rsa(const Json& object) {
  crypto::RsaPublicKey key{.modulus = PADLOCK_TRY(octets(object, "n")), .exponent = PADLOCK_TRY(octets(object, "e"))};
  if (key.modulus.front() == 0 || key.exponent.front() == 0)
    return bad("the key's numbers begin with zeros, and no two texts may stand for one key");
  return Jwk{std::move(key), write_json({{"e", object.at("e")}, {"kty", "RSA"}, {"n", object.at("n")}})};
}

Result<Jwk> octet_pair(const Json& object) {
  constexpr std::size_t ed25519_bytes = 32;
  const std::string name = PADLOCK_TRY(member(object, "crv"));
  if (name != "Ed25519") return bad("no key is taken on the curve `" + escaped(name) + "`");
  Octets bytes = PADLOCK_TRY(octets(object, "x"));
  if (bytes.size() != ed25519_bytes) return bad("the key has " + std::to_string(bytes.size()) + " octets");
  return Jwk{crypto::Ed25519PublicKey{std::move(bytes)},
             write_json({{"crv", name}, {"kty", "OKP"}, {"x", object.at("x")}})};
}

}  // namespace

std::string Jwk::thumbprint() const {
  return to_base64url(crypto::hash_of(crypto::HashAlgorithm::sha256, as_bytes(text)));
}

Result<Jwk> read_jwk(const Json& object) {
  if (!object.is_object()) return bad("the key is no JSON object");
  for (const char* const name : private_members) {
    if (object.contains(name)) return bad(std::string("the key has the member `") + name + "`, which is nobody else's");
  }
  const std::string kind = PADLOCK_TRY(member(object, "kty"));
  if (kind == "EC") return elliptic(object);
  if (kind == "RSA") return rsa(object);
  if (kind == "OKP") return octet_pair(object);
  return bad("no key of the kind `" + escaped(kind) + "` is taken");
}

Result<Jwk> parse_jwk(std::string_view text) {
  const auto object = parse_json_object(as_bytes(text), "key");
  if (!object) return bad(object.error().what);
  return read_jwk(*object);
}

}  // namespace padlock::acme
