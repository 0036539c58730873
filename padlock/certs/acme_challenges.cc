#include "padlock/certs/acme_challenges.h"

#include <utility>

#include "padlock/base/text.h"
#include "padlock/net/clock.h"

namespace padlock::certs {
namespace {

std::string path_of(const acme::ChallengeAnswer& answer) { return std::string(acme::http_01_folder) + answer.token; }

}  // namespace

net::Awaitable<Result<void>> ChallengeBoard::show(std::span<const acme::ChallengeAnswer> answers) {
  for (const acme::ChallengeAnswer& answer : answers) {
    const auto shown = show_one(answer);
    PADLOCK_CO_TRY(shown);
  }
  co_return Result<void>();
}

Result<void> ChallengeBoard::show_one(const acme::ChallengeAnswer& answer) {
  if (answer.type == acme::ChallengeType::http_01) {
    const std::scoped_lock lock(mutex_);
    contents_[path_of(answer)] = answer.key_authorization;
  }
  if (answer.type == acme::ChallengeType::tls_alpn_01) {
    auto made = PADLOCK_TRY(acme::make_tls_alpn_01_certificate(answer, *provider_, net::now().wall));
    auto credential = std::make_shared<tls::Credential>();
    credential->chain.push_back(std::move(made.der));
    credential->key = std::move(made.key);
    const std::scoped_lock lock(mutex_);
    certificates_[acme::tls_alpn_01_server_name(answer.identifier)] = std::move(credential);
  }
  return {};
}

net::Awaitable<void> ChallengeBoard::hide(std::span<const acme::ChallengeAnswer> answers) {
  const std::scoped_lock lock(mutex_);
  for (const acme::ChallengeAnswer& answer : answers) {
    if (answer.type == acme::ChallengeType::http_01) contents_.erase(path_of(answer));
    if (answer.type == acme::ChallengeType::tls_alpn_01)
      certificates_.erase(acme::tls_alpn_01_server_name(answer.identifier));
  }
  co_return;
}

std::optional<std::string> ChallengeBoard::content_at(std::string_view path) const {
  const std::scoped_lock lock(mutex_);
  const auto found = contents_.find(path);
  return found == contents_.end() ? std::nullopt : std::optional(found->second);
}

std::shared_ptr<const tls::Credential> ChallengeBoard::certificate_for(std::string_view server_name) const {
  const std::scoped_lock lock(mutex_);
  const auto found = certificates_.find(to_lower_ascii(server_name));
  return found == certificates_.end() ? nullptr : found->second;
}

}  // namespace padlock::certs
