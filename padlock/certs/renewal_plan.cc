#include "padlock/certs/renewal_plan.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "padlock/base/text.h"
#include "padlock/certs/limits.h"
#include "padlock/crypto/hash.h"

namespace padlock::certs {
namespace {

/// A number from 0 to below 1 that is a name's own: the same on each day and each node, so that nothing needs to be
/// remembered for it.
double fraction_of(std::string_view name, std::string_view purpose) {
  const std::string text = std::string(purpose) + " " + std::string(name);
  const crypto::Digest digest = crypto::hash_of(crypto::HashAlgorithm::sha256, as_bytes(text));
  std::uint32_t number = 0;
  for (const std::uint8_t byte : digest.bytes().first(4)) number = number << 8 | byte;
  return number / 4294967296.0;
}

std::chrono::seconds part(std::chrono::seconds whole, double fraction) {
  return std::chrono::seconds(static_cast<std::chrono::seconds::rep>(static_cast<double>(whole.count()) * fraction));
}

/// Forgets what lies further back than `span`, and says how many are left.
std::size_t count_within(std::deque<std::chrono::nanoseconds>& times, std::chrono::nanoseconds span, Instant now) {
  while (!times.empty() && times.front() + span <= now.monotonic) times.pop_front();
  return times.size();
}

/// When it may be tried: after a failure not before `next_try`. That lies never further ahead than a backoff: else the
/// clock was set back since it was written (docs/threats.md, A7).
bool may_try(const RenewalState& state, WallTime now) {
  return now >= state.next_try || state.next_try - now > longest_retry_after;
}

}  // namespace

// ---- one certificate ------------------------------------------------------------------------------------------------

WallTime renew_at(const RenewalState& state, std::string_view name) {
  if (!state.exists()) return WallTime{};
  const double place = fraction_of(name, "renewal");
  if (state.window) return state.window->start + part(state.window->end - state.window->start, place);
  const std::chrono::seconds life = state.not_after - state.not_before;
  const std::chrono::seconds left = life < short_life ? life / 2 : life / 3;
  return state.not_after - left - part(left, renewal_spread * place);
}

std::chrono::seconds backoff(unsigned failures, std::string_view name,
                             std::optional<std::chrono::seconds> retry_after) {
  std::chrono::seconds wait = first_backoff;
  for (unsigned at = 1; at < failures && wait < last_backoff; ++at) wait *= 2;
  wait = std::min<std::chrono::seconds>(wait, last_backoff);
  wait += part(wait, 0.25 * fraction_of(name, "backoff " + std::to_string(failures)));
  return std::max(wait, std::min<std::chrono::seconds>(retry_after.value_or(wait), longest_retry_after));
}

std::string write_renewal_state(const RenewalState& state) {
  const RenewalWindow window = state.window.value_or(RenewalWindow{});
  std::string text;
  for (const WallTime time :
       {state.not_before, state.not_after, window.start, window.end, state.ask_at, state.next_try})
    text += std::to_string(time.time_since_epoch().count()) + " ";
  return text + std::to_string(state.failures) + "\n";
}

std::optional<RenewalState> parse_renewal_state(std::string_view text) {
  std::array<std::int64_t, 7> numbers{};
  if (!text.ends_with('\n')) return std::nullopt;
  text.remove_suffix(1);
  for (std::size_t at = 0; at < numbers.size(); ++at) {
    const std::string_view one = text.substr(0, text.find(' '));
    const auto number = parse_decimal(one);  // no time before 1970 is ever written
    if (!number || *number > std::uint64_t{1} << 40) return std::nullopt;
    numbers[at] = static_cast<std::int64_t>(*number);
    const bool last = at + 1 == numbers.size();
    if (last != (one.size() == text.size())) return std::nullopt;
    if (!last) text.remove_prefix(one.size() + 1);
  }
  const auto time = [&](std::size_t at) { return WallTime(std::chrono::seconds(numbers[at])); };
  RenewalState state{.not_before = time(0), .not_after = time(1), .ask_at = time(4), .next_try = time(5)};
  if (time(3) > time(2)) state.window = RenewalWindow{time(2), time(3)};
  state.failures = static_cast<unsigned>(std::min<std::int64_t>(numbers[6], 1000));
  return state;
}

// ---- all of them ----------------------------------------------------------------------------------------------------

const RenewalState* RenewalPlan::find(const std::string& name) const {
  const auto found = states_.find(name);
  return found == states_.end() ? nullptr : &found->second.state;
}

/// When the limits allow another order, on the monotonic clock: so many orders ago is long enough ago.
std::chrono::nanoseconds RenewalPlan::next_order_allowed(Instant now) const {
  std::chrono::nanoseconds at = now.monotonic;
  const auto keep_apart = [&](std::size_t most, std::chrono::nanoseconds span) {
    if (orders_.size() >= most) at = std::max(at, orders_[orders_.size() - most] + span);
  };
  keep_apart(orders_in_burst, burst_span);
  keep_apart(orders_in_span, orders_span);
  return at;
}

/// Whether the limits allow another one of this kind, and fewer are under way than may be at one time.
bool RenewalPlan::may_order(bool needed_now, Instant now) const {
  const auto of_kind = static_cast<std::size_t>(
      std::ranges::count(under_way_, needed_now, [](const auto& one) { return one.second.needed_now; }));
  const std::size_t most_of_kind = needed_now || leaves_room_ ? orders_of_a_kind : orders_at_once;
  return under_way_.size() < orders_at_once && of_kind < most_of_kind && next_order_allowed(now) <= now.monotonic;
}

bool RenewalPlan::may_validate(const std::string& name, Instant now) {
  const auto found = failed_validations_.find(name);
  if (found == failed_validations_.end()) return true;
  if (count_within(found->second, validations_span, now) >= failed_validations_in_span) return false;
  if (found->second.empty()) failed_validations_.erase(found);
  return true;
}

std::optional<std::string> RenewalPlan::next_order(Instant now) {
  if (!may_order(false, now)) return std::nullopt;
  const std::string* best = nullptr;
  WallTime best_at{};
  for (const auto& [name, kept] : states_) {
    const bool due = kept.due <= now.wall && may_try(kept.state, now.wall) && !under_way_.contains(name);
    if (due && (best == nullptr || kept.due < best_at) && may_validate(name, now)) {
      best = &name;
      best_at = kept.due;
    }
  }
  if (best == nullptr) return std::nullopt;
  std::string name = *best;
  note_order(name, false, now);
  return name;
}

bool RenewalPlan::order_now(const std::string& name, Instant now) {
  if (!may_order(true, now) || under_way_.contains(name)) return false;
  note_order(name, true, now);
  return true;
}

void RenewalPlan::note_order(const std::string& name, bool needed_now, Instant now) {
  static_cast<void>(count_within(orders_, orders_span, now));
  orders_.push_back(now.monotonic);
  under_way_[name] = {now.monotonic, needed_now};
}

void RenewalPlan::forget(const std::string& name) {
  states_.erase(name);
  under_way_.erase(name);
  failed_validations_.erase(name);
}

std::optional<std::string> RenewalPlan::next_question(Instant now) {
  for (auto& [name, kept] : states_) {
    RenewalState& state = kept.state;
    // Far ahead: the clock was set back.
    const bool due = now.wall >= state.ask_at || state.ask_at - now.wall > longest_retry_after;
    if (!state.exists() || !due) continue;
    state.ask_at = now.wall + window_question_interval;
    return name;
  }
  return std::nullopt;
}

void RenewalPlan::succeeded(const std::string& name, WallTime not_before, WallTime not_after, Instant now) {
  under_way_.erase(name);
  failed_validations_.erase(name);
  if (states_.contains(name))
    put(name, {.not_before = not_before, .not_after = not_after, .ask_at = now.wall + first_window_question});
}

void RenewalPlan::failed(const std::string& name, std::size_t validations,
                         std::optional<std::chrono::seconds> retry_after, Instant now) {
  under_way_.erase(name);
  if (validations > 0) failed_validations_[name].push_back(now.monotonic);
  const auto found = states_.find(name);
  if (found == states_.end()) return;
  RenewalState& state = found->second.state;
  ++state.failures;
  state.next_try = now.wall + backoff(state.failures, name, retry_after);
}

void RenewalPlan::put_off(const std::string& name, std::chrono::seconds pause, Instant now) {
  if (const auto order = under_way_.find(name); order != under_way_.end()) {
    const auto begun = std::ranges::find(orders_, order->second.since);
    if (begun != orders_.end()) orders_.erase(begun);
    under_way_.erase(order);
  }
  const auto found = states_.find(name);
  if (found != states_.end()) found->second.state.next_try = now.wall + pause;
}

void RenewalPlan::told(const std::string& name, const RenewalWindow& window,
                       std::optional<std::chrono::seconds> ask_again, Instant now) {
  const auto found = states_.find(name);
  if (found == states_.end()) return;
  RenewalState state = found->second.state;
  // A window that ends after the certificate does would have it expire: the lifetime counts then.
  if (window.start < window.end && window.start < state.not_after) state.window = window;
  if (state.window && state.window->end > state.not_after) state.window->end = state.not_after;
  state.ask_at = now.wall + std::clamp<std::chrono::seconds>(ask_again.value_or(window_question_interval),
                                                             least_window_question, most_window_question);
  put(name, state);
}

std::chrono::seconds RenewalPlan::idle_for(Instant now, std::chrono::seconds most) const {
  WallTime order = WallTime::max(), question = now.wall + most;
  for (const auto& [name, kept] : states_) {
    if (under_way_.contains(name)) continue;
    const WallTime retry = may_try(kept.state, now.wall) ? WallTime{} : kept.state.next_try;
    order = std::min(order, std::max(kept.due, retry));
    if (kept.state.exists()) question = std::min(question, kept.state.ask_at);
  }
  const auto limited = std::chrono::ceil<std::chrono::seconds>(next_order_allowed(now) - now.monotonic);
  order = under_way_.size() < orders_at_once ? std::max(order, now.wall + limited) : WallTime::max();
  return std::clamp<std::chrono::seconds>(std::min(order, question) - now.wall, std::chrono::seconds(1), most);
}

}  // namespace padlock::certs
