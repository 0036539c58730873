#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "padlock/base/result.h"

// What a process gives up before it serves anybody, so that whoever takes it over has little of it
// (docs/threats.md, P7): privileges that programs would bring, system calls that a server does not make, and files that
// are not its own.

namespace padlock::net {

/// What remains.
struct SandboxRules {
  std::vector<std::filesystem::path>
      read;  ///< files, and folders with all below them; what is not there is passed over
  std::vector<std::filesystem::path> write;  ///< the same, to be changed, too
  /// TCP ports that may be connected to; nothing: all.
  std::optional<std::vector<std::uint16_t>> connect_ports;
};

/// What came of it.
struct Sandbox {
  bool system_calls = false;  ///< those of the list in sandbox.cc are refused
  int landlock = 0;           ///< the version of Landlock's interface that the kernel has; 0: it has none
  /// "system calls restricted, files and ports by Landlock 7".
  std::string to_string() const;
};

/// For this thread and all that it starts from now on, for good; call it while it is the only one. From then on no
/// program is executed, no process looked into, no socket bound; files are opened as the rules say; the process's
/// memory is in no core dump. A kernel that lacks a part does without it. Error: rules::sandbox_failed, if the kernel
/// has it and refuses.
Result<Sandbox> enter_sandbox(const SandboxRules& rules);

}  // namespace padlock::net
