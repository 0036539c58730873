#pragma once

#include <optional>
#include <string>

#include "padlock/server/handler.h"
#include "padlock/server/route/paths.h"

namespace padlock::server {

/// Where requests are sent.
struct RedirectTarget {
  /// "https://www.example.com", "https://www.example.com/shop" or, at the same origin, "/shop".
  std::string base;
  int status = 308;
  bool keep_path = true;  ///< the request's path and query follow the base
  friend bool operator==(const RedirectTarget&, const RedirectTarget&) = default;
};

/// Sends every request elsewhere (RFC 9110, section 15.4).
class ElsewhereHandler final : public PromptHandler {
 public:
  explicit ElsewhereHandler(RedirectTarget target, std::optional<PathMap> map = std::nullopt)
      : target_(std::move(target)), map_(std::move(map)) {}
  Answer answer(const http::Request& request, WallTime now) const override;

 private:
  RedirectTarget target_;
  std::optional<PathMap> map_;  ///< of the path that follows
};

/// The same answer to every request.
struct FixedResponse {
  std::string text;
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  friend bool operator==(const FixedResponse&, const FixedResponse&) = default;
};

class FixedHandler final : public PromptHandler {
 public:
  explicit FixedHandler(FixedResponse response) : response_(std::move(response)) {}
  Answer answer(const http::Request& request, WallTime now) const override;

 private:
  FixedResponse response_;
};

/// A part of a site where there is nothing: 404.
class NothingHandler final : public PromptHandler {
 public:
  Answer answer(const http::Request& request, WallTime now) const override;
};

}  // namespace padlock::server
