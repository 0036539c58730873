// `padlock config check`: says what is wrong with a configuration, without serving anything.
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "padlock/base/text.h"
#include "padlock/cli/command.h"
#include "padlock/cli/hosting.h"
#include "padlock/cli/serve_flags.h"
#include "padlock/server/config/read_config.h"

namespace padlock::cli {
namespace {

std::string summary(const std::filesystem::path& file, const server::Config& config) {
  std::size_t names = 0;
  for (const server::SiteConfig& site : config.sites) names += site.names.size();
  const auto counted = [](std::size_t count, std::string_view what) {
    return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
  };
  return escaped(file.native()) + " is good: " + counted(config.sites.size(), "site") + " with " +
         counted(names, "name") + "\n";
}

int check(const std::string& named) {
  const auto file = find_config_file(named);
  if (!file) {
    print_error(file.error());
    return usage;
  }
  const auto config = server::read_config(*file);
  if (!config) {
    print_problems(config.error());
    return usage;
  }
  if (const auto opened = check_sites(*config); !opened) {
    print_error(opened.error());
    return usage;
  }
  const std::string text = summary(*file, *config);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return fine;
}

}  // namespace

void add_config(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("config", "Look at configurations");
  command->require_subcommand(1);
  auto* checking = command->add_subcommand("check", "Say what is wrong with a configuration, and where");
  const auto file = std::make_shared<std::string>();
  checking->add_option("FILE", *file, "The configuration (default padlock.toml here, else in /etc/padlock)");
  checking->callback([file, &run] { run = [file] { return check(*file); }; });
}

}  // namespace padlock::cli
