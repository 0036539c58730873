#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "padlock/base/result.h"

namespace padlock::ca {

/// A program that keeps a store.
struct StoreProgram {
  std::filesystem::path file;
  std::filesystem::path home;  ///< its HOME
};

/// "/usr/bin/certutil -d sql:/home/a/.pki/nssdb": a command for people, quoted for a shell where it needs to be.
std::string command_line(const std::filesystem::path& program, const std::vector<std::string>& arguments);

/// Runs it with an environment of ours, nobody's own settings. Gives what it said on its output.
/// Errors: `rules::store_program_failed` with its first complaint, net::rules::programs.
Result<std::string> run_store_program(const StoreProgram& program, const std::vector<std::string>& arguments,
                                      std::string input = {});

}  // namespace padlock::ca
