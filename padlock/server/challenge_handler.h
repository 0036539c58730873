#pragma once

#include <memory>

#include "padlock/certs/acme_challenges.h"
#include "padlock/server/handler.h"

namespace padlock::server {

/// Pending challenges of http-01 (RFC 8555, section 8.3), under any host name: the ACME server names the one that it
/// looks at, and what it shall find says nothing to anybody else.
class ChallengeHandler final : public PromptHandler {
 public:
  explicit ChallengeHandler(std::shared_ptr<const certs::ChallengeBoard> challenges)
      : challenges_(std::move(challenges)) {}
  Answer answer(const http::Request& request, WallTime now) const override;

 private:
  std::shared_ptr<const certs::ChallengeBoard> challenges_;
};

}  // namespace padlock::server
