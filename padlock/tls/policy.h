#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "padlock/tls/types.h"

namespace padlock::tls {

/// The policies as people write them.
inline constexpr std::array<std::string_view, 3> policy_names{"modern", "intermediate", "legacy"};

/// Nothing for a name that is none of them.
std::optional<Policy> find_policy(std::string_view name);

}  // namespace padlock::tls
