#include <cstdio>
#include <string_view>

#include <CLI/CLI.hpp>

#include "padlock/cli/command.h"

namespace padlock::cli {

void add_version(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("version", "Print the versions of padlock and of the libraries it runs on");
  command->callback([&run] {
    run = [] {
      const std::string_view line = "padlock " PADLOCK_VERSION "\n";
      std::fwrite(line.data(), 1, line.size(), stdout);
      return fine;
    };
  });
}

}  // namespace padlock::cli
