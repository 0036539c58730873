#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "padlock/acme/challenge.h"
#include "padlock/base/result.h"
#include "padlock/crypto/provider.h"
#include "padlock/net/awaitable.h"
#include "padlock/tls/config.h"

namespace padlock::certs {

/// Where answers to challenges are made visible, for as long as an order waits for them.
class ChallengeAnswers {
 public:
  virtual ~ChallengeAnswers() = default;
  /// When it returns, whoever asks sees them. After an error some may be visible: `hide` them.
  virtual net::Awaitable<Result<void>> show(std::span<const acme::ChallengeAnswer> answers) = 0;
  virtual net::Awaitable<void> hide(std::span<const acme::ChallengeAnswer> answers) = 0;
};

/// The answers of http-01 and tls-alpn-01 that a server in this process gives. Its look-ups are for any thread; the
/// others for one.
class ChallengeBoard final : public ChallengeAnswers {
 public:
  /// `provider` outlives it.
  explicit ChallengeBoard(crypto::Provider& provider) : provider_(&provider) {}

  /// Errors: those of making certificates.
  net::Awaitable<Result<void>> show(std::span<const acme::ChallengeAnswer> answers) override;
  net::Awaitable<void> hide(std::span<const acme::ChallengeAnswer> answers) override;

  /// http-01: what stands at this path; nothing: no challenge of ours.
  std::optional<std::string> content_at(std::string_view path) const;
  /// tls-alpn-01: what is shown under this name; null: nothing.
  std::shared_ptr<const tls::Credential> certificate_for(std::string_view server_name) const;

 private:
  Result<void> show_one(const acme::ChallengeAnswer& answer);

  crypto::Provider* provider_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string, std::less<>> contents_;  ///< by path
  std::map<std::string, std::shared_ptr<const tls::Credential>, std::less<>> certificates_;
};

}  // namespace padlock::certs
