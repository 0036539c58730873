#include "padlock/acme/conversation.h"

#include <cassert>
#include <utility>

namespace padlock::acme {

Result<Action> Conversation::begin(Instant now) {
  return enter(session_->directory() ? Stage::account : Stage::directory, now);
}

/// Goes to a stage, or past it where there is nothing to do.
Result<Action> Conversation::enter(Stage stage, Instant now) {
  stage_ = stage;
  switch (stage) {
    case Stage::directory:
      return act(Call{.url = session_->directory_url(), .signing = Call::Signing::none, .doing = "the directory"}, now);
    case Stage::account:
      if (!job_->needs_account() || !session_->account_url().empty()) return enter(Stage::job, now);
      registered_ = true;
      return act(registration_.begin(*session_, now), now);
    case Stage::job: break;
  }
  return act(job_->begin(*session_, now), now);
}

/// What a step means for the caller.
Result<Action> Conversation::act(Result<Step> step, Instant now) {
  Step next = PADLOCK_TRY(std::move(step));
  call_.reset();
  if (auto* const call = std::get_if<Call>(&next)) {
    call_ = std::move(*call);
    session_->begin_call();
    return SendRequest{PADLOCK_TRY(session_->request_for(*call_))};
  }
  if (auto* const publish = std::get_if<PublishAnswers>(&next)) return std::move(*publish);
  if (auto* const wait = std::get_if<WaitFor>(&next)) return *wait;
  if (stage_ == Stage::account) return enter(Stage::job, now);
  return Finished{};
}

Result<Action> Conversation::on_response(const Response& response, Instant now) {
  assert(call_);
  auto outcome = PADLOCK_TRY(session_->take(*call_, response, now));
  if (auto* const reply = std::get_if<Reply>(&outcome)) return on_reply(*reply, now);
  if (auto* const refusal = std::get_if<Refusal>(&outcome)) return on_refusal(*refusal, now);
  return SendRequest{PADLOCK_TRY(session_->request_for(*call_))};
}

Result<Action> Conversation::on_reply(const Reply& reply, Instant now) {
  switch (stage_) {
    case Stage::directory:
      session_->set_directory(PADLOCK_TRY(parse_directory(reply.body, session_->origin())));
      return enter(Stage::account, now);
    case Stage::account: return act(registration_.on_reply(reply, *session_, now), now);
    case Stage::job: break;
  }
  return act(job_->on_reply(reply, *session_, now), now);
}

bool Conversation::has_forgotten_account(const Refusal& refusal) const {
  return stage_ == Stage::job && !registered_ && refusal.problem && refusal.problem->type == "accountDoesNotExist";
}

Result<Action> Conversation::on_refusal(const Refusal& refusal, Instant now) {
  if (has_forgotten_account(refusal)) {
    session_->forget_account();
    return enter(Stage::account, now);
  }
  retry_after_ = refusal.retry_after;
  if (stage_ != Stage::job) return std::unexpected(refusal.error);
  return act(job_->on_refusal(refusal, *session_, now), now);
}

Result<Action> Conversation::go_on(Instant now) { return act(job_->go_on(*session_, now), now); }

}  // namespace padlock::acme
