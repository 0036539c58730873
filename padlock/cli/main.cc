// The program `padlock`: a thin file per command. This one reads the command line and hands over.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "padlock/base/nearest.h"
#include "padlock/base/text.h"
#include "padlock/cli/acme.h"
#include "padlock/cli/command.h"

namespace padlock::cli {
namespace {

/// A first word that is no command: CLI11 would say no more than that a command is missing.
bool names_no_command(const CLI::App& app, std::string_view word) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  if (word.empty() || word.front() == '-' || std::ranges::find(names, word) != names.end()) return false;
  const std::vector<std::string_view> words(names.begin(), names.end());
  print_error("there is no command \"" + escaped(word) + "\"; " + suggestion(word, words) +
              "\n  next     `padlock --help` lists what there is");
  return true;
}

int parse_and_run(int argc, char** argv) {
  CLI::App app{"HTTPS whole: serve it, fetch it, see it.", "padlock"};
  app.require_subcommand(1);
  app.failure_message([](const CLI::App* failed, const CLI::Error& error) {
    const auto chosen = failed->get_subcommands();
    const std::string command = failed->get_name() + (chosen.empty() ? "" : " " + chosen.front()->get_name());
    return "padlock: " + std::string(error.what()) + "\n  next     `" + command + " --help` lists what there is\n";
  });
  Run run;
  add_serve(app, run);
  add_get(app, run);
  add_explain(app, run);
  add_check(app, run);
  add_cert(app, run);
  add_ca(app, run);
  add_trust(app, run);
  add_acme(app, run);
  add_doctor(app, run);
  add_config(app, run);
  add_host(app, run);
  add_store(app, run);
  add_status(app, run);
  add_reload(app, run);
  add_restart(app, run);
  add_version(app, run);
  if (argc > 1 && names_no_command(app, *std::next(argv))) return usage;
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? fine : usage;  // --help ends well
  }
  return run();
}

}  // namespace
}  // namespace padlock::cli

int main(int argc, char** argv) {
  try {
    return padlock::cli::parse_and_run(argc, argv);
  } catch (const std::exception& error) {  // nothing of ours throws; memory and the standard library can
    padlock::cli::print_error(std::string("stopped: ") + error.what());
    return padlock::cli::failed;
  }
}
