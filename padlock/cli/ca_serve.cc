// `padlock ca serve`: the local CA as an ACME server, for a home or an office.
#include "padlock/cli/ca_serve.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include "padlock/acme/jws.h"
#include "padlock/acme/limits.h"
#include "padlock/base/text.h"
#include "padlock/ca/limits.h"
#include "padlock/ca/local_ca.h"
#include "padlock/ca/names.h"
#include "padlock/cli/ca_serve_rules.h"
#include "padlock/cli/ca_service.h"
#include "padlock/cli/local_ca.h"
#include "padlock/cli/log_sink.h"
#include "padlock/cli/revocation_pages.h"
#include "padlock/cli/rules.h"
#include "padlock/net/clock.h"
#include "padlock/net/sandbox.h"
#include "padlock/net/service_manager.h"
#include "padlock/server/config/read_config.h"
#include "padlock/server/server.h"
#include "padlock/server/site.h"
#include "padlock/x509/host_name.h"

namespace padlock::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_descriptors = 1024;
constexpr std::uint16_t dns_port = 53;
constexpr std::chrono::seconds renewal_check{3};
constexpr std::size_t most_external_accounts_bytes = std::size_t{256} * 1024;

struct Flags {
  std::vector<std::string> listen;
  std::uint16_t port = 8443;
  std::uint16_t http_port = 8080;
  std::vector<std::string> names;
  std::vector<std::string> allow, only;
  std::vector<std::string> challenges;
  std::uint16_t http_01_port = 80;
  std::uint16_t tls_alpn_01_port = 443;
  std::string dns;
  std::string external_accounts;
  bool external_account_required = false;
};

// ---- what was typed -------------------------------------------------------------------------------------------------

Result<std::vector<net::IpAddress>> addresses_of(const Flags& flags) {
  std::vector<net::IpAddress> addresses;
  for (const std::string& text : flags.listen) {
    const auto address = x509::parse_ip_address(text);
    if (!address) return broken(rules::ca_serve_option, "--listen takes an IP address, not " + escaped(text));
    addresses.push_back(*address);
  }
  if (addresses.empty()) addresses = {*x509::parse_ip_address("127.0.0.1"), *x509::parse_ip_address("::1")};
  return addresses;
}

/// What the server's own certificate is for: what was said, else this machine and the addresses that it listens on.
std::vector<std::string> names_of(const Flags& flags, const std::vector<net::IpAddress>& listen) {
  if (!flags.names.empty()) return flags.names;
  std::vector<std::string> names{"localhost", "127.0.0.1", "::1"};
  for (const net::IpAddress& address : listen) {
    const std::array<std::string, 1> text{x509::to_string(address)};
    const bool any = std::ranges::all_of(address.view(), [](std::uint8_t byte) { return byte == 0; });
    const bool known = std::ranges::find(names, text.front()) != names.end();
    if (!any && !known && ca::alternative_names(text)) names.push_back(text.front());
  }
  return names;
}

Result<std::vector<acme::ChallengeType>> challenges_of(const Flags& flags) {
  std::vector<acme::ChallengeType> types;
  for (const std::string& text : flags.challenges) {
    const auto type = acme::find_challenge_type(text);
    if (!type)
      return broken(rules::ca_serve_option,
                    "--challenge is http-01, tls-alpn-01, dns-01 or dns-persist-01, not " + escaped(text));
    types.push_back(*type);
  }
  if (!types.empty()) return types;
  return std::vector{acme::ChallengeType::http_01, acme::ChallengeType::tls_alpn_01, acme::ChallengeType::dns_01};
}

/// What records of dns-persist-01 call this CA: the names that this server is known by. Nobody, where nobody asks.
Result<std::vector<std::string>> issuer_domain_names_of(const std::vector<acme::ChallengeType>& challenges,
                                                        const std::vector<std::string>& names) {
  std::vector<std::string> issuers;
  if (std::ranges::find(challenges, acme::ChallengeType::dns_persist_01) == challenges.end()) return issuers;
  for (const std::string& name : names) {
    const std::string issuer = to_lower_ascii(name);
    const bool room = issuers.size() < acme::limits::issuer_domain_names;
    if (room && acme::is_issuer_domain_name(issuer) && !x509::parse_ip_address(issuer)) issuers.push_back(issuer);
  }
  if (issuers.empty())
    return broken(rules::ca_serve_option, "records of dns-persist-01 name the CA: give it a host name by --name");
  return issuers;
}

Result<std::map<std::string, SecretBytes>> external_accounts_of(const std::string& file) {
  std::map<std::string, SecretBytes> keys;
  if (file.empty()) return keys;
  const auto text = PADLOCK_TRY(net::read_private_file(file, most_external_accounts_bytes));
  const auto json = nlohmann::json::parse(as_text(text.reveal()), nullptr, false);
  const auto bad = [&] { return broken(rules::external_accounts_file, escaped(file) + " holds no MAC keys"); };
  if (!json.is_object() || json.empty()) return bad();
  for (const auto& [identifier, key] : json.items()) {
    if (!key.is_string()) return bad();
    auto account = acme::make_external_account(identifier, key.get<std::string>());
    if (!account) return bad();
    keys[identifier] = std::move(account->mac_key);
  }
  return keys;
}

/// Names below these suffixes alone, where some are given; all that the CA may certify otherwise.
Result<std::function<bool(const acme::Identifier&)>> permitted_by(const Flags& flags) {
  std::vector<std::string> suffixes;
  for (const std::string& text : flags.only) {
    std::string suffix = to_lower_ascii(text.starts_with('.') ? text.substr(1) : text);
    if (!x509::is_host_name(suffix))
      return broken(rules::ca_serve_option, "--only takes a domain, not " + escaped(text));
    suffixes.push_back(std::move(suffix));
  }
  return [suffixes = std::move(suffixes)](const acme::Identifier& identifier) {
    const std::string_view name =
        identifier.wildcard() ? std::string_view(identifier.value).substr(2) : identifier.value;
    const auto holds = [&](const std::string& suffix) { return x509::is_within(name, suffix); };
    return suffixes.empty() || identifier.type == acme::Identifier::Type::ip || std::ranges::any_of(suffixes, holds);
  };
}

Result<ValidationPlaces> places_of(const Flags& flags) {
  ValidationPlaces places{.http_port = flags.http_01_port, .https_port = flags.tls_alpn_01_port};
  if (flags.dns.empty()) return places;
  places.resolver = net::parse_endpoint(flags.dns);
  if (!places.resolver)
    return broken(rules::ca_serve_option, "--dns takes ADDRESS:PORT of a resolver, not " + escaped(flags.dns));
  return places;
}

/// Ninety days for clients that renew by a calendar, a week for those that ask when.
std::vector<acme::CertificateProfile> profiles() {
  return {{"default", "valid for 90 days", ca::max_leaf_life}, {"shortlived", "valid for 7 days", ca::leaf_life}};
}

/// The CA is made for these domains, or it is there and is for them.
Result<void> allow_domains(const Flags& flags, const fs::path& state) {
  if (flags.allow.empty()) return {};
  const auto provider = crypto::make_provider();
  ca::Settings settings;
  if (PADLOCK_TRY(ca::LocalCa::find_root(state, *provider))) settings = PADLOCK_TRY(ca::read_settings(state / "ca"));
  PADLOCK_TRY(add_domains(flags.allow, settings));
  return ca::LocalCa::configure(state, settings, *provider);
}

// ---- the server -----------------------------------------------------------------------------------------------------

/// The certificate of the server itself, by the CA that it serves, and when to have another.
class OwnCertificate {
 public:
  static Result<std::unique_ptr<OwnCertificate>> open(const fs::path& state, std::vector<std::string> names) {
    std::unique_ptr<OwnCertificate> own(new OwnCertificate(std::move(names)));  // the constructor is private
    own->ca_ = PADLOCK_TRY(ca::LocalCa::open_or_create(state, *own->provider_, net::now().wall));
    own->credentials_ = PADLOCK_TRY(server::Credentials::make(PADLOCK_TRY(own->issue())));
    return own;
  }
  const std::shared_ptr<server::Credentials>& credentials() const { return credentials_; }
  /// The old one stays where there is no new one.
  Result<void> renew() {
    if (net::now().wall < renew_at_) return {};
    return credentials_->replace(PADLOCK_TRY(issue()));
  }

 private:
  explicit OwnCertificate(std::vector<std::string> names) : names_(std::move(names)) {}
  Result<std::vector<server::SiteCredential>> issue() {
    const auto leaf = PADLOCK_TRY(ca_->issue(names_, net::now().wall));
    renew_at_ = leaf.renew_at;
    std::vector<server::SiteCredential> all;
    all.push_back(server::make_site_credential(server::Names(names_), leaf.credential));
    return all;
  }
  std::vector<std::string> names_;
  std::unique_ptr<crypto::Provider> provider_ = crypto::make_provider();
  std::optional<ca::LocalCa> ca_;
  std::shared_ptr<server::Credentials> credentials_;
  WallTime renew_at_{};
};

net::SandboxRules sandbox_rules(const fs::path& state, const ValidationPlaces& places) {
  net::SandboxRules rules;
  rules.write = {state};
  // The C library's, which looks names up.
  rules.read = {"/dev/null",      "/etc/passwd",      "/etc/nsswitch.conf", "/etc/hosts",
                "/etc/host.conf", "/etc/resolv.conf", "/etc/gai.conf",      "/etc/services",
                "/lib",           "/lib64",           "/etc/ld.so.cache",   "/usr/lib"};
  rules.connect_ports = {places.http_port, places.https_port, places.resolver ? places.resolver->port : dns_port};
  return rules;
}

net::Awaitable<void> keep_up(OwnCertificate& own, RevocationService* revocation) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  std::string told;
  for (;;) {
    timer.expires_after(renewal_check);
    co_await timer.async_wait(asio::use_awaitable);
    auto done = own.renew();
    if (done && revocation != nullptr) done = revocation->refresh();
    const std::string trouble = done ? std::string() : done.error().what;
    if (!trouble.empty() && trouble != told) print_error(done.error());
    told = trouble;
  }
}

net::Awaitable<void> stop_on_signals(server::Server& server, asio::signal_set& signals) {
  co_await signals.async_wait(asio::use_awaitable);
  say("stopping: requests that are being served come to their end; once more stops at once\n");
  server.finish();
  co_await signals.async_wait(asio::use_awaitable);
  server.stop();
}

std::string origin_of(const std::string& name, std::uint16_t port) {
  const bool v6 = name.find(':') != std::string::npos;
  return "https://" + (v6 ? "[" + name + "]" : name) + (port == 443 ? "" : ":" + std::to_string(port));
}

void announce(const server::Server& server, const std::vector<std::string>& names, const fs::path& state,
              const RevocationService* revocation) {
  const std::string origin = origin_of(names.front(), server.https().front().port);
  say("the local CA speaks ACME on " + origin + "/directory\nits root: " +
      escaped((state / "ca" / "root.pem").native()) + " (clients verify this server by it)\n");
  if (revocation != nullptr) {
    say("what was revoked is told in plain http, which clients look for on " + escaped(revocation->url()) + "\n");
  } else {
    say("nobody is told what was revoked: `padlock ca create --url http://HOST:" +
        std::to_string(server.http().front().port) + "` has certificates point here\n");
  }
}

server::ServerOptions options_of(const Flags& flags, const std::vector<net::IpAddress>& listen) {
  server::ServerOptions options;
  options.addresses = listen;
  options.skip_unavailable_addresses = flags.listen.empty();
  options.https_port = flags.port;
  options.http_port = flags.http_port;
  options.workers = 1;  // CaService is one thread's
  options.admission = server::AdmissionLimits::for_descriptors(most_descriptors);
  return options;
}

Result<int> try_serve(const Flags& flags) {
  std::signal(SIGPIPE, SIG_IGN);  // a client that goes away is an error of its own connection
  const auto listen = PADLOCK_TRY(addresses_of(flags));
  const auto names = names_of(flags, listen);
  const ValidationPlaces places = PADLOCK_TRY(places_of(flags));
  const auto challenges = PADLOCK_TRY(challenges_of(flags));
  acme::CaServerOptions options{.profiles = profiles(),
                                .challenges = challenges,
                                .issuer_domain_names = PADLOCK_TRY(issuer_domain_names_of(challenges, names)),
                                .external_accounts = PADLOCK_TRY(external_accounts_of(flags.external_accounts)),
                                .external_account_required = flags.external_account_required,
                                .permits = PADLOCK_TRY(permitted_by(flags))};
  if (flags.external_account_required && options.external_accounts.empty())
    return broken(rules::ca_serve_option, "--eab-required has nobody register without --eab FILE");
  const fs::path state = PADLOCK_TRY(own_state_directory());
  PADLOCK_TRY(allow_domains(flags, state));
  std::optional<LogWriter> log;
  const auto tell = [&log](std::string_view line) { log->sink()(line); };
  const auto service = PADLOCK_TRY(CaService::open(state, std::move(options), places, tell));
  for (const std::string& notice : service->notices()) print_error(notice);
  const auto own = PADLOCK_TRY(OwnCertificate::open(state, names));
  const auto revocation = PADLOCK_TRY(RevocationService::open(state));
  auto route = server::make_route(std::make_shared<CaHandler>(service));
  auto site = PADLOCK_TRY(server::make_site(names, own->credentials(), std::move(route)));
  server::Service served{.sites = PADLOCK_TRY(server::Sites::make({std::move(site)}, names.front()))};
  if (revocation) served.plain_answers = revocation->pages();
  auto server_options = options_of(flags, listen);
  auto bound = PADLOCK_TRY(server::bind_sockets(server_options));
  static_cast<void>(PADLOCK_TRY(net::enter_sandbox(sandbox_rules(state, places))));
  log.emplace();
  server_options.log = log->sink();
  server_options.requests.sink = log->sink();
  const auto server = PADLOCK_TRY(server::Server::open(server_options, std::move(served), std::move(bound)));
  asio::io_context loop(1);
  asio::signal_set stop(loop, SIGINT, SIGTERM);
  server->start();
  announce(*server, names, state, revocation.get());
  net::ServiceManager::of_environment().ready("serving the local CA");
  asio::co_spawn(loop, keep_up(*own, revocation.get()), asio::detached);
  asio::co_spawn(loop, stop_on_signals(*server, stop), asio::detached);
  std::thread waits([&] {
    server->join();
    loop.stop();
  });
  loop.run();
  waits.join();
  say("stopped\n");
  return fine;
}

}  // namespace

void add_ca_serve(CLI::App& ca, Run& run) {
  auto* command = ca.add_subcommand("serve", "Let clients of this network ask it for certificates by ACME");
  const auto flags = std::make_shared<Flags>();
  command->add_option("--listen", flags->listen, "Address to listen on, may be repeated (default 127.0.0.1 and ::1)")
      ->allow_extra_args(false);
  command->add_option("--port", flags->port, "Port for https; 0: any free one")->capture_default_str();
  command->add_option("--http-port", flags->http_port, "Port for plain http, where revocation is told; 0: any free one")
      ->capture_default_str();
  command
      ->add_option("--name", flags->names,
                   "Host name or address of this server, may be repeated (default localhost, 127.0.0.1, ::1 and "
                   "addresses of --listen)")
      ->allow_extra_args(false);
  command
      ->add_option("--allow", flags->allow,
                   "A domain that the CA may certify besides names of this machine and private ones, such as lan; its "
                   "root is made for it, so the CA is a new one; may be repeated")
      ->allow_extra_args(false);
  command->add_option("--only", flags->only, "Certify names at and below this domain alone, may be repeated")
      ->allow_extra_args(false);
  command
      ->add_option("--challenge", flags->challenges,
                   "How names may be proved, may be repeated (default http-01, tls-alpn-01, dns-01; there is also "
                   "dns-persist-01)")
      ->allow_extra_args(false);
  command->add_option("--http-01-port", flags->http_01_port, "Where http-01 is looked for")->capture_default_str();
  command->add_option("--tls-alpn-01-port", flags->tls_alpn_01_port, "Where tls-alpn-01 is looked for")
      ->capture_default_str();
  command->add_option("--dns", flags->dns, "ADDRESS:PORT of the resolver to ask (default the system's)");
  command->add_option("--eab", flags->external_accounts,
                      "A JSON file, this user's alone, with MAC keys of external accounts by their key identifiers");
  command->add_flag("--eab-required", flags->external_account_required, "No account without one of these");
  command->callback([flags, &run] { run = work_of(flags, try_serve); });
}

}  // namespace padlock::cli
