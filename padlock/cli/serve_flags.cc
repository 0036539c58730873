#include "padlock/cli/serve_flags.h"

#include <sys/resource.h>

#include <array>
#include <span>

#include <CLI/CLI.hpp>

#include "padlock/base/text.h"
#include "padlock/ca/names.h"
#include "padlock/cli/rules.h"
#include "padlock/net/files.h"
#include "padlock/tls/policy.h"

namespace padlock::cli {
namespace {

Result<tls::Policy> policy_of(const std::string& text) {
  if (const auto policy = tls::find_policy(text)) return *policy;
  return broken(rules::serve_option, "--policy is modern, intermediate or legacy, not " + escaped(text));
}

Result<std::vector<net::IpAddress>> addresses_of(const std::vector<std::string>& texts) {
  std::vector<net::IpAddress> addresses;
  for (const std::string& text : texts) {
    const auto address = x509::parse_ip_address(text);
    if (!address) return broken(rules::serve_option, "--listen takes an IP address, not " + escaped(text));
    addresses.push_back(*address);
  }
  return addresses;
}

/// Descriptors are raised as far as the system lets an ordinary process: each connection takes one.
std::size_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  rlimit wanted = limit;
  wanted.rlim_cur = wanted.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &wanted) == 0) limit = wanted;
  return limit.rlim_cur;
}

bool is_any(const net::IpAddress& address) {
  const auto bytes = address.view();
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace

void add_serve_flags(CLI::App& app, ServeFlags& flags) {
  app.add_option("DIR", flags.folder, "The folder whose files are served")->required();
  app.add_option("--listen", flags.listen, "Address to listen on, may be repeated (default 127.0.0.1 and ::1)")
      ->allow_extra_args(false);
  app.add_option("--port", flags.port, "Port for https; 0: any free one")->capture_default_str();
  app.add_option("--http-port", flags.http_port, "Port for plain http, which leads to https; 0: any free one")
      ->capture_default_str();
  app.add_option("--name", flags.names,
                 "Host name or address to certify, may be repeated (default localhost, 127.0.0.1, ::1)")
      ->allow_extra_args(false);
  app.add_option("--cert", flags.certs,
                 "Certificate chain in a PEM file, leaf first, instead of the local CA's; may be repeated with --key, "
                 "best first")
      ->allow_extra_args(false);
  app.add_option("--key", flags.keys, "Its private key in a PEM file that nobody else may read, may be repeated")
      ->allow_extra_args(false);
  app.add_option("--policy", flags.policy,
                 "TLS settings: modern (1.3 alone), intermediate (1.2 too) or legacy (what old "
                 "peers need, too: DHE, static RSA, CBC)")
      ->capture_default_str();
  app.add_option("--fallback", flags.fallback, "The name whose certificate clients get that name no server");
}

Result<server::ServerOptions> prepare_server(const ServeFlags& flags) {
  if (flags.certs.size() != flags.keys.size())
    return broken(rules::serve_option, "--cert and --key belong together in pairs, and there are " +
                                           std::to_string(flags.certs.size()) + " and " +
                                           std::to_string(flags.keys.size()) + " of them");
  if (!flags.certs.empty() && !flags.names.empty())
    return broken(rules::serve_option, "--name is for the local CA; the names of --cert stand in its certificate");
  if (flags.port != 0 && flags.port == flags.http_port)
    return broken(rules::serve_option, "--port and --http-port are both " + std::to_string(flags.port));
  PADLOCK_TRY(net::Folder::open(flags.folder));  // before a CA is made for nothing
  server::ServerOptions options;
  options.folder = flags.folder;
  options.addresses = PADLOCK_TRY(addresses_of(flags.listen));
  options.skip_unavailable_addresses = options.addresses.empty();
  if (options.addresses.empty()) options.addresses = *addresses_of({"127.0.0.1", "::1"});
  options.https_port = flags.port;
  options.http_port = flags.http_port;
  options.policy = PADLOCK_TRY(policy_of(flags.policy));
  options.admission = server::AdmissionLimits::for_descriptors(raise_descriptor_limit());
  return options;
}

std::vector<std::string> names_to_certify(const ServeFlags& flags, const server::ServerOptions& options) {
  if (!flags.names.empty()) return flags.names;
  std::vector<std::string> names{"localhost", "127.0.0.1", "::1"};
  for (const net::IpAddress& address : options.addresses) {
    const std::array<std::string, 1> text{x509::to_string(address)};
    if (!is_any(address) && ca::alternative_names(text)) names.push_back(text.front());
  }
  return names;
}

}  // namespace padlock::cli
