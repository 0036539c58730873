#include "padlock/base/result.h"

namespace padlock {

std::string Error::to_string() const {
  return what + " (" + padlock::to_string(rule->source) + "; " + std::string(rule->code) + ")";
}

}  // namespace padlock
