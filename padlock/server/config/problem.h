#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace padlock::server {

/// One thing that is wrong in a configuration, and where.
struct ConfigProblem {
  std::string file;
  std::size_t line = 0;    ///< from 1; 0: the file as a whole
  std::size_t column = 0;  ///< from 1, in characters
  std::size_t width = 1;   ///< characters that are meant
  std::string source_line{};
  std::string what;
  std::string advice{};  ///< what to do; may be empty
};

/// As people read it, with the line and carets below the place; ends without a line feed:
///
///   padlock.toml:7:1: there is no key "dri"
///      7 | dri = "/srv/www"
///        | ^^^ did you mean dir?
///
/// Whatever stands in the file is escaped.
std::string to_string(const ConfigProblem& problem);

/// What stands in a file, escaped, as a message quotes it.
std::string in_quotes(std::string_view text);

}  // namespace padlock::server
