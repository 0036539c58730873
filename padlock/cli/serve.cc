// `padlock serve DIR`: a folder over HTTPS, with a certificate by the local CA unless one is given.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

#include <CLI/CLI.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/redirect_error.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include "padlock/base/text.h"
#include "padlock/ca/local_ca.h"
#include "padlock/cli/command.h"
#include "padlock/cli/log_sink.h"
#include "padlock/cli/revocation_pages.h"
#include "padlock/cli/rules.h"
#include "padlock/cli/serve_flags.h"
#include "padlock/client/trust.h"
#include "padlock/client/verdict.h"
#include "padlock/net/clock.h"
#include "padlock/net/rules.h"

namespace padlock::cli {
namespace {

/// How often we look whether a certificate is due or something was revoked: a few looks at files, and a stepped clock
/// is seen.
constexpr std::chrono::seconds renewal_check{3};

void say(const std::string& line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fflush(stdout);
}

/// What the world refuses fails while working; all else is a wrong setting.
int exit_code_of(const Error& error) {
  const bool world = std::ranges::find(net::rules::connections, error.rule) != net::rules::connections.end();
  return world ? failed : usage;
}

std::string list_of(const server::Names& names) {
  std::string list;
  for (const std::string& name : names.all()) list += (list.empty() ? "" : ", ") + name;
  return list;
}

/// The server's certificates: from files, or one from the local CA, which replaces it when it is due.
class CertificateSource {
 public:
  explicit CertificateSource(const ServeFlags& flags) : flags_(flags) {}

  Result<std::shared_ptr<server::Credentials>> open(const server::ServerOptions& options) {
    const auto fallback = flags_.fallback.empty() ? std::nullopt : std::optional(to_lower_ascii(flags_.fallback));
    std::vector<server::SiteCredential> sites;
    for (std::size_t at = 0; at < flags_.certs.size(); ++at) {
      sites.push_back(PADLOCK_TRY(server::load_credential(flags_.certs[at], flags_.keys.at(at), *provider_)));
      given_ += "certificate for " + list_of(sites.back().names) + " from " + escaped(flags_.certs[at]) + "\n";
    }
    if (sites.empty()) {
      const auto directory = client::state_directory();
      if (!directory) return broken(rules::no_state_directory, "there is no place for the local CA");
      ca_ = PADLOCK_TRY(ca::LocalCa::open_or_create(*directory, *provider_, net::now().wall));
      names_ = names_to_certify(flags_, options);
      root_file_ = *directory / "ca" / "root.pem";
      policy_ = options.policy;
      sites = PADLOCK_TRY(issue());
      files_ = ca_->state_of_files();
    }
    credentials_ = PADLOCK_TRY(server::Credentials::make(std::move(sites), fallback));
    return credentials_;
  }

  /// Looks whether a new certificate is due, or this one was revoked, and puts it in place. Error: the old one serves
  /// on.
  Result<void> renew() {
    if (!ca_) return {};
    std::string files = ca_->state_of_files();
    if (net::now().wall < renew_at_ && files == files_) return {};
    auto sites = PADLOCK_TRY(issue());
    files_ = std::move(files);
    return credentials_->replace(std::move(sites));
  }

  std::string describe() const {
    if (!ca_) return given_;
    return "certificate for " + list_of(credentials_->names()) + " by the Padlock local CA, valid until " +
           client::minute_text(not_after_) + "\nroot of that CA: " + escaped(root_file_.native()) +
           " (`padlock get` trusts it; curl takes it with --cacert)\n";
  }

 private:
  Result<std::vector<server::SiteCredential>> issue() {
    std::vector<server::SiteCredential> sites;
    sites.push_back(PADLOCK_TRY(issue(ca::LeafKey::ecdsa)));
    // Old key exchanges need a key that is old.
    if (policy_ == tls::Policy::legacy) sites.push_back(PADLOCK_TRY(issue(ca::LeafKey::rsa)));
    return sites;
  }

  Result<server::SiteCredential> issue(ca::LeafKey key) {
    auto leaf = PADLOCK_TRY(ca_->issue(names_, net::now().wall, key));
    for (; told_ < ca_->notices().size(); ++told_) print_error(ca_->notices()[told_]);
    renew_at_ = leaf.renew_at;
    not_after_ = leaf.not_after;
    const auto certificate = PADLOCK_TRY(x509::parse_certificate(leaf.credential.chain.front()));
    return server::make_site_credential(server::Names(server::names_of(*certificate)), std::move(leaf.credential));
  }

  const ServeFlags& flags_;
  std::unique_ptr<crypto::Provider> provider_ = crypto::make_provider();
  std::optional<ca::LocalCa> ca_;
  std::vector<std::string> names_;
  std::filesystem::path root_file_;
  tls::Policy policy_ = tls::Policy::intermediate;
  WallTime renew_at_{}, not_after_{};
  std::string files_;     ///< LocalCa::state_of_files at the last look
  std::size_t told_ = 0;  ///< notices that were printed
  std::string given_;     ///< a line for each certificate from a file
  std::shared_ptr<server::Credentials> credentials_;
};

/// What the local CA says in plain http, where it has a URL; null: nothing. A CA that cannot be used is no reason not
/// to serve with a certificate from elsewhere.
std::unique_ptr<RevocationService> open_revocation_service() {
  const auto directory = client::state_directory();
  if (!directory) return nullptr;
  auto service = RevocationService::open(*directory);
  if (service) return *std::move(service);
  print_error(service.error());
  return nullptr;
}

/// Says an error once, until there is another one or none.
class Complaint {
 public:
  void about(const Result<void>& done) {
    const bool news = !done && (!told_ || told_->what != done.error().what);
    if (news) print_error(done.error());
    told_ = done ? std::nullopt : std::optional(done.error());
  }

 private:
  std::optional<Error> told_;
};

/// The main thread's work while the workers serve: renewals and signals.
net::Awaitable<void> renew_when_due(CertificateSource& source, RevocationService* service) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  Complaint about_certificate, about_answers;
  for (;;) {
    timer.expires_after(renewal_check);
    co_await timer.async_wait(asio::use_awaitable);
    about_certificate.about(source.renew());
    if (service != nullptr) about_answers.about(service->refresh());
  }
}

net::Awaitable<void> stop_on_signals(server::Server& server, asio::io_context& loop) {
  asio::signal_set signals(loop, SIGINT, SIGTERM);
  co_await signals.async_wait(asio::use_awaitable);
  say("stopping: requests that are being served come to their end; once more stops at once\n");
  server.finish();
  co_await signals.async_wait(asio::use_awaitable);
  server.stop();
}

void announce(const ServeFlags& flags, const server::Server& server, const CertificateSource& source,
              const std::shared_ptr<server::Credentials>& credentials) {
  const std::string name = credentials->names().all().front();
  const std::string host = name.find(':') == std::string::npos ? name : "[" + name + "]";
  say("serving " + escaped(flags.folder) + " on https://" + host + ":" + std::to_string(server.https().front().port) +
      "/\nplain http on http://" + host + ":" + std::to_string(server.http().front().port) + "/ is redirected\n" +
      source.describe());
  if (flags.policy == "legacy")
    print_error("the policy is legacy: old clients get DHE, static RSA and CBC, which are weaker than all else here");
  for (const net::Endpoint& endpoint : server.https()) {
    if (!net::is_loopback(endpoint.address))
      print_error("this folder is now public: whoever reaches " + net::to_string(endpoint) + " can read " +
                  escaped(flags.folder));
  }
}

int stopped_by(const Error& error) {
  print_error(error);
  return exit_code_of(error);
}

int serve(const ServeFlags& flags) {
  std::signal(SIGPIPE, SIG_IGN);  // a client that goes away is an error of its own connection
  auto options = prepare_server(flags);
  if (!options) return stopped_by(options.error());
  CertificateSource source(flags);
  const auto credentials = source.open(*options);
  if (!credentials) return stopped_by(credentials.error());
  const auto service = open_revocation_service();
  if (service) options->plain_answers = service->pages();
  LogToStderr log;
  options->log = log.sink();
  auto server = server::Server::open(std::move(*options), *credentials);
  if (!server) return stopped_by(server.error());
  (*server)->start();
  announce(flags, **server, source, *credentials);
  if (service)
    say("the local CA answers for its certificates in plain http, which they look for on " + escaped(service->url()) +
        "\n");
  asio::io_context loop(1);
  asio::co_spawn(loop, renew_when_due(source, service.get()), asio::detached);
  asio::co_spawn(loop, stop_on_signals(**server, loop), asio::detached);
  std::thread waits([&] {
    (*server)->join();
    loop.stop();
  });
  loop.run();
  waits.join();
  say("stopped\n");
  return fine;
}

}  // namespace

void add_serve(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("serve", "Serve a folder over HTTPS");
  const auto flags = std::make_shared<ServeFlags>();
  add_serve_flags(*command, *flags);
  command->callback([flags, &run] { run = [flags] { return serve(*flags); }; });
}

}  // namespace padlock::cli
