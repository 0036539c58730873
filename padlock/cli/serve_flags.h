#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/server/config/read_config.h"
#include "padlock/server/server.h"

namespace CLI {
class App;
}

namespace padlock::cli {

/// The flags of `serve`, as typed.
struct ServeFlags {
  std::vector<std::string> sites;  ///< a folder, or NAME=FOLDER; none: a file of configuration says it
  std::string domain;              ///< of the services that are added while it runs; empty: none are
  std::string config;
  std::vector<std::string> listen;
  std::uint16_t port = 8443;
  std::uint16_t http_port = 8080;
  std::vector<std::string> names;
  std::vector<std::string> certs;
  std::vector<std::string> keys;  ///< one for each of `certs`, in their order
  std::string policy = "intermediate";
  std::string fallback;
  std::string user;  ///< whom the worker runs as
  bool keeper = false;
  bool dry_run = false;
  std::string dns;           ///< for that: the name server that is asked
  std::string admin_socket;  ///< a file, or "off"; empty: in its usual place
};

/// Declares them. `flags` lives as long as `app`.
void add_serve_flags(CLI::App& app, ServeFlags& flags);

/// The configuration that these flags stand for, where they name sites or a domain. Errors: rules::serve_option, those
/// of a folder that cannot be opened.
Result<server::Config> config_of(const ServeFlags& flags);

/// The file that `serve` and `config check` read: the one that is named, else padlock.toml here, else in /etc/padlock.
/// Error: rules::no_configuration.
Result<std::filesystem::path> find_config_file(const std::string& named);

/// Every problem of a configuration, on stderr.
void print_problems(const server::ConfigProblems& problems);

/// What `serve` ends with after this error: what the world refuses fails while working; all else is a wrong setting.
int exit_code_of(const Error& error);
/// The same, with the error on stderr.
int serving_stopped_by(const Error& error);

/// What a server is told once. Raises the number of descriptors that this process may open.
server::ServerOptions server_options(const server::Config& config);

}  // namespace padlock::cli
