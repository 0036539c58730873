#include "padlock/base/nearest.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

#include "padlock/base/text.h"

namespace padlock {
namespace {

constexpr std::size_t longest_word = 64;  // what is longer was never meant as one of ours

/// Letters to add, drop, change or swap with their neighbour: a row for each letter of `a`, of which three are kept.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::swap(before, last);
    std::swap(last, row);
    row.at(0) = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      row.at(j + 1) = std::min({last.at(j) + (a[i] == b[j] ? 0 : 1), last.at(j + 1) + 1, row.at(j) + 1});
      const bool swapped = i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j];
      if (swapped) row.at(j + 1) = std::min(row.at(j + 1), before.at(j - 1) + 1);
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

}  // namespace padlock
