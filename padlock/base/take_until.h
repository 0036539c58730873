#pragma once

#include <cstddef>
#include <string_view>

namespace padlock {

/// What stands in front of `end`, which goes from `text` too; without one, all of it.
inline std::string_view take_until(std::string_view& text, char end) {
  const std::size_t at = text.find(end);
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return taken;
}

}  // namespace padlock
