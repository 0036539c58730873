#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/base/instant.h"

// When certificates are renewed: a calculation. Who asks it tells it the time, and what became of each order.

namespace padlock::certs {

/// Orders of one process at one time, so that a name which takes a CA minutes holds up no other, ...
inline constexpr std::size_t orders_at_once = 4;
/// ... and of them those of one kind where there are both, due and on demand: neither waits for the other alone.
inline constexpr std::size_t orders_of_a_kind = orders_at_once - 1;

/// When the CA wants a certificate to be renewed (RFC 9773, section 4.2).
struct RenewalWindow {
  WallTime start, end;
  friend bool operator==(const RenewalWindow&, const RenewalWindow&) = default;
};

/// What is known of one certificate for its renewal: a value, stored with it, so that a restart changes nothing.
struct RenewalState {
  WallTime not_before{}, not_after{};     ///< equal: there is none yet
  std::optional<RenewalWindow> window{};  ///< that the CA gave last; nothing: it goes by the lifetime
  WallTime ask_at{};                      ///< when the CA is asked for its window again
  unsigned failures = 0;                  ///< orders in a row that came to nothing
  WallTime next_try{};                    ///< after a failure, or when it was put off

  bool exists() const { return not_after > not_before; }
  friend bool operator==(const RenewalState&, const RenewalState&) = default;
};

/// The state as one line of text, and back; nothing: it is none.
std::string write_renewal_state(const RenewalState& state);
std::optional<RenewalState> parse_renewal_state(std::string_view text);

/// When a certificate should be renewed. In the CA's window at a place of its name's own, so that thousands of names do
/// not come at once (RFC 9773, section 4.2; docs/threats.md, A6); without a window when a third of its life is left,
/// half where that is less than ten days, a little spread too. What does not exist is due now.
WallTime renew_at(const RenewalState& state, std::string_view name);

/// How long to wait after so many failures in a row: a minute, doubled each time up to six hours, and up to a quarter
/// more by the name. At least what the CA says (RFC 8555, section 6.6).
std::chrono::seconds backoff(unsigned failures, std::string_view name,
                             std::optional<std::chrono::seconds> retry_after = std::nullopt);

/// The certificates of one process and their orders: which is due, and whether the limits of CAs and ours allow it
/// (docs/threats.md, A5 to A7).
class RenewalPlan {
 public:
  /// Adds one, or says what is known of it now.
  void put(const std::string& name, const RenewalState& state) { states_[name] = {state, renew_at(state, name)}; }
  void remove(const std::string& name) { states_.erase(name); }
  /// The same for one that nobody will order again soon: its failures too.
  void forget(const std::string& name);
  /// Null: not there.
  const RenewalState* find(const std::string& name) const;

  /// From now on some are needed now: of `orders_at_once` one is left to them.
  void leave_room() { leaves_room_ = true; }
  /// The one that is most overdue, which counts as ordered now; nothing: none is due, or the limits say to wait.
  std::optional<std::string> next_order(Instant now);
  /// The same for one that somebody needs now, due or not; false: the limits say to wait, or it is being ordered.
  bool order_now(const std::string& name, Instant now);
  /// One whose window is to be asked for; the answer counts until `told` or, in any case, for six hours.
  std::optional<std::string> next_question(Instant now);

  /// The order gave a certificate.
  void succeeded(const std::string& name, WallTime not_before, WallTime not_after, Instant now);
  /// It came to nothing. `validations`: how many looks of the CA at the name failed.
  void failed(const std::string& name, std::size_t validations, std::optional<std::chrono::seconds> retry_after,
              Instant now);
  /// Nobody was asked: it is another's turn, or nobody knows whose. It counts neither as an order nor as a failure.
  void put_off(const std::string& name, std::chrono::seconds pause, Instant now);
  /// The CA's answer; `ask_again`: when it wants to be asked next.
  void told(const std::string& name, const RenewalWindow& window, std::optional<std::chrono::seconds> ask_again,
            Instant now);

  /// How long nothing is due, at most `most`.
  std::chrono::seconds idle_for(Instant now, std::chrono::seconds most) const;

 private:
  using Times = std::deque<std::chrono::nanoseconds>;  ///< on the monotonic clock, oldest first

  struct UnderWay {
    std::chrono::nanoseconds since;
    bool needed_now = false;
  };
  std::chrono::nanoseconds next_order_allowed(Instant now) const;
  bool may_order(bool needed_now, Instant now) const;
  void note_order(const std::string& name, bool needed_now, Instant now);
  bool may_validate(const std::string& name, Instant now);

  struct Kept {
    RenewalState state;
    WallTime due;  ///< renew_at, which costs a hash
  };
  std::map<std::string, Kept> states_;
  Times orders_;
  std::map<std::string, Times> failed_validations_;
  std::map<std::string, UnderWay> under_way_;  ///< at most `orders_at_once`
  bool leaves_room_ = false;
};

}  // namespace padlock::certs
