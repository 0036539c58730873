#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "padlock/acme/conversation.h"
#include "padlock/base/result.h"
#include "padlock/certs/acme_challenges.h"
#include "padlock/client/trust.h"
#include "padlock/net/awaitable.h"

namespace padlock::certs {

/// Has conversations with one ACME server, through our own client: HTTPS with a verified certificate, no redirects, and
/// answers no longer than the protocol's. One at a time.
class AcmeClient {
 public:
  /// `answers` outlives it.
  AcmeClient(acme::Session session, acme::AccountWish account, client::TrustOptions trust, ChallengeAnswers& answers)
      : session_(std::move(session)), account_(std::move(account)), trust_(std::move(trust)), answers_(&answers) {}

  const acme::Session& session() const { return session_; }

  /// Does the job to its end. Whatever was shown for it is hidden when this returns. Errors: those of the job, of the
  /// account, and of the fetch.
  /// `guard`: asked before each request; an error ends the job. Empty: nobody is asked.
  using Guard = std::function<net::Awaitable<Result<void>>()>;
  net::Awaitable<Result<void>> run(acme::Job& job, Guard guard = {});

  /// After an error: how long the server wants to be left alone.
  std::optional<std::chrono::seconds> retry_after() const { return retry_after_; }

 private:
  net::Awaitable<Result<void>> talk(acme::Conversation& conversation, const Guard& guard);
  net::Awaitable<Result<acme::Response>> send(const acme::Request& request);
  net::Awaitable<Result<void>> publish(std::vector<acme::ChallengeAnswer> answers);

  acme::Session session_;
  acme::AccountWish account_;
  client::TrustOptions trust_;
  ChallengeAnswers* answers_;
  std::vector<acme::ChallengeAnswer> shown_;
  std::optional<std::chrono::seconds> retry_after_;
};

}  // namespace padlock::certs
