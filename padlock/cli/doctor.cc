// `padlock doctor`: looks whether a CA could certify a name for the server of this machine, and says what to do.
#include <algorithm>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "padlock/acme/identifier.h"
#include "padlock/base/text.h"
#include "padlock/cli/command.h"
#include "padlock/cli/dns_look.h"
#include "padlock/cli/doctor_checks.h"
#include "padlock/cli/rules.h"
#include "padlock/cli/serve_flags.h"
#include "padlock/cli/verdict_json.h"
#include "padlock/server/config/read_config.h"

namespace padlock::cli {
namespace {

/// What was typed.
struct DoctorFlags {
  std::string name, config, dns, staging;
  std::uint16_t http_port = 80, https_port = 443;
  bool try_order = false;
  bool json = false;
};

std::ptrdiff_t faults_in(const std::vector<Check>& checks) {
  return std::ranges::count(checks, Grade::bad, &Check::verdict);
}

/// A line for each, with one below it for what to do, and one for all.
std::string text_of(const std::string& name, const std::vector<Check>& checks) {
  std::string text;
  for (const Check& one : checks) {
    text += column(client::name_of(one.verdict), 9) + column(one.name, 10) + one.text + "\n";
    if (!one.advice.empty()) text += column("", 9) + column("next", 10) + one.advice + "\n";
  }
  const auto faults = faults_in(checks);
  if (faults == 0) return text + escaped(name) + ": nothing stands in the way of a certificate\n";
  return text + escaped(name) + ": " + std::to_string(faults) + (faults == 1 ? " fault" : " faults") + "\n";
}

std::string json_of(const std::string& name, const std::vector<Check>& checks) {
  Json list = Json::array();
  for (const Check& one : checks)
    list.push_back(
        {{"name", one.name}, {"verdict", client::name_of(one.verdict)}, {"text", one.text}, {"advice", one.advice}});
  return dump(Json{{"name", escaped(name)}, {"faults", faults_in(checks)}, {"checks", std::move(list)}}, true) + "\n";
}

int exit_code_of(const std::vector<Check>& checks) { return faults_in(checks) == 0 ? fine : findings; }

/// A configuration that is not there is no error, unless it was named: then what can be looked at without is.
std::expected<server::Config, server::ConfigProblems> config_or_none(const std::string& named) {
  const auto file = find_config_file(named);
  if (!file && named.empty()) return server::Config();
  return server::read_config(file ? *file : std::filesystem::path(named));
}

int doctor(const DoctorFlags& flags) {
  if (const auto good = acme::make_identifier(flags.name); !good) {
    print_error(good.error());
    return usage;
  }
  auto servers = name_servers_of(flags.dns);
  if (!servers) {
    print_error(servers.error());
    return servers.error().rule == &rules::doctor_option ? usage : failed;
  }
  auto config = config_or_none(flags.config);
  if (!config) {
    print_problems(config.error());
    return usage;
  }
  const DoctorWish wish{.name = to_lower_ascii(flags.name),
                        .config = *std::move(config),
                        .name_servers = *std::move(servers),
                        .http_port = flags.http_port,
                        .https_port = flags.https_port,
                        .try_order = flags.try_order || !flags.staging.empty(),
                        .staging = flags.staging};
  const auto checks = examine(wish);
  say(flags.json ? json_of(wish.name, checks) : text_of(wish.name, checks));
  return exit_code_of(checks);
}

}  // namespace

int dry_run(const server::Config& config, const std::string& dns) {
  const auto servers = name_servers_of(dns);
  if (!servers) {
    print_error(servers.error());
    return usage;
  }
  int worst = fine;
  for (const server::SiteConfig& site : config.sites) {
    for (const std::string& name : site.names) {
      if (!site.acme) continue;
      const DoctorWish wish{.name = name, .config = config, .name_servers = *servers};
      const auto checks = examine(wish);
      say(text_of(name, checks));
      worst = std::max(worst, exit_code_of(checks));
    }
  }
  if (worst == fine) say("this configuration can be served\n");
  return worst;
}

void add_doctor(CLI::App& app, Run& run) {
  auto* command =
      app.add_subcommand("doctor", "Look at what a CA needs to certify a name; exit 3 if something is wrong");
  const auto flags = std::make_shared<DoctorFlags>();
  command->add_option("NAME", flags->name, "A host name, perhaps with *. in front, or an address")->required();
  command->add_option(
      "--config", flags->config,
      "The configuration of the server that shall have the certificate (default padlock.toml here, else "
      "in /etc/padlock)");
  command->add_option("--dns", flags->dns,
                      "HOST[:PORT] of the name server that is asked (default those of the system)");
  command->add_option("--http-port", flags->http_port, "Where a CA looks for http-01")->capture_default_str();
  command->add_option("--https-port", flags->https_port, "Where a CA looks for tls-alpn-01")->capture_default_str();
  command->add_flag("--try", flags->try_order, "Order a certificate at the CA's staging directory, and drop it");
  command->add_option("--staging", flags->staging,
                      "That directory, an https URL (known for Let's Encrypt); means --try");
  command->add_flag("--json", flags->json, "All of it as JSON (docs/guide/acme.md)");
  command->callback([flags, &run] { run = [flags] { return doctor(*flags); }; });
}

}  // namespace padlock::cli
