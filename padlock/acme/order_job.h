#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "padlock/acme/job.h"

namespace padlock::acme {

/// A certificate to order.
struct OrderWish {
  std::vector<Identifier> identifiers;  ///< of make_identifiers: sorted, none twice
  std::vector<ChallengeType> challenges{ChallengeType::tls_alpn_01, ChallengeType::http_01};  ///< best first
  std::shared_ptr<const crypto::PrivateKey> key;  ///< the certificate's, not the account's
  std::string profile{};                          ///< empty: the CA's choice
  std::string replaces{};        ///< of renewal_identifier: the certificate that is renewed (RFC 9773, section 5)
  std::string preferred_root{};  ///< part of a root's common name, for a choice among chains; empty: the first
};

/// The states of an order (RFC 8555, section 7.1.6), each with what is known by then.
namespace order_states {

struct Ordered {};  ///< newOrder is asked for
/// Authorizations are read, one after the other.
struct Reading {
  std::string order_url;
  Order order;
  std::vector<Authorization> read;
};
/// One name that is to be shown.
struct Proof {
  std::string authorization_url;
  Identifier identifier;
  Challenge challenge;
};
/// The answers are being made visible; without any, what was visible goes.
struct Publishing {
  std::string order_url;
  std::vector<Proof> proofs;
};
/// The server is told to look, a challenge a call.
struct Announcing : Publishing {
  std::size_t next = 0;
};
/// The server looks: the authorizations are asked for until each is valid.
struct Validating : Publishing {
  std::size_t next = 0;
  std::chrono::nanoseconds give_up_at{};
  std::optional<Error> failure{};  ///< of the first name that was not found shown
};
/// The server is told to sign, once, and asked whether it has.
struct Finalizing {
  std::string order_url;
  bool told = false;
  std::chrono::nanoseconds give_up_at{};
};
/// The chain is fetched, then others, until the wanted root is found.
struct Downloading {
  std::vector<std::string> alternates;
  std::optional<CertificateChain> first;
};

}  // namespace order_states

/// One certificate, from the order to the chain (RFC 8555, section 7.4).
/// Errors: every rule about orders, authorizations and certificates.
class OrderJob final : public Job {
 public:
  /// `provider` outlives it.
  OrderJob(OrderWish wish, crypto::Provider& provider) : wish_(std::move(wish)), provider_(&provider) {}

  Result<Step> begin(Session& session, Instant now) override;
  Result<Step> on_reply(const Reply& reply, Session& session, Instant now) override;
  Result<Step> go_on(Session& session, Instant now) override;
  Result<Step> on_refusal(const Refusal& refusal, Session& session, Instant now) override;

  /// Once finished: it is for the wanted key and names, and valid now.
  const std::optional<CertificateChain>& chain() const { return chain_; }
  /// The URL of the order, once the server is told to sign it (RFC 8555, section 7.4); null: not yet.
  const std::string* finalized_order() const {
    const auto* const state = std::get_if<order_states::Finalizing>(&state_);
    return state != nullptr && state->told ? &state->order_url : nullptr;
  }
  /// Names that the server looked at and did not find shown: they count against its limits (docs/threats.md, A5).
  const std::vector<Identifier>& failed() const { return failed_; }

 private:
  using State =
      std::variant<order_states::Ordered, order_states::Reading, order_states::Publishing, order_states::Announcing,
                   order_states::Validating, order_states::Finalizing, order_states::Downloading>;

  Result<Step> take(order_states::Ordered state, const Reply& reply, Session& session, Instant now);
  Result<Step> take(order_states::Reading state, const Reply& reply, Session& session, Instant now);
  Result<Step> take(const order_states::Publishing& state, const Reply& reply, Session& session, Instant now);
  Result<Step> take(order_states::Announcing state, const Reply& reply, Session& session, Instant now);
  Result<Step> take(order_states::Validating state, const Reply& reply, Session& session, Instant now);
  Result<Step> take(order_states::Finalizing state, const Reply& reply, Session& session, Instant now);
  Result<Step> take(order_states::Downloading state, const Reply& reply, Session& session, Instant now);

  Result<Step> order(const Session& session);
  Result<Step> read_next(order_states::Reading state, const Session& session);
  Result<Step> publish(const order_states::Reading& state, const Session& session);
  Result<Step> announce_next(order_states::Announcing state, Instant now);
  Result<Step> look_at_next(order_states::Validating state);
  Result<Step> look_at_order(order_states::Finalizing state);
  Result<Step> finalize(order_states::Finalizing state, const std::string& finalize_url);
  Result<Step> download(order_states::Downloading state, std::string url);
  Result<Step> choose(order_states::Downloading state, const Session& session);

  OrderWish wish_;
  crypto::Provider* provider_;
  State state_;
  std::optional<CertificateChain> chain_;
  std::vector<Identifier> failed_;
};

}  // namespace padlock::acme
