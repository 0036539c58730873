#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "padlock/acme/certificate_chain.h"
#include "padlock/acme/session.h"

// What can be asked of an ACME server. A job says what comes next and takes what came of it; `Conversation` drives it.

namespace padlock::acme {

/// The caller makes these answers visible, to everybody that may ask, and goes on. What was published before and is not
/// among them is over.
struct PublishAnswers {
  std::vector<ChallengeAnswer> answers;
};
/// The caller waits so long and goes on.
struct WaitFor {
  std::chrono::seconds duration;
};
struct Finished {};
/// What a job wants next.
using Step = std::variant<Call, PublishAnswers, WaitFor, Finished>;

class Job {
 public:
  Job() = default;
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;
  virtual ~Job() = default;

  /// True: an account is registered, or looked up, before `begin`.
  virtual bool needs_account() const { return true; }
  /// The directory is there. May be called again, when the server has forgotten the account.
  virtual Result<Step> begin(Session& session, Instant now) = 0;
  /// What came of the last Call.
  virtual Result<Step> on_reply(const Reply& reply, Session& session, Instant now) = 0;
  /// The last PublishAnswers or WaitFor is done.
  virtual Result<Step> go_on(Session& /*session*/, Instant /*now*/) { return Finished{}; }
  /// The last Call was refused: an error, unless there is another way.
  virtual Result<Step> on_refusal(const Refusal& refusal, Session& /*session*/, Instant /*now*/) {
    return std::unexpected(refusal.error);
  }
};

/// What an account is registered with (RFC 8555, section 7.3).
struct AccountWish {
  std::string email{};  ///< empty: the CA cannot write to anybody
  bool terms_of_service_agreed = false;
  std::shared_ptr<const ExternalAccount> external{};
};

/// Registers the session's key, or finds the account that it has (RFC 8555, sections 7.3, 7.3.1 and 7.3.4).
/// Errors: `rules::terms_not_agreed`, `account_binding_required`, `account_unusable`, `location_missing`.
class Registration final : public Job {
 public:
  explicit Registration(AccountWish wish) : wish_(std::move(wish)) {}
  bool needs_account() const override { return false; }
  Result<Step> begin(Session& session, Instant now) override;
  Result<Step> on_reply(const Reply& reply, Session& session, Instant now) override;

 private:
  AccountWish wish_;
};

/// Has the directory, and an account, and nothing more.
class Introduction final : public Job {
 public:
  Result<Step> begin(Session& /*session*/, Instant /*now*/) override { return Finished{}; }
  Result<Step> on_reply(const Reply& /*reply*/, Session& /*session*/, Instant /*now*/) override { return Finished{}; }
};

/// Gives the account another key (RFC 8555, section 7.3.5); the session goes on with it.
class KeyRollover final : public Job {
 public:
  explicit KeyRollover(AccountKey next) : next_(std::move(next)) {}
  Result<Step> begin(Session& session, Instant now) override;
  Result<Step> on_reply(const Reply& reply, Session& session, Instant now) override;

 private:
  AccountKey next_;
};

/// CRLReason (RFC 5280, section 5.3.1), those that a certificate's owner may give.
enum class RevocationReason : std::uint8_t {
  unspecified = 0,
  keyCompromise = 1,
  affiliationChanged = 3,
  superseded = 4,
  cessationOfOperation = 5,
};
/// Revokes a certificate of the account's (RFC 8555, section 7.6); one that is revoked already is no error.
class Revocation final : public Job {
 public:
  Revocation(std::vector<std::uint8_t> certificate, RevocationReason reason)
      : certificate_(std::move(certificate)), reason_(reason) {}
  Result<Step> begin(Session& session, Instant now) override;
  Result<Step> on_reply(const Reply& reply, Session& session, Instant now) override;
  Result<Step> on_refusal(const Refusal& refusal, Session& session, Instant now) override;

 private:
  std::vector<std::uint8_t> certificate_;
  RevocationReason reason_;
};

/// Asks when a certificate should be renewed (RFC 9773, section 4). Error: `rules::not_offered`.
class RenewalInquiry final : public Job {
 public:
  explicit RenewalInquiry(std::string identifier) : identifier_(std::move(identifier)) {}
  bool needs_account() const override { return false; }
  Result<Step> begin(Session& session, Instant now) override;
  Result<Step> on_reply(const Reply& reply, Session& session, Instant now) override;

  /// Once finished: the window, and when to ask again (section 4.3.2), if the server says it.
  const std::optional<RenewalInfo>& info() const { return info_; }
  std::optional<std::chrono::seconds> ask_again_in() const { return ask_again_in_; }

 private:
  std::string identifier_;
  std::optional<RenewalInfo> info_;
  std::optional<std::chrono::seconds> ask_again_in_;
};

}  // namespace padlock::acme
