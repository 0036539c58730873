#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/server/server.h"

namespace CLI {
class App;
}

namespace padlock::cli {

/// The flags of `serve`, as typed.
struct ServeFlags {
  std::string folder;
  std::vector<std::string> listen;
  std::uint16_t port = 8443;
  std::uint16_t http_port = 8080;
  std::vector<std::string> names;
  std::vector<std::string> certs;
  std::vector<std::string> keys;  ///< one for each of `certs`, in their order
  std::string policy = "intermediate";
  std::string fallback;
};

/// Declares them. `flags` lives as long as `app`.
void add_serve_flags(CLI::App& app, ServeFlags& flags);

/// The server's options but for its log. Errors: rules::serve_option, those of a folder
/// that cannot be opened.
Result<server::ServerOptions> prepare_server(const ServeFlags& flags);

/// The names that the local CA certifies: those given, else localhost, both loopback addresses and the addresses to
/// listen on that it may certify.
std::vector<std::string> names_to_certify(const ServeFlags& flags, const server::ServerOptions& options);

}  // namespace padlock::cli
