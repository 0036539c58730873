#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "padlock/ca/local_ca.h"
#include "padlock/server/handler.h"

namespace padlock::cli {

/// The local CA's answers in plain http: revocation lists, OCSP (RFC 6960, appendix A) and the issuers' certificates,
/// below ca::answers_path. They are public, so they are given under any host name.
class RevocationPages final : public server::PlainAnswers {
 public:
  /// From then on these count. From any thread.
  void replace(std::shared_ptr<const ca::StatusAnswers> answers);

  std::optional<std::size_t> body_limit(const http::Request& request) const override;
  server::ResponsePlan answer(const http::Request& request, Bytes body, WallTime now) const override;

 private:
  std::shared_ptr<const ca::StatusAnswers> answers() const;

  mutable std::mutex mutex_;  ///< held for the copy of a pointer
  std::shared_ptr<const ca::StatusAnswers> answers_;
};

/// Keeps the pages as new as the CA's files are.
class RevocationService {
 public:
  /// For the CA in this state folder; null if there is none, or none with a URL. Errors: those of LocalCa.
  static Result<std::unique_ptr<RevocationService>> open(const std::filesystem::path& state);

  const std::shared_ptr<RevocationPages>& pages() const { return pages_; }
  const std::string& url() const { return ca_->settings().url; }
  /// Makes the answers anew if something was issued or revoked, or if they have become old. Error: the old ones stay.
  Result<void> refresh();

 private:
  RevocationService() = default;

  std::unique_ptr<crypto::Provider> provider_ = crypto::make_provider();
  std::optional<ca::LocalCa> ca_;
  std::shared_ptr<RevocationPages> pages_ = std::make_shared<RevocationPages>();
  std::string state_of_files_;
  WallTime made_at_{};
};

}  // namespace padlock::cli
