#pragma once

#include <memory>

#include "padlock/server/handler.h"
#include "padlock/server/route/paths.h"

namespace padlock::server {

/// Asks another handler for other paths: "/new/x" where the client wants "/old/x", and leads clients by the paths that
/// they know.
class MappedHandler final : public PromptHandler {
 public:
  MappedHandler(std::shared_ptr<const PromptHandler> handler, PathMap map)
      : handler_(std::move(handler)), map_(std::move(map)) {}
  Answer answer(const http::Request& request, WallTime now) const override;

 private:
  std::shared_ptr<const PromptHandler> handler_;
  PathMap map_;
};

}  // namespace padlock::server
