#include "padlock/cli/passed_sockets.h"

#include <utility>

#include "padlock/base/text.h"
#include "padlock/cli/rules.h"

namespace padlock::cli {

Result<PassedForService> sort_passed_sockets(std::vector<net::PassedSocket> passed, const server::Config& config) {
  PassedForService sorted;
  server::BoundSockets& bound = sorted.bound;
  for (net::PassedSocket& one : passed) {
    if (one.name == net::passed_admin_name || one.name == "metrics") {
      (one.name == "metrics" ? sorted.metrics : sorted.admin) = std::move(one.socket);
      continue;
    }
    const bool named = one.name == "https" || one.name == "http";
    const bool https = named ? one.name == "https" : one.endpoint.port == config.https_port;
    if (!https && !named && one.endpoint.port != config.http_port)
      return broken(rules::passed_socket_unmatched, "the socket " + net::to_string(one.endpoint) +
                                                        (one.name.empty() ? "" : " (" + escaped(one.name) + ")") +
                                                        " fits neither https (port " +
                                                        std::to_string(config.https_port) + ") nor http (port " +
                                                        std::to_string(config.http_port) + ")");
    (https ? bound.https : bound.http).push_back(std::move(one.socket));
  }
  return sorted;
}

}  // namespace padlock::cli
