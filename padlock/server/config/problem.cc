#include "padlock/server/config/problem.h"

#include <algorithm>
#include <string_view>

#include "padlock/base/text.h"

namespace padlock::server {
namespace {

constexpr std::size_t longest_line = 160;  // a longer one says nothing with its carets somewhere below

std::string numbered(std::size_t line) {
  const std::string number = std::to_string(line);
  return std::string(number.size() < 5 ? 5 - number.size() : 0, ' ') + number + " | ";
}

/// Tabs are one column in the file and must be one here.
std::string shown(std::string_view line) {
  std::string text(line);
  std::ranges::replace(text, '\t', ' ');
  return text;
}

bool is_printable(std::string_view line) {
  return std::ranges::all_of(line, [](char c) { return (c >= ' ' && c <= '~') || c == '\t'; });
}

}  // namespace

std::string to_string(const ConfigProblem& problem) {
  std::string text = escaped(problem.file);
  if (problem.line == 0) return text + ": " + problem.what + (problem.advice.empty() ? "" : "; " + problem.advice);
  text += ":" + std::to_string(problem.line) + ":" + std::to_string(problem.column) + ": " + problem.what;
  // Columns count characters: below a line with others than ASCII the carets could stand anywhere.
  const bool with_carets = problem.source_line.size() <= longest_line && is_printable(problem.source_line);
  if (!with_carets) return text + (problem.advice.empty() ? "" : "; " + problem.advice);
  const std::string number = numbered(problem.line);
  text += "\n" + number + shown(problem.source_line) + "\n";
  text += std::string(number.size() - 3, ' ') + " | " + std::string(problem.column - 1, ' ');
  text += std::string(std::max<std::size_t>(problem.width, 1), '^');
  return problem.advice.empty() ? text : text + " " + problem.advice;
}

std::string in_quotes(std::string_view text) { return "\"" + escaped(text) + "\""; }

}  // namespace padlock::server
