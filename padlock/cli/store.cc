// `padlock store`: what a fleet's shared store needs.
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "padlock/base/text.h"
#include "padlock/certs/seal.h"
#include "padlock/cli/command.h"
#include "padlock/net/rules.h"

namespace padlock::cli {
namespace {

int make_key(const std::string& file) {
  const auto provider = crypto::make_provider();
  const auto made = certs::make_seal_key(file, *provider);
  if (!made) {
    print_error(made.error());
    return made.error().rule == &net::rules::file_unwritable ? failed : usage;
  }
  say("a new key is in " + escaped(file) + ": copy it to every node, for its owner alone\n");
  return fine;
}

}  // namespace

void add_store(CLI::App& app, Run& run) {
  auto* const command = app.add_subcommand("store", "What a fleet shares ([store] in the configuration)");
  command->require_subcommand(1);
  auto* const key = command->add_subcommand("key", "Make a key that values are sealed with");
  const auto file = std::make_shared<std::string>();
  key->add_option("FILE", *file, "Where it goes; it must not be there yet")->required();
  key->callback([file, &run] { run = [file] { return make_key(*file); }; });
}

}  // namespace padlock::cli
