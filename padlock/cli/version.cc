// `padlock version`: ours, and those of the libraries that this process runs on.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "padlock/cli/command.h"
#include "padlock/cli/libraries.h"
#include "padlock/crypto/versions.h"

namespace padlock::cli {
namespace {

/// A line each, the name first: easy for people and for scripts.
std::string version_text(const std::vector<Library>& libraries) {
  std::string text = "padlock " PADLOCK_VERSION "\n";
  for (const Library& library : libraries)
    text += library.name + " " + library.version + (library.package.empty() ? "" : " (" + library.package + ")") + "\n";
  return text + "records are sealed by " + crypto::active_aead_library() + " on this CPU\n";
}

}  // namespace

void add_version(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("version", "Print the versions of padlock and of the libraries it runs on");
  auto check = std::make_shared<bool>(false);
  command->add_flag("--check", *check, "Exit code 3 if a library has holes that are known");
  command->callback([&run, check] {
    run = [check] {
      const auto libraries = linked_libraries();
      const std::string text = version_text(libraries);
      const bool whole = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
      if (!whole) return failed;
      const auto complaints = *check ? complaints_about(libraries) : std::vector<std::string>();
      for (const std::string& complaint : complaints) print_error(complaint);
      return complaints.empty() ? fine : findings;
    };
  });
}

}  // namespace padlock::cli
