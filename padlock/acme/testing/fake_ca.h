#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/acme/conversation.h"
#include "padlock/crypto/provider.h"
#include "padlock/x509/issue.h"

namespace padlock::acme::testing {

/// An ACME server as a calculation, for tests: it checks each request as RFC 8555 asks, and its answers can be spoiled.
class FakeCa {
 public:
  static constexpr std::string_view directory_url = "https://ca.example.test/directory";

  explicit FakeCa(crypto::Provider& provider, WallTime now);

  Response answer(const Request& request, WallTime now);
  /// Who holds a name is seen by what was published.
  void publish(const PublishAnswers& published) { visible_ = published.answers; }

  // What it is like.
  bool wants_external_account = false;
  std::string terms_of_service{};
  int validations_pending = 1;  ///< looks until a validation is done
  int issues_processing = 1;    ///< looks until a certificate is there
  int nonces_to_refuse = 0;

  bool validates = true;
  std::set<std::string> offered{"http-01", "dns-01", "tls-alpn-01"};
  bool has_persistent_record = false;  ///< dns-persist-01: the record stands, for all names
  std::vector<std::string> issuer_domain_names{"ca.example.test", "other.example.test"};
  std::string persistent_account = std::string("https://ca.example.test/account/1");  ///< empty: it is not named
  /// Spoils an answer: by the first part of the path, as "directory", "nonce", "account", "order", "authorization",
  /// "challenge", "finalize", "certificate".
  std::function<void(std::string_view resource, Response& response)> spoil{};
  /// Another key or other names or times in the certificate.
  std::function<void(x509::CertificateTemplate& wanted, crypto::PublicKeyParts& key)> spoil_certificate{};

  // What it has seen.
  std::vector<std::string> requests{};  ///< "POST order", in order
  std::vector<std::string> payloads{};  ///< of the POSTs
  std::vector<std::string> mistakes{};  ///< what RFC 8555 forbids a client; empty: none
  std::string external_account{};       ///< the externalAccountBinding
  std::string account_jwk{};
  void forget_accounts() { account_jwk.clear(); }
  std::string certificate_pem() const { return chain_; }

 private:
  struct Post;
  Response directory() const;
  Response respond(std::string_view resource, const Request& request, WallTime now);
  Response post(std::string_view resource, std::string_view item, const Post& post, WallTime now);
  std::optional<Response> check(const Request& request, std::string_view resource, Post& post);
  Response account(const Post& post);
  Response new_order(const Post& post);
  Response order() const;
  Response look_at_order();
  Response authorization(std::size_t number);
  Response finalize(const Post& post, WallTime now);
  void issue(Bytes request, WallTime now);
  std::string new_nonce();

  crypto::Provider* provider_;
  std::shared_ptr<const crypto::PrivateKey> ca_key_;
  std::shared_ptr<const x509::Certificate> ca_;
  std::set<std::string> nonces_;
  unsigned nonce_count_ = 0;
  std::vector<Identifier> identifiers_;
  std::string order_status_;
  std::vector<std::string> authorization_status_;
  std::map<std::size_t, int> looks_;
  int processing_ = 0;
  std::vector<ChallengeAnswer> visible_;
  std::string chain_;
};

/// A response with a JSON text.
Response json_response(int status, std::string_view text);
/// A refusal: "urn:ietf:params:acme:error:" and the type.
Response problem_response(int status, std::string_view type, std::string_view detail);

/// Has a conversation with the server until it ends; waits cost nothing but time on the clock, which goes on.
Result<void> talk(Conversation& conversation, FakeCa& ca, Instant& now);

}  // namespace padlock::acme::testing
