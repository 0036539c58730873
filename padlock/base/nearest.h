#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace padlock {

/// The word that somebody most likely meant: the one with the fewest letters to add, drop, change or swap, whatever
/// their case. Nothing if even that one differs in more than a third of its letters.
std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> words);

/// For the end of a message: "did you mean get?", or without a near one "there are get, serve".
std::string suggestion(std::string_view word, std::span<const std::string_view> words);

}  // namespace padlock
