#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"

// Which of several CAs is asked for a certificate: a calculation. Who asks it tells it the time, and what came of each
// order.

namespace padlock::certs {

/// Whose fault it is that an order came to nothing.
enum class Blame : std::uint8_t {
  ca,      ///< it is away, has trouble, or allows no more: another one may do
  policy,  ///< it does not certify this name: another one may
  name,    ///< the name was not proved: another one would hardly see more
  us,      ///< this machine: no CA helps
};
Blame blame_of(const Rule& rule);

/// CAs in the order in which they are asked. One that is away, has trouble or allows no more is passed over for a
/// while, ever longer; each order begins with the first again. A name that is not proved is tried three times in a row
/// with a CA before the next one is asked.
class CaRotation {
 public:
  explicit CaRotation(std::size_t count) : cas_(count) {}

  /// Whether it is asked now; of one CA alone, always: when is the renewal plan's to say.
  bool is_asked(std::size_t ca, Instant now) const { return cas_.size() == 1 || now.monotonic >= cas_[ca].rests_until; }
  void succeeded(std::size_t ca, const std::string& name);
  /// `id`: its name in the store, for the spread of pauses. True: the next one is to be asked for this name.
  bool failed(std::size_t ca, std::string_view id, const std::string& name, const Error& error,
              std::optional<std::chrono::seconds> retry_after, Instant now);

  /// How long all of them are passed over; nothing: they are not.
  std::optional<std::chrono::seconds> all_rest_for(Instant now) const;
  /// Why it is passed over; null: it is not.
  const Error* trouble(std::size_t ca, Instant now) const;

 private:
  struct Ca {
    unsigned failures = 0;  ///< of its own, in a row
    std::chrono::nanoseconds rests_until = std::chrono::nanoseconds::min();
    std::optional<Error> trouble{};
    std::map<std::string, unsigned> unproved{};  ///< in a row, by the name
  };
  std::vector<Ca> cas_;
};

}  // namespace padlock::certs
