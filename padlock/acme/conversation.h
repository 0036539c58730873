#pragma once

#include <chrono>
#include <optional>
#include <variant>

#include "padlock/acme/job.h"

namespace padlock::acme {

/// The caller sends the request and hands over what comes back.
struct SendRequest {
  Request request;
};
/// What the caller does next. After SendRequest it calls `on_response`, after PublishAnswers and WaitFor `go_on`.
using Action = std::variant<SendRequest, PublishAnswers, WaitFor, Finished>;

/// One job with one ACME server, from the first request to the last: a calculation. Directory, account and nonces are
/// had on the way where the session lacks them; an account that the server has forgotten is registered once more.
/// After an error it is over. Session and job outlive it.
class Conversation {
 public:
  Conversation(Session& session, Job& job, AccountWish account)
      : session_(&session), job_(&job), registration_(std::move(account)) {}

  /// The first action.
  Result<Action> begin(Instant now);
  Result<Action> on_response(const Response& response, Instant now);
  Result<Action> go_on(Instant now);

  /// After an error: how long the server wants to be left alone, if it says (RFC 8555, section 6.6).
  std::optional<std::chrono::seconds> retry_after() const { return retry_after_; }

 private:
  enum class Stage : std::uint8_t { directory, account, job };

  Result<Action> enter(Stage stage, Instant now);
  Result<Action> act(Result<Step> step, Instant now);
  Result<Action> on_reply(const Reply& reply, Instant now);
  Result<Action> on_refusal(const Refusal& refusal, Instant now);
  bool has_forgotten_account(const Refusal& refusal) const;

  Session* session_;
  Job* job_;
  Registration registration_;
  Stage stage_ = Stage::directory;
  std::optional<Call> call_;
  std::optional<std::chrono::seconds> retry_after_;
  bool registered_ = false;  ///< in this conversation: once is enough
};

}  // namespace padlock::acme
