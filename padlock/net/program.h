#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/base/result.h"

namespace padlock::net {

/// Another program of this machine. No shell takes part: each argument arrives as it stands here.
struct ProgramRun {
  std::filesystem::path program;         ///< the file itself; nothing is looked up
  std::vector<std::string> arguments;    ///< without the program's own name
  std::vector<std::string> environment;  ///< "NAME=value"; it gets these alone
  std::string input;                     ///< what stands in its standard input, at most limits::program_input_bytes
};

/// How it ended.
struct ProgramOutcome {
  int exit_code = 0;  ///< 128 + N: ended by signal N, as shells say it
  std::string out;    ///< its standard output, the first limits::program_output_bytes of it
  std::string err;    ///< its standard error, likewise
};

/// Runs a program to its end, in a session of its own, so that it can ask no terminal.
/// Errors: rules::program_not_started; ::program_stalled after `patience`, when it and its children are ended.
Result<ProgramOutcome> run_program(const ProgramRun& run, std::chrono::milliseconds patience);

/// The first file of that name in these folders that this user may execute.
std::optional<std::filesystem::path> find_program(std::string_view name,
                                                  std::span<const std::filesystem::path> folders);

}  // namespace padlock::net
