#include "padlock/certs/shared_challenges.h"

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "padlock/acme/identifier.h"
#include "padlock/base/take_until.h"
#include "padlock/base/text.h"
#include "padlock/net/clock.h"

namespace padlock::certs {
namespace {

/// An order takes minutes at most; what a node leaves behind that has died ends then.
constexpr std::chrono::seconds challenge_life = std::chrono::minutes(15);
/// A node that has died counts for five seconds; whoever has not looked by then does not count.
constexpr std::chrono::seconds nodes_patience{6};
constexpr std::chrono::milliseconds look_after{50};

bool is_shown_here(const acme::ChallengeAnswer& answer) { return !acme::is_by_dns(answer.type); }

std::map<std::string, std::vector<acme::ChallengeAnswer>> by_identifier(
    std::span<const acme::ChallengeAnswer> answers) {
  std::map<std::string, std::vector<acme::ChallengeAnswer>> sorted;
  for (const acme::ChallengeAnswer& one : answers) {
    if (is_shown_here(one)) sorted[one.identifier.value].push_back(one);
  }
  return sorted;
}

}  // namespace

std::string write_challenges(std::span<const acme::ChallengeAnswer> answers, WallTime until) {
  std::string text = std::to_string(until.time_since_epoch().count()) + "\n";
  for (const acme::ChallengeAnswer& one : answers)
    text += std::string(acme::name_of(one.type)) + " " + one.token + " " + one.key_authorization + "\n";
  return text;
}

std::vector<acme::ChallengeAnswer> parse_challenges(std::string_view text, const StoreKey& key, WallTime now) {
  std::vector<acme::ChallengeAnswer> answers;
  const auto identifier = acme::make_identifier(key.name);
  const auto until = parse_decimal(take_until(text, '\n'));
  if (!identifier || !until || WallTime(std::chrono::seconds(*until)) <= now) return answers;
  while (!text.empty()) {
    std::string_view line = take_until(text, '\n');
    const auto type = acme::find_challenge_type(take_until(line, ' '));
    const std::string_view token = take_until(line, ' ');
    if (type && !token.empty() && !line.empty())
      answers.push_back({*type, *identifier, std::string(token), std::string(line)});
  }
  return answers;
}

// ---- who orders -----------------------------------------------------------------------------------------------------

net::Awaitable<Result<void>> SharedChallenges::show(std::span<const acme::ChallengeAnswer> answers) {
  auto here = co_await board_->show(answers);
  PADLOCK_CO_TRY(here);
  const auto sorted = by_identifier(answers);
  for (const auto& [name, some] : sorted) {
    const StoreKey key{Kind::challenge, ca_, name};
    const std::string text = write_challenges(some, net::now().wall + challenge_life);
    auto put = co_await store_->put(key, as_bytes(text), nullptr);
    PADLOCK_CO_TRY(put);
  }
  if (!sorted.empty()) co_return co_await wait_for_nodes();
  co_return Result<void>();
}

net::Awaitable<Result<void>> SharedChallenges::wait_for_nodes() {
  const auto begin = co_await store_->pulse("", 0);
  PADLOCK_CO_TRY(begin);
  asio::steady_timer timer(co_await asio::this_coro::executor);
  const auto end = net::deadline_in(nodes_patience);
  std::uint64_t seen = begin->seen_by_all;
  while (seen < begin->changes && std::chrono::steady_clock::now() < end) {
    timer.expires_after(look_after);
    std::error_code woken;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    const auto now = co_await store_->pulse("", 0);
    PADLOCK_CO_TRY(now);
    seen = now->seen_by_all;
  }
  co_return Result<void>();
}

net::Awaitable<void> SharedChallenges::hide(std::span<const acme::ChallengeAnswer> answers) {
  co_await board_->hide(answers);
  for (const auto& [name, some] : by_identifier(answers)) {
    const StoreKey key{Kind::challenge, ca_, name};
    const auto removed = co_await store_->remove(key, nullptr);
    static_cast<void>(removed);  // it ends by itself
  }
}

// ---- who is asked ---------------------------------------------------------------------------------------------------

net::Awaitable<Result<void>> SharedChallengesView::look() {
  const auto entries = co_await store_->versions(Kind::challenge);
  PADLOCK_CO_TRY(entries);
  std::set<std::string> there;
  for (const RedisStore::Entry& entry : *entries) {
    const std::string name = to_string(entry.key);
    there.insert(name);
    if (shown_.contains(name) && shown_.at(name).version == entry.version) continue;
    const auto value = co_await store_->get_versioned(entry.key);
    PADLOCK_CO_TRY(value);
    auto answers = *value ? parse_challenges(as_text((*value)->value.reveal()), entry.key, net::now().wall)
                          : std::vector<acme::ChallengeAnswer>();
    if (*value && answers.empty()) {  // whoever put it there is gone
      const auto removed = co_await store_->remove(entry.key, nullptr);
      static_cast<void>(removed);  // another node's try will do
    }
    Shown& shown = shown_[name];
    co_await board_->hide(shown.answers);
    shown = {entry.version, std::move(answers)};
    auto done = co_await board_->show(shown.answers);
    PADLOCK_CO_TRY(done);
  }
  for (auto one = shown_.begin(); one != shown_.end();) {
    if (there.contains(one->first)) {
      ++one;
      continue;
    }
    co_await board_->hide(one->second.answers);
    one = shown_.erase(one);
  }
  co_return Result<void>();
}

}  // namespace padlock::certs
