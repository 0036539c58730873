#include <algorithm>
#include <cstdio>
#include <string>

#include "padlock/cli/command.h"

namespace padlock::cli {

std::string column(std::string_view text, std::size_t width) {
  std::string padded(text);
  padded.resize(std::max(width, padded.size() + 1), ' ');
  return padded;
}

void say(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

void print_error(std::string_view message) {
  const std::string line = "padlock: " + std::string(message) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

std::string error_text(const Error& error) {
  std::string text = error.what;
  text += "\n  rule     " + to_string(error.rule->source) + "        code " + std::string(error.rule->code);
  if (!error.rule->hint.empty()) text += "\n  next     " + std::string(error.rule->hint);
  return text;
}

void print_error(const Error& error) { print_error(error_text(error)); }

}  // namespace padlock::cli
