#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "padlock/base/text.h"
#include "padlock/http/message/message.h"
#include "padlock/server/body.h"
#include "padlock/server/response_plan.h"

namespace padlock::server {

/// What goes back to the client: the plan, and what the parts of its body are parts of.
struct Answer {
  ResponsePlan plan;
  Content content{};

  Body take_body() { return {plan, std::move(content)}; }
};

/// Answers requests. Immutable and shared by all workers.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual Answer answer(const http::Request& request, WallTime now) const = 0;

  /// Bytes of body that a request of this kind may bring to `answer_with_body`; 0: its body is not looked at.
  virtual std::size_t body_limit(const http::Request&) const { return 0; }
  virtual Answer answer_with_body(const http::Request& request, Bytes, WallTime now) const {
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

/// A site that is elsewhere: every request is sent to the same target at another origin.
class ElsewhereHandler final : public Handler {
 public:
  explicit ElsewhereHandler(std::string origin) : origin_(std::move(origin)) {}
  Answer answer(const http::Request& request, WallTime now) const override;

 private:
  std::string origin_;
};

/// Another handler's answers with fields that its site has on all of them.
class HandlerWithFields final : public Handler {
 public:
  HandlerWithFields(std::shared_ptr<const Handler> inner, std::vector<http::Field> fields)
      : inner_(std::move(inner)), fields_(std::move(fields)) {}
  Answer answer(const http::Request& request, WallTime now) const override;
  std::size_t body_limit(const http::Request& request) const override { return inner_->body_limit(request); }
  Answer answer_with_body(const http::Request& request, Bytes body, WallTime now) const override;

 private:
  Answer with_fields(Answer answer) const;

  std::shared_ptr<const Handler> inner_;
  std::vector<http::Field> fields_;
};

/// Plain http: every request is sent to its https address.
class HttpsRedirectHandler final : public Handler {
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
  Answer answer(const http::Request& request, WallTime now) const override;
  std::size_t body_limit(const http::Request& request) const override;
  Answer answer_with_body(const http::Request& request, Bytes body, WallTime now) const override;

 private:
  std::shared_ptr<const PlainAnswers> answers_;
};

/// Plain http on the port that speaks TLS: 400 and the end, whatever was asked for.
class WrongPortHandler final : public Handler {
 public:
  Answer answer(const http::Request& request, WallTime now) const override;
};

}  // namespace padlock::server
