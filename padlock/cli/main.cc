// The program `padlock`: a thin file per command. This one reads the command line and hands over.
#include <cstdio>
#include <exception>
#include <string>

#include <CLI/CLI.hpp>

#include "padlock/cli/command.h"

namespace padlock::cli {
namespace {

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
  add_version(app, run);
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
