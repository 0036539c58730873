#include "padlock/acme/server/signed_request.h"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "padlock/acme/server/json_jwk.h"
#include "padlock/acme/server/rules.h"
#include "padlock/base/secret.h"
#include "padlock/crypto/hkdf.h"
#include "padlock/der/writer.h"

namespace padlock::acme {
namespace {

/// A key's one algorithm (RFC 7518, section 3.1; RFC 8037, section 3.1). `number_bytes`: of ECDSA's R and S each.
struct Algorithm {
  std::string_view name;
  crypto::SignatureScheme scheme;
  std::size_t number_bytes;
};
constexpr std::array algorithms{Algorithm{"ES256", crypto::SignatureScheme::ecdsa_secp256r1_sha256, 32},
                                Algorithm{"ES384", crypto::SignatureScheme::ecdsa_secp384r1_sha384, 48},
                                Algorithm{"ES512", crypto::SignatureScheme::ecdsa_secp521r1_sha512, 66},
                                Algorithm{"EdDSA", crypto::SignatureScheme::ed25519, 0},
                                Algorithm{"RS256", crypto::SignatureScheme::rsa_pkcs1_sha256, 0}};

const Algorithm& algorithm_of(const crypto::PublicKeyParts& key) {
  if (std::holds_alternative<crypto::RsaPublicKey>(key)) return algorithms[4];
  const auto* const ec = std::get_if<crypto::EcPublicKey>(&key);
  if (ec == nullptr) return algorithms[3];
  if (ec->curve == crypto::NamedGroup::secp256r1) return algorithms[0];
  return ec->curve == crypto::NamedGroup::secp384r1 ? algorithms[1] : algorithms[2];
}

std::unexpected<Error> malformed(std::string what) { return broken(server_rules::malformed_request, std::move(what)); }

Result<std::string> text_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return malformed(std::string("there is no text `") + name + "`");
  return found->get<std::string>();
}

Result<std::optional<std::string>> text_if_any(const Json& object, const char* name) {
  if (!object.contains(name)) return std::nullopt;
  return std::optional(PADLOCK_TRY(text_of(object, name)));
}

Result<std::vector<std::uint8_t>> decoded(std::string_view text, std::string_view what) {
  auto bytes = from_base64url(text);
  if (!bytes) return malformed("its " + std::string(what) + " is not base64url");
  return *std::move(bytes);
}

Result<Json> object_of(Bytes text, std::string_view structure) {
  auto object = parse_json_object(text, structure);
  if (!object) return malformed(object.error().what);
  return *std::move(object);
}

Result<void> read_header(std::string_view encoded, SignedRequest& request) {
  const auto text = PADLOCK_TRY(decoded(encoded, "header"));
  const Json header = PADLOCK_TRY(object_of(text, "protected header"));
  for (const char* const extension : {"crit", "b64"}) {
    if (header.contains(extension))
      return malformed(std::string("no extension is understood, and it has `") + extension + "`");
  }
  request.alg = PADLOCK_TRY(text_of(header, "alg"));
  request.url = PADLOCK_TRY(text_of(header, "url"));
  request.nonce = PADLOCK_TRY(text_if_any(header, "nonce"));
  request.kid = PADLOCK_TRY(text_if_any(header, "kid"));
  if (const auto key = header.find("jwk"); key != header.end()) request.jwk = PADLOCK_TRY(read_jwk(*key));
  return {};
}

/// The DER that libraries verify, of R || S (RFC 7518, section 3.4).
std::vector<std::uint8_t> ecdsa_der(Bytes raw) {
  return der::make_der([&](der::Writer& out) {
    out.sequence([&](der::Writer& body) {
      for (Bytes number : {raw.first(raw.size() / 2), raw.last(raw.size() / 2)}) {
        while (number.size() > 1 && number.front() == 0) number = number.subspan(1);
        body.unsigned_integer(number);
      }
    });
  });
}

bool is_good(const SignedRequest& request, const Algorithm& algorithm, const crypto::PublicKey& key) {
  const Bytes message = as_bytes(request.signing_input);
  if (algorithm.number_bytes == 0) return key.verify(algorithm.scheme, message, request.signature);
  return request.signature.size() == 2 * algorithm.number_bytes &&
         key.verify(algorithm.scheme, message, ecdsa_der(request.signature));
}

}  // namespace

Result<SignedRequest> parse_signed_request(Bytes body) {
  const Json jws = PADLOCK_TRY(object_of(body, "request"));
  // What nobody signed, and more signatures than one (RFC 8555, section 6.2).
  for (const char* const field : {"header", "signatures"}) {
    if (jws.contains(field)) return malformed(std::string("it has the field `") + field + "`");
  }
  const std::string header = PADLOCK_TRY(text_of(jws, "protected")), payload = PADLOCK_TRY(text_of(jws, "payload"));
  SignedRequest request;
  PADLOCK_TRY(read_header(header, request));
  const auto content = PADLOCK_TRY(decoded(payload, "payload"));
  request.payload = as_text(content);
  request.signature = PADLOCK_TRY(decoded(PADLOCK_TRY(text_of(jws, "signature")), "signature"));
  request.signing_input = header + "." + payload;
  return request;
}

std::vector<std::string_view> signature_algorithms() {
  std::vector<std::string_view> names;
  names.reserve(algorithms.size());
  for (const Algorithm& one : algorithms) names.push_back(one.name);
  return names;
}

Result<void> verify_signed_request(const SignedRequest& request, const Jwk& key, crypto::Provider& provider) {
  const Algorithm& algorithm = algorithm_of(key.key);
  if (request.alg != algorithm.name) {
    return broken(
        server_rules::bad_signature_algorithm,
        "the request has `" + escaped(request.alg) + "`, and its key signs with " + std::string(algorithm.name));
  }
  const auto made = provider.make_public_key(key.key);
  if (!made) return broken(server_rules::bad_public_key, made.error().what);
  if (!is_good(request, algorithm, **made)) return broken(server_rules::bad_signature, "the signature is not good");
  return {};
}

bool verify_mac(const SignedRequest& request, Bytes mac_key) {
  const crypto::Hmac hmac(crypto::HashAlgorithm::sha256, mac_key);
  return request.alg == "HS256" &&
         equal_constant_time(hmac.mac(as_bytes(request.signing_input)).bytes(), request.signature);
}

}  // namespace padlock::acme
