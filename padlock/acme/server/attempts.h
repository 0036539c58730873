#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>

namespace padlock::acme {

/// How often something was done lately, by whom. Whoever has done nothing for a while is forgotten; when too many are
/// counted, the one that was counted first is.
class Attempts {
 public:
  Attempts(std::size_t most, std::chrono::seconds span) : most_(most), span_(span) {}
  /// Nothing: it may be done once more. Else how long to wait. `now`: of a clock that never goes back.
  std::optional<std::chrono::seconds> wait(const std::string& who, std::chrono::nanoseconds now) const;
  /// It was done.
  void note(const std::string& who, std::chrono::nanoseconds now);
  std::size_t counted() const { return times_.size(); }

 private:
  std::size_t most_;
  std::chrono::seconds span_;
  std::map<std::string, std::deque<std::chrono::nanoseconds>> times_;
};

}  // namespace padlock::acme
