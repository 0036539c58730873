#include "padlock/cli/serve_flags.h"

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <span>
#include <system_error>
#include <utility>

#include <CLI/CLI.hpp>

#include "padlock/base/text.h"
#include "padlock/ca/names.h"
#include "padlock/cli/command.h"
#include "padlock/cli/rules.h"
#include "padlock/net/files.h"
#include "padlock/net/rules.h"
#include "padlock/server/config/read_config.h"
#include "padlock/server/config/read_proxy.h"
#include "padlock/tls/policy.h"
#include "padlock/x509/host_name.h"

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

/// Of a folder that is served without a name: this machine, and the addresses to listen on that the local CA may
/// certify.
std::vector<std::string> default_names(const std::vector<net::IpAddress>& listen) {
  std::vector<std::string> names{"localhost", "127.0.0.1", "::1"};
  for (const net::IpAddress& address : listen) {
    const std::array<std::string, 1> text{x509::to_string(address)};
    const bool known = std::ranges::find(names, text.front()) != names.end();
    if (!known && !is_any(address) && ca::alternative_names(text)) names.push_back(text.front());
  }
  return names;
}

/// NAME=FOLDER or NAME=UPSTREAM, unless there is a folder of just that name.
std::optional<std::pair<std::string, std::string>> named_site(const std::string& text) {
  const std::size_t equals = text.find('=');
  std::error_code ignored;
  if (equals == std::string::npos || std::filesystem::exists(text, ignored)) return std::nullopt;
  return std::pair(text.substr(0, equals), text.substr(equals + 1));
}

Result<server::SiteConfig> site_of(const ServeFlags& flags, const std::string& text, const server::Config& config) {
  server::SiteConfig site;
  const auto named = named_site(text);
  const std::string& content = named ? named->second : text;
  std::error_code ignored;
  // A word alone is rather a folder that was misspelled than a host.
  const bool has_port = content.find(':') != std::string::npos || parse_decimal(content);
  const auto upstream = named && has_port ? server::parse_upstream(content) : std::nullopt;
  if (upstream && !std::filesystem::exists(content, ignored)) {
    server::ProxyTarget target;
    target.upstreams = {*upstream};
    site.content = std::move(target);
  } else {
    PADLOCK_TRY(net::Folder::open(content));
    site.content = server::FolderSource{content};
  }
  if (named) {
    auto name = server::parse_site_name(named->first);
    if (!name)
      return broken(rules::serve_option,
                    escaped(text) + ": " + server::in_quotes(named->first) + " is no name for a site");
    site.names = {*std::move(name)};
    return site;
  }
  for (std::size_t at = 0; at < flags.certs.size(); ++at) site.files.push_back({flags.certs[at], flags.keys.at(at)});
  for (const std::string& name : flags.names) {
    auto good = server::parse_site_name(name);
    if (!good) return broken(rules::serve_option, "--name takes a host name or an address, not " + escaped(name));
    site.names.push_back(*std::move(good));
  }
  if (site.names.empty() && site.files.empty()) site.names = default_names(config.listen);
  return site;
}

Result<void> check(const ServeFlags& flags) {
  if (flags.certs.size() != flags.keys.size())
    return broken(rules::serve_option, "--cert and --key belong together in pairs, and there are " +
                                           std::to_string(flags.certs.size()) + " and " +
                                           std::to_string(flags.keys.size()) + " of them");
  if (!flags.certs.empty() && !flags.names.empty())
    return broken(rules::serve_option, "--name is for the local CA; the names of --cert stand in its certificate");
  if (flags.port != 0 && flags.port == flags.http_port)
    return broken(rules::serve_option, "--port and --http-port are both " + std::to_string(flags.port));
  const auto unnamed = std::ranges::count_if(flags.sites, [](const std::string& text) { return !named_site(text); });
  if (unnamed > 1) return broken(rules::serve_option, "of several folders each needs a name: NAME=FOLDER");
  if (unnamed == 0 && !(flags.certs.empty() && flags.names.empty()))
    return broken(rules::serve_option, "--name, --cert and --key are for a folder without a name of its own");
  return {};
}

}  // namespace

void add_serve_flags(CLI::App& app, ServeFlags& flags) {
  auto* const sites = app.add_option(
      "SITE", flags.sites,
      "A folder whose files are served, NAME=FOLDER, or NAME=PORT (NAME=HOST:PORT, NAME=URL) for a server "
      "that stands behind; may be repeated; without any the sites stand in --config");
  auto* const config =
      app.add_option("--config", flags.config,
                     "A file of configuration (default padlock.toml here, else in /etc/padlock), instead of all else");
  auto* const domain = app.add_option(
      "--domain", flags.domain,
      "Where services are added while it runs (`padlock host add`): NAME.DOMAIN, for example NAME.localhost");
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
  app.add_option(
      "--admin-socket", flags.admin_socket,
      "Where `padlock status` and `padlock reload` find this server; off: nowhere (default admin-PORT.sock in "
      "the user's runtime folder)");
  app.add_option("--user", flags.user, "Started as root: the user that clients are served as");
  auto* const keeper = app.add_flag("--keeper", flags.keeper,
                                    "Two processes: one starts the other again if it ends, and puts another in its "
                                    "place for `padlock restart`");
  auto* const dry = app.add_flag("--dry-run", flags.dry_run,
                                 "Serve nothing: look at the configuration, and at what a CA needs for each name "
                                 "(`padlock doctor`); exit 3 if something is wrong");
  auto* const dns = app.add_option("--dns", flags.dns, "With --dry-run: HOST[:PORT] of the name server that is asked");
  dns->needs(dry);
  // A file of configuration says all of it: nothing that is typed beside it is passed over in silence.
  config->excludes(sites)->excludes(domain);
  app.parse_complete_callback([&app, sites, domain, config, keeper, dry, dns] {
    if (sites->count() > 0 || domain->count() > 0) return;
    for (const CLI::Option* const option : app.get_options()) {
      const bool stands_alone =
          option == config || option == keeper || option == dry || option == dns || option == app.get_help_ptr();
      if (!stands_alone && option->count() > 0) throw CLI::RequiresError(option->get_name(), sites->get_name());
    }
  });
}

Result<server::Config> config_of(const ServeFlags& flags) {
  PADLOCK_TRY(check(flags));
  server::Config config;
  config.listen = PADLOCK_TRY(addresses_of(flags.listen));
  config.skip_unavailable_addresses = config.listen.empty();
  if (config.listen.empty()) config.listen = *addresses_of({"127.0.0.1", "::1"});
  config.https_port = flags.port;
  config.http_port = flags.http_port;
  config.policy = PADLOCK_TRY(policy_of(flags.policy));
  if (flags.admin_socket == "off") {
    config.admin.socket = server::AdminConfig::Socket::off;
  } else if (!flags.admin_socket.empty()) {
    config.admin = {.socket = server::AdminConfig::Socket::file, .file = flags.admin_socket};
  }
  if (!flags.user.empty()) config.user = flags.user;
  if (!flags.domain.empty()) {
    if (!x509::is_host_name(flags.domain))
      return broken(rules::serve_option, "--domain takes a name such as example.com, not " + escaped(flags.domain));
    config.domain = to_lower_ascii(flags.domain);
  }
  if (!flags.fallback.empty()) config.fallback = to_lower_ascii(flags.fallback);
  for (const std::string& text : flags.sites) config.sites.push_back(PADLOCK_TRY(site_of(flags, text, config)));
  return config;
}

Result<std::filesystem::path> find_config_file(const std::string& named) {
  if (!named.empty()) return named;
  for (const auto* const file : {"padlock.toml", "/etc/padlock/padlock.toml"}) {
    std::error_code ignored;
    if (std::filesystem::exists(file, ignored)) return file;
  }
  return broken(rules::no_configuration, "there is neither padlock.toml here nor /etc/padlock/padlock.toml");
}

void print_problems(const server::ConfigProblems& problems) {
  for (const server::ConfigProblem& problem : problems) print_error(server::to_string(problem));
}

int exit_code_of(const Error& error) {
  const auto among = [&](const auto& rules) { return std::ranges::find(rules, error.rule) != rules.end(); };
  return among(net::rules::connections) || among(net::rules::unix_sockets) ? failed : usage;
}

int serving_stopped_by(const Error& error) {
  print_error(error);
  return exit_code_of(error);
}

server::ServerOptions server_options(const server::Config& config) {
  server::ServerOptions options;
  options.addresses = config.listen;
  options.skip_unavailable_addresses = config.skip_unavailable_addresses || config.listen.empty();
  if (config.listen.empty()) options.addresses = *addresses_of({"0.0.0.0", "::"});
  options.https_port = config.https_port;
  options.http_port = config.http_port;
  options.workers = config.workers;
  options.admission = server::AdmissionLimits::for_descriptors(raise_descriptor_limit());
  if (config.connections) options.admission.connections = *config.connections;
  if (config.connections_per_address) options.admission.per_address = *config.connections_per_address;
  options.load = config.load;
  return options;
}

}  // namespace padlock::cli
