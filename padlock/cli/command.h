#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "padlock/base/result.h"

namespace CLI {
class App;
}

namespace padlock::cli {

/// What the program ends with (curl's numbers for a fetch stand in client/exit_code.h).
enum ExitCode : int {
  fine = 0,
  failed = 1,    ///< failed while working
  usage = 2,     ///< usage, configuration, bad URL, unreadable or wrong key or trust file
  findings = 3,  ///< something is wrong with what was looked at
};

/// A command's work; gives the exit code.
using Run = std::function<int()>;

/// Each command adds its subcommand with its flags to `app`, and sets `run` when it was the one chosen.
void add_serve(CLI::App& app, Run& run);
void add_config(CLI::App& app, Run& run);
void add_host(CLI::App& app, Run& run);
void add_store(CLI::App& app, Run& run);
void add_status(CLI::App& app, Run& run);
void add_reload(CLI::App& app, Run& run);
void add_restart(CLI::App& app, Run& run);
void add_get(CLI::App& app, Run& run);
void add_explain(CLI::App& app, Run& run);
void add_check(CLI::App& app, Run& run);
void add_cert(CLI::App& app, Run& run);
void add_ca(CLI::App& app, Run& run);
void add_doctor(CLI::App& app, Run& run);
void add_trust(CLI::App& app, Run& run);
void add_version(CLI::App& app, Run& run);

/// Text in a column of this width, with a space behind it at least.
std::string column(std::string_view text, std::size_t width);

/// Text on stdout, at once.
void say(std::string_view text);
/// One line on stderr: "padlock: MESSAGE".
void print_error(std::string_view message);
/// What happened, by which rule, what to do next (CONTRIBUTING.md), without a line feed at the end.
std::string error_text(const Error& error);
/// The same on stderr.
void print_error(const Error& error);

}  // namespace padlock::cli
