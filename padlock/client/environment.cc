#include "padlock/client/environment.h"

#include <cstdlib>
#include <string_view>

namespace padlock::client {

std::optional<std::string> environment(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody here changes the environment
  if (value == nullptr || std::string_view(value).empty()) return std::nullopt;
  return value;
}

}  // namespace padlock::client
