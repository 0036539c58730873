#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "padlock/base/text.h"
#include "padlock/http/message/message.h"
#include "padlock/net/files.h"
#include "padlock/server/names.h"
#include "padlock/server/response_plan.h"

namespace padlock::server {

/// What goes back to the client: the plan, and the open file that its body is a part of.
struct Answer {
  ResponsePlan plan;
  std::optional<net::File> file{};  ///< there if `plan.file` is
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

/// A folder's files for a site's names: GET and HEAD (docs/threats.md, H7 to H9).
class FolderHandler final : public Handler {
 public:
  FolderHandler(net::Folder folder, Names names) : folder_(std::move(folder)), names_(std::move(names)) {}
  Answer answer(const http::Request& request, WallTime now) const override;

 private:
  net::Folder folder_;
  Names names_;
};

/// Plain http: sends every request for one of the names to its https address, but for what is answered here.
class RedirectHandler final : public Handler {
 public:
  RedirectHandler(Names names, std::uint16_t https_port, std::shared_ptr<const PlainAnswers> plain = nullptr)
      : names_(std::move(names)), https_port_(https_port), plain_(std::move(plain)) {}
  Answer answer(const http::Request& request, WallTime now) const override;
  std::size_t body_limit(const http::Request& request) const override;
  Answer answer_with_body(const http::Request& request, Bytes body, WallTime now) const override;

 private:
  Names names_;
  std::uint16_t https_port_;
  std::shared_ptr<const PlainAnswers> plain_;  ///< none: everything is redirected
};

/// Plain http on the port that speaks TLS: 400 and the end, whatever was asked for.
class WrongPortHandler final : public Handler {
 public:
  Answer answer(const http::Request& request, WallTime now) const override;
};

}  // namespace padlock::server
