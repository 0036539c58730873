#pragma once

#include <optional>
#include <string>

namespace padlock::client {

/// What the environment says under this name; nothing: it is not set, or empty.
std::optional<std::string> environment(const char* name);

}  // namespace padlock::client
