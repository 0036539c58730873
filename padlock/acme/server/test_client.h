#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "padlock/acme/certificate_chain.h"
#include "padlock/acme/conversation.h"
#include "padlock/acme/server/ca_server.h"
#include "padlock/acme/server/rules.h"
#include "padlock/base/text.h"
#include "padlock/crypto/hkdf.h"
#include "padlock/der/pem.h"
#include "padlock/der/reader.h"
#include "padlock/x509/issue.h"
#include "padlock/x509/test_certificates.h"

// For tests: a client that signs whatever it is told to, and our ACME server with a CA that signs.

namespace padlock::acme::testing {

using TestJson = nlohmann::ordered_json;
using x509::testing::make_key;
using x509::testing::provider;
using x509::testing::test_now;

inline std::string b64(std::string_view text) { return to_base64url(as_bytes(text)); }

/// A key and what JOSE calls its kind.
class Signer {
 public:
  explicit Signer(crypto::KeyKind kind = crypto::KeyKind::ecdsa_p256) : key_(make_key(kind)) {
    const auto& parts = key_->public_key().parts();
    if (const auto* const rsa = std::get_if<crypto::RsaPublicKey>(&parts)) {
      jwk = {{"e", to_base64url(rsa->exponent)}, {"kty", "RSA"}, {"n", to_base64url(rsa->modulus)}};
      alg = "RS256", scheme_ = crypto::SignatureScheme::rsa_pkcs1_sha256;
    } else if (const auto* const ec = std::get_if<crypto::EcPublicKey>(&parts)) {
      set(*ec);
    } else {
      jwk = {{"crv", "Ed25519"}, {"kty", "OKP"}, {"x", to_base64url(std::get<crypto::Ed25519PublicKey>(parts).key)}};
      alg = "EdDSA", scheme_ = crypto::SignatureScheme::ed25519;
    }
  }

  const crypto::PrivateKey& key() const { return *key_; }
  std::shared_ptr<const crypto::PrivateKey> shared_key() const { return key_; }
  std::vector<std::uint8_t> sign(std::string_view text) const {
    auto signature = key_->sign(scheme_, as_bytes(text)).value();
    if (number_bytes_ == 0) return signature;
    std::vector<std::uint8_t> raw(2 * number_bytes_);
    der::Reader message(signature, "signature");
    der::Reader in = message.sequence("signature").value();
    for (const auto half : {std::span(raw).first(number_bytes_), std::span(raw).last(number_bytes_)}) {
      const Bytes number = in.unsigned_integer("number").value();
      copy_bytes(number, half.last(number.size()));
    }
    return raw;
  }
  /// The flattened JWS of a header and a payload.
  TestJson jws(const TestJson& header, std::string_view payload) const {
    const std::string head = b64(header.dump()), content = b64(payload);
    return {{"protected", head}, {"payload", content}, {"signature", to_base64url(sign(head + "." + content))}};
  }

  TestJson jwk;
  std::string alg;
  std::string account;  ///< its URL, once it has one

 private:
  void set(const crypto::EcPublicKey& ec) {
    number_bytes_ = ec.point.size() / 2;
    const Bytes point = Bytes(ec.point).subspan(1);
    const bool p256 = ec.curve == crypto::NamedGroup::secp256r1, p384 = ec.curve == crypto::NamedGroup::secp384r1;
    jwk = {{"crv", p256   ? "P-256"
                   : p384 ? "P-384"
                          : "P-521"},
           {"kty", "EC"},
           {"x", to_base64url(point.first(number_bytes_))},
           {"y", to_base64url(point.last(number_bytes_))}};
    alg = p256 ? "ES256" : p384 ? "ES384" : "ES512";
    scheme_ = p256   ? crypto::SignatureScheme::ecdsa_secp256r1_sha256
              : p384 ? crypto::SignatureScheme::ecdsa_secp384r1_sha384
                     : crypto::SignatureScheme::ecdsa_secp521r1_sha512;
  }
  std::shared_ptr<const crypto::PrivateKey> key_;
  crypto::SignatureScheme scheme_ = crypto::SignatureScheme::ecdsa_secp256r1_sha256;
  std::size_t number_bytes_ = 0;
};

inline SecretBytes mac_key() { return SecretBytes(std::vector<std::uint8_t>(32, 7)); }

/// The server, the CA behind it, and what is proved of names: all, unless told otherwise.
class TestCa {
 public:
  static constexpr std::string_view origin = "https://ca.test";

  TestCa() {
    const std::vector<x509::NameAttribute> name{{der::oid::commonName, "Test CA"}};
    const x509::CertificateTemplate wanted{.subject = x509::make_name(name),
                                           .not_before = test_now - std::chrono::days(365),
                                           .not_after = test_now + std::chrono::days(3650),
                                           .basic_constraints = x509::BasicConstraints{.ca = true, .path_length = {}},
                                           .key_usage = std::to_underlying(x509::KeyUsage::keyCertSign)};
    ca_ = x509::parse_certificate(x509::issue_self_signed(wanted, *ca_key_, provider()).value()).value();
    restart();
  }

  CaServerOptions options() const {
    CaServerOptions options{
        .profiles = {{"default", "ninety days", std::chrono::days(90)}, {"shortlived", "a week", std::chrono::days(7)}},
        .challenges = challenges,
        .permits = [](const Identifier& one) { return !one.value.ends_with("forbidden.test"); }};
    options.external_accounts.emplace("kid-1", mac_key());
    options.external_account_required = external_account_required;
    if (std::ranges::find(challenges, ChallengeType::dns_persist_01) != challenges.end())
      options.issuer_domain_names = {"ca.test", "ca.internal"};
    return options;
  }
  /// Another process, with what the files hold.
  void restart() {
    server = std::make_unique<CaServer>(options(), provider());
    for (const RecordKind kind : {RecordKind::account, RecordKind::order, RecordKind::certificate}) {
      for (const auto& [key, text] : files) {
        if (key.first == kind) {
          ASSERT_TRUE(server->restore(kind, text)) << text;
        }
      }
    }
    server->resume(now.wall);
    nonce_.clear();
    keep();
  }

  /// What a request gives, with all that the server asks for on the way.
  Response ask(const ClientRequest& request) {
    auto outcome = server->take(request, now);
    Response response;
    if (auto* const answered = std::get_if<Response>(&outcome)) response = std::move(*answered);
    if (const auto* const wanted = std::get_if<IssueWanted>(&outcome))
      response = server->on_issued(*wanted, sign(*wanted));
    if (const auto* const wanted = std::get_if<RevokeWanted>(&outcome))
      response = server->on_revoked(*wanted, revoked.insert(wanted->certificate->serial).second, now);
    keep();
    if (const auto nonce = response.fields.find("Replay-Nonce")) nonce_ = *nonce;
    return response;
  }
  Response get(std::string_view target, std::string_view method = "GET") {
    return ask({.method = std::string(method),
                .origin = std::string(origin),
                .target = std::string(target),
                .content_type = {},
                .body = {},
                .client = "192.0.2.1"});
  }
  Response send(std::string_view target, const std::string& body, std::string_view type = "application/jose+json") {
    return ask({.method = "POST",
                .origin = std::string(origin),
                .target = std::string(target),
                .content_type = std::string(type),
                .body = as_bytes(body),
                .client = "192.0.2.1"});
  }
  std::string nonce() {
    if (nonce_.empty()) get("/acme/new-nonce", "HEAD");
    return std::exchange(nonce_, {});
  }
  TestJson header(const Signer& signer, std::string_view url, bool by_key = false) {
    TestJson fields{{"alg", signer.alg}, {"nonce", nonce()}, {"url", url}};
    if (by_key || signer.account.empty()) {
      fields["jwk"] = signer.jwk;
    } else {
      fields["kid"] = signer.account;
    }
    return fields;
  }
  /// A good request with this payload. `url`: whole, or the part behind the origin.
  Response post_text(const Signer& signer, std::string_view url, std::string_view payload, bool by_key = false) {
    const std::string target(url.starts_with(origin) ? url.substr(origin.size()) : url);
    return send(target, signer.jws(header(signer, std::string(origin) + target, by_key), payload).dump());
  }
  Response post(const Signer& signer, std::string_view url, const TestJson& payload, bool by_key = false) {
    return post_text(signer, url, payload.dump(), by_key);
  }
  /// POST-as-GET.
  Response post(const Signer& signer, std::string_view url) { return post_text(signer, url, ""); }

  /// Registers the key.
  Response register_key(Signer& signer, const TestJson& payload = TestJson::object()) {
    Response response = post(signer, "/acme/new-account", payload, true);
    signer.account = response.fields.find("Location").value_or("");
    return response;
  }

  void keep() {
    for (const RecordChange& one : server->take_changes()) {
      if (one.text) files[{one.kind, one.id}] = *one.text;
      if (!one.text) files.erase({one.kind, one.id});
    }
    for (const Validation& one : server->take_validations()) {
      looked_at.push_back(one);
      if (looks) server->on_validated(one, seen, now);
    }
    for (const RecordChange& one : server->take_changes()) files[{one.kind, one.id}] = one.text.value_or("");
  }

  Result<std::string> sign(const IssueWanted& wanted) const {
    if (!signs) return broken(server_rules::server_internal, "out of ink");
    std::vector<x509::GeneralName> names;
    names.reserve(wanted.names.size());
    for (const std::string& one : wanted.names) names.push_back(general_name_of(make_identifier(one).value()));
    const x509::CertificateTemplate leaf{.subject = x509::make_name({}),
                                         .not_before = now.wall - std::chrono::hours(1),
                                         .not_after = now.wall + wanted.life,
                                         .key_usage = std::to_underlying(x509::KeyUsage::digitalSignature),
                                         .extended_key_usage = {der::oid::serverAuth},
                                         .subject_alternative_names = std::move(names)};
    const auto der = x509::issue_certificate(leaf, wanted.request->public_key, {*ca_, *ca_key_}, provider()).value();
    return der::write_pem("CERTIFICATE", der) + der::write_pem("CERTIFICATE", ca_->der);
  }

  Instant now{.monotonic = std::chrono::hours(100), .wall = test_now};
  std::vector<ChallengeType> challenges{ChallengeType::http_01, ChallengeType::tls_alpn_01, ChallengeType::dns_01};
  bool external_account_required = false;
  bool signs = true;
  bool looks = true;    ///< at names, at once
  Result<void> seen{};  ///< what it sees of them
  std::map<std::pair<RecordKind, std::string>, std::string> files;
  std::vector<Validation> looked_at;
  std::set<std::vector<std::uint8_t>> revoked;  ///< serial numbers
  std::unique_ptr<CaServer> server;

 private:
  std::shared_ptr<const crypto::PrivateKey> ca_key_ = make_key();
  std::shared_ptr<const x509::Certificate> ca_;
  std::string nonce_;
};

inline TestJson json_in(const Response& response) { return TestJson::parse(as_text(response.body), nullptr, false); }

inline TestJson names_of(const std::vector<std::string>& names) {
  TestJson list = TestJson::array();
  for (const std::string& name : names)
    list.push_back({{"type", x509::parse_ip_address(name) ? "ip" : "dns"}, {"value", name}});
  return {{"identifiers", list}};
}

}  // namespace padlock::acme::testing
