#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <asio/any_io_executor.hpp>

#include "padlock/base/text.h"
#include "padlock/http/limits.h"
#include "padlock/http/message/message.h"
#include "padlock/net/awaitable.h"
#include "padlock/server/body.h"
#include "padlock/server/response_plan.h"

namespace padlock::server {

/// What goes back to the client: the plan, and what the parts of its body are parts of.
struct Answer {
  ResponsePlan plan;
  Content content{};
  bool instead = false;  ///< of what the route's handler would say

  Body take_body() { return {plan, std::move(content)}; }
};

class Exchange;

/// Answers requests. Immutable and shared by all workers.
class Handler {
 public:
  virtual ~Handler() = default;
  /// Answers this request, and waits for what it takes. An error before a head is sent is answered by the status of its
  /// rule; after it, the response is cut off so that the client sees it.
  virtual net::Awaitable<Result<void>> handle(Exchange& exchange) const = 0;
  /// The answer, where the head alone tells it and nothing need be waited for: it is sent without a coroutine.
  virtual std::optional<Answer> answer_at_once(const http::Request&, WallTime) const { return std::nullopt; }
  /// Begins what is to run besides, once for all workers however often it is called.
  virtual void start(const asio::any_io_executor&) const {}
  /// How long a body a request of this kind may bring; a longer one is answered by 413.
  virtual std::uint64_t body_limit(const http::Request&) const { return http::limits::request_body_bytes; }
};

/// A handler that never waits.
class PromptHandler : public Handler {
 public:
  virtual Answer answer(const http::Request& request, WallTime now) const = 0;
  net::Awaitable<Result<void>> handle(Exchange& exchange) const final;
  std::optional<Answer> answer_at_once(const http::Request& request, WallTime now) const final {
    return answer(request, now);
  }
};

/// What a site answers in plain http itself: who wants to know whether a certificate is revoked cannot ask over TLS
/// before he knows. Immutable to its callers and shared by all workers.
class PlainAnswers {
 public:
  virtual ~PlainAnswers() = default;
  /// Bytes of body that such a request may bring; nothing: it is none of these, and redirected.
  virtual std::optional<std::size_t> body_limit(const http::Request& request) const = 0;
  virtual ResponsePlan answer(const http::Request& request, Bytes body, WallTime now) const = 0;
};

/// Plain http: every request is sent to its https address.
class HttpsRedirectHandler final : public PromptHandler {
 public:
  explicit HttpsRedirectHandler(std::uint16_t https_port) : https_port_(https_port) {}
  Answer answer(const http::Request& request, WallTime now) const override;

 private:
  std::uint16_t https_port_;
};

/// What plain http answers itself.
class PlainAnswersHandler final : public Handler {
 public:
  explicit PlainAnswersHandler(std::shared_ptr<const PlainAnswers> answers) : answers_(std::move(answers)) {}
  net::Awaitable<Result<void>> handle(Exchange& exchange) const override;
  std::uint64_t body_limit(const http::Request& request) const override;

 private:
  std::shared_ptr<const PlainAnswers> answers_;
};

/// Plain http on the port that speaks TLS: 400 and the end, whatever was asked for.
class WrongPortHandler final : public PromptHandler {
 public:
  Answer answer(const http::Request& request, WallTime now) const override;
};

}  // namespace padlock::server
