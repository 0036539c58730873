#pragma once

#include <functional>
#include <ranges>
#include <string>
#include <string_view>

namespace padlock {

/// "a, b, c": all of a range, each as `text_of` gives it.
template <std::ranges::input_range Range, class TextOf = std::identity>
std::string list_of(Range&& range, TextOf text_of = {}, std::string_view between = ", ") {
  std::string list;
  bool first = true;
  for (const auto& one : range) {
    if (!first) list.append(between);
    first = false;
    list.append(std::invoke(text_of, one));
  }
  return list;
}

}  // namespace padlock
