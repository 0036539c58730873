// `padlock version`: ours, and those of the libraries that this process runs on.
#include <cstdio>
#include <string>

#include <CLI/CLI.hpp>

#include "padlock/cli/command.h"
#include "padlock/crypto/versions.h"

namespace padlock::cli {
namespace {

/// A line each, the name first: easy for people and for scripts.
std::string version_text() {
  std::string text = "padlock " PADLOCK_VERSION "\n";
  for (const crypto::LibraryVersion& library : crypto::library_versions())
    text += library.name + " " + library.version + "\n";
  return text + "records are sealed by " + crypto::active_aead_library() + " on this CPU\n";
}

}  // namespace

void add_version(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("version", "Print the versions of padlock and of the libraries it runs on");
  command->callback([&run] {
    run = [] {
      const std::string text = version_text();
      const bool whole = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
      return whole ? fine : failed;
    };
  });
}

}  // namespace padlock::cli
