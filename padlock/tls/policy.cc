#include "padlock/tls/policy.h"

namespace padlock::tls {

std::optional<Policy> find_policy(std::string_view name) {
  if (name == "modern") return Policy::modern;
  if (name == "intermediate") return Policy::intermediate;
  if (name == "legacy") return Policy::legacy;
  return std::nullopt;
}

}  // namespace padlock::tls
