#pragma once

#include <cstddef>

#include "padlock/x509/limits.h"

namespace padlock::x509 {

/// What one verification may spend (docs/threats.md, X1 to X3): each function takes its share, false means no more.
class Budget {
 public:
  [[nodiscard]] bool take_signature_check() { return take(signature_checks_); }
  [[nodiscard]] bool take_step() { return take(steps_); }
  [[nodiscard]] bool take_name_comparison() { return take(name_comparisons_); }
  [[nodiscard]] bool take_policy_node() { return take(policy_nodes_); }
  bool exceeded() const { return exceeded_; }

 private:
  bool take(std::size_t& left) {
    if (left == 0) {
      exceeded_ = true;
      return false;
    }
    --left;
    return true;
  }
  std::size_t signature_checks_ = max_signature_checks;
  std::size_t steps_ = max_building_steps;
  std::size_t name_comparisons_ = max_name_comparisons;
  std::size_t policy_nodes_ = max_policy_nodes;
  bool exceeded_ = false;
};

}  // namespace padlock::x509
