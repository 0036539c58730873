#include "padlock/ca/trust/store_program.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "padlock/base/text.h"
#include "padlock/ca/limits.h"
#include "padlock/ca/trust/rules.h"
#include "padlock/net/program.h"

namespace padlock::ca {
namespace {

bool plain_in_a_shell(std::string_view text) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:,=+@%";
  return !text.empty() && text.find_first_not_of(plain) == std::string_view::npos;
}

std::string quoted(const std::string& text) {
  if (plain_in_a_shell(text)) return text;
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

/// The last line that it wrote: programs say what they do first, and what went wrong last.
std::string last_line(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  const std::size_t begin = text.rfind('\n');
  return escaped(begin == std::string_view::npos ? text : text.substr(begin + 1)).substr(0, max_complaint);
}

}  // namespace

std::string command_line(const std::filesystem::path& program, const std::vector<std::string>& arguments) {
  std::string line = quoted(program.native());
  for (const std::string& argument : arguments) line += " " + quoted(argument);
  return line;
}

Result<std::string> run_store_program(const StoreProgram& program, const std::vector<std::string>& arguments,
                                      std::string input) {
  auto done = PADLOCK_TRY(net::run_program(
      {.program = program.file,
       .arguments = arguments,
       .environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "HOME=" + program.home.native()},
       .input = std::move(input)},
      store_program_patience));
  if (done.exit_code == 0) return std::move(done.out);
  const std::string& said = done.err.empty() ? done.out : done.err;
  return broken(rules::store_program_failed, escaped(command_line(program.file, arguments)) + " ended with " +
                                                 std::to_string(done.exit_code) + ": " + last_line(said));
}

}  // namespace padlock::ca
