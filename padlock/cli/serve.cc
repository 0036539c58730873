// `padlock serve`: sites over HTTPS, with certificates by the local CA where none is given.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <tuple>
#include <vector>

#include <CLI/CLI.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/redirect_error.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include "padlock/base/text.h"
#include "padlock/cli/command.h"
#include "padlock/cli/hosting.h"
#include "padlock/cli/log_sink.h"
#include "padlock/cli/revocation_pages.h"
#include "padlock/cli/rules.h"
#include "padlock/cli/serve_flags.h"
#include "padlock/client/trust.h"
#include "padlock/http/message/url.h"
#include "padlock/net/rules.h"
#include "padlock/server/config/read_config.h"

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

/// Says errors once, until they are others or none.
class Complaint {
 public:
  void about(const std::vector<Error>& errors) {
    std::vector<std::string> news;
    for (const Error& error : errors) {
      if (std::ranges::find(told_, error.what) == told_.end()) print_error(error);
      news.push_back(error.what);
    }
    told_ = std::move(news);
  }
  void about(const Result<void>& done) { about(done ? std::vector<Error>() : std::vector<Error>{done.error()}); }

 private:
  std::vector<std::string> told_;
};

/// A server and what it serves, as its configuration says; reloaded while it runs.
class Serving {
 public:
  /// `file`: where the configuration was read, for reloads; empty: it was not.
  Serving(server::Config config, std::filesystem::path file) : config_(std::move(config)), file_(std::move(file)) {}

  Result<void> start() {
    auto service = PADLOCK_TRY(hosting_.load(config_));
    revocation_ = open_revocation_service();
    if (revocation_) service.plain_answers = revocation_->pages();
    auto options = server_options(config_);
    options.log = log_.sink();
    options.requests = PADLOCK_TRY(open_request_log());
    server_ = PADLOCK_TRY(server::Server::open(options, std::move(service)));
    server_->start();
    return {};
  }

  void announce() const;

  /// Reads the configuration again. Whatever is wrong with it is said, and the one before serves on.
  void reload() {
    if (file_.empty()) return print_error("this server has no file of configuration to read again");
    auto config = server::read_config(file_);
    if (!config) {
      print_problems(config.error());
      return print_error("nothing was changed: " + escaped(file_.native()) + " has " + count(config.error().size()));
    }
    if (const auto done = replace(*std::move(config)); !done) return print_error(done.error());
    say("reloaded " + escaped(file_.native()) + "\n" + hosting_.describe_certificates());
  }

  /// The file of requests was moved away.
  void reopen_log() {
    if (requests_) requests_->reopen();
  }

  void look_for_renewals() {
    about_certificates_.about(hosting_.renew());
    if (revocation_) about_answers_.about(revocation_->refresh());
  }

  server::Server& server() { return *server_; }

 private:
  static std::string count(std::size_t problems) {
    return problems == 1 ? "a problem" : std::to_string(problems) + " problems";
  }

  Result<server::RequestLog> open_request_log() {
    using To = server::RequestLogConfig::To;
    server::RequestLog log{.format = config_.log.format};
    if (config_.log.to == To::standard_error) log.sink = log_.sink();
    if (config_.log.to == To::file) {
      requests_ = PADLOCK_TRY(LogWriter::open(config_.log.file));
      log.sink = requests_->sink();
    }
    return log;
  }

  Result<void> replace(server::Config config) {
    const auto start_of = [](const server::Config& one) {
      return std::tie(one.listen, one.https_port, one.http_port, one.workers, one.connections,
                      one.connections_per_address, one.log);
    };
    if (start_of(config) != start_of(config_))
      return broken(rules::restart_needed, "nothing was changed: " + escaped(file_.native()) + " has other settings");
    auto service = PADLOCK_TRY(hosting_.load(config));
    if (revocation_) service.plain_answers = revocation_->pages();
    server_->replace(std::move(service));
    config_ = std::move(config);
    return {};
  }

  server::Config config_;
  std::filesystem::path file_;
  Hosting hosting_;
  std::unique_ptr<RevocationService> revocation_;
  LogWriter log_;
  std::unique_ptr<LogWriter> requests_;  ///< null: they are not in a file of their own
  std::unique_ptr<server::Server> server_;
  Complaint about_certificates_, about_answers_;
};

std::string url_of(const server::Site& site, std::string_view scheme, std::uint16_t port) {
  const std::string& name = site.names.all().front();
  return http::Url{.scheme = std::string(scheme),
                   .host = name,
                   .ipv6 = name.find(':') != std::string::npos,
                   .port = port,
                   .path = "/",
                   .query = {}}
      .to_string();
}

std::string content_of(const server::SiteConfig& site) {
  if (const auto* folder = std::get_if<server::FolderSource>(&site.content)) return escaped(folder->folder.native());
  if (const auto* proxy = std::get_if<server::ProxyTarget>(&site.content)) {
    std::string origins;
    for (const server::UpstreamConfig& one : proxy->upstreams)
      origins += (origins.empty() ? "" : ", ") + one.url.origin();
    return "what " + origins + (proxy->upstreams.size() > 1 ? " answer" : " answers");
  }
  return "a redirect to " + std::get<server::RedirectTarget>(site.content).origin;
}

void Serving::announce() const {
  const std::uint16_t https = server_->https().front().port, http = server_->http().front().port;
  const auto& sites = hosting_.sites();
  for (std::size_t at = 0; at < sites.size(); ++at)
    say("serving " + content_of(config_.sites[at]) + " on " + url_of(*sites[at], "https", https) + "\n");
  say("plain http on " + url_of(*sites.front(), "http", http) + " is redirected\n" + hosting_.describe_certificates());
  if (!hosting_.local_root().empty())
    say("root of that CA: " + escaped(hosting_.local_root().native()) +
        " (`padlock get` trusts it; curl takes it with --cacert)\n");
  if (config_.policy == tls::Policy::legacy)
    print_error("the policy is legacy: old clients get DHE, static RSA and CBC, which are weaker than all else here");
  for (const net::Endpoint& endpoint : server_->https()) {
    if (file_.empty() && !net::is_loopback(endpoint.address))
      print_error("this folder is now public: whoever reaches " + net::to_string(endpoint) + " can read " +
                  content_of(config_.sites.front()));
  }
  if (revocation_)
    say("the local CA answers for its certificates in plain http, which they look for on " +
        escaped(revocation_->url()) + "\n");
}

// The main thread's work while the workers serve: renewals and signals.

net::Awaitable<void> renew_when_due(Serving& serving) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  for (;;) {
    timer.expires_after(renewal_check);
    co_await timer.async_wait(asio::use_awaitable);
    serving.look_for_renewals();
  }
}

net::Awaitable<void> reload_on_signals(Serving& serving, asio::signal_set& signals) {
  for (;;) {
    const int signal = co_await signals.async_wait(asio::use_awaitable);
    serving.reopen_log();
    if (signal == SIGHUP) serving.reload();
  }
}

net::Awaitable<void> stop_on_signals(server::Server& server, asio::signal_set& signals) {
  co_await signals.async_wait(asio::use_awaitable);
  say("stopping: requests that are being served come to their end; once more stops at once\n");
  server.finish();
  co_await signals.async_wait(asio::use_awaitable);
  server.stop();
}

int stopped_by(const Error& error) {
  print_error(error);
  return exit_code_of(error);
}

/// Signals are caught before anybody is told that we serve: one that comes early waits for its turn.
int run(Serving& serving) {
  asio::io_context loop(1);
  asio::signal_set reload(loop, SIGHUP, SIGUSR1);
  if (const auto started = serving.start(); !started) return stopped_by(started.error());
  asio::signal_set stop(loop, SIGINT, SIGTERM);
  serving.announce();
  asio::co_spawn(loop, renew_when_due(serving), asio::detached);
  asio::co_spawn(loop, reload_on_signals(serving, reload), asio::detached);
  asio::co_spawn(loop, stop_on_signals(serving.server(), stop), asio::detached);
  std::thread waits([&] {
    serving.server().join();
    loop.stop();
  });
  loop.run();
  waits.join();
  say("stopped\n");
  return fine;
}

int serve(const ServeFlags& flags) {
  std::signal(SIGPIPE, SIG_IGN);  // a client that goes away is an error of its own connection
  if (!flags.sites.empty()) {
    auto config = config_of(flags);
    if (!config) return stopped_by(config.error());
    Serving serving(*std::move(config), {});
    return run(serving);
  }
  const auto file = find_config_file(flags.config);
  if (!file) return stopped_by(file.error());
  auto config = server::read_config(*file);
  if (!config) {
    print_problems(config.error());
    return usage;
  }
  Serving serving(*std::move(config), *file);
  return run(serving);
}

}  // namespace

void add_serve(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("serve", "Serve folders over HTTPS");
  const auto flags = std::make_shared<ServeFlags>();
  add_serve_flags(*command, *flags);
  command->callback([flags, &run] { run = [flags] { return serve(*flags); }; });
}

}  // namespace padlock::cli
