#pragma once

#include <set>

#include "padlock/base/rule.h"

namespace padlock::tls::testing {

/// The rules that some test has provoked: one that none has is dead or untested (rules_test.cc).
inline std::set<const Rule*>& provoked() {
  static std::set<const Rule*> rules;
  return rules;
}

}  // namespace padlock::tls::testing
