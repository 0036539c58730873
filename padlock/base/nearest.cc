#include "padlock/cli/nearest.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

#include "padlock/base/text.h"

namespace padlock::cli {
namespace {

constexpr std::size_t longest_word = 64;  // what is longer was never meant as one of ours

/// Levenshtein's distance: a row for each letter of `a`, of which the last is kept.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row.at(0);
    row.at(0) = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row.at(j + 1);
      row.at(j + 1) = std::min({changed, row.at(j) + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> words) {
  if (word.size() > longest_word) return std::nullopt;
  std::optional<std::string_view> best;
  std::size_t least = longest_word;
  for (const std::string_view candidate : words) {
    const std::size_t steps = distance(to_lower_ascii(word), to_lower_ascii(candidate));
    if (steps > candidate.size() / 3 || steps >= least) continue;
    best = candidate;
    least = steps;
  }
  return best;
}

std::string suggestion(std::string_view word, std::span<const std::string_view> words) {
  if (const auto near = nearest(word, words)) return "did you mean " + std::string(*near) + "?";
  std::string list = "there are ";
  for (const std::string_view one : words) list.append(one == words.front() ? "" : ", ").append(one);
  return list;
}

}  // namespace padlock::cli
