#include "padlock/cli/serving.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <iterator>
#include <system_error>
#include <tuple>
#include <utility>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "padlock/base/text.h"
#include "padlock/certs/shared_marks.h"
#include "padlock/cli/acme_rules.h"
#include "padlock/cli/command.h"
#include "padlock/cli/libraries.h"
#include "padlock/cli/passed_sockets.h"
#include "padlock/cli/rules.h"
#include "padlock/cli/sandbox_rules.h"
#include "padlock/cli/serve_flags.h"
#include "padlock/client/trust.h"
#include "padlock/http/message/url.h"
#include "padlock/net/clock.h"
#include "padlock/net/listener.h"
#include "padlock/net/workers.h"

namespace padlock::cli {
namespace {

/// How long workers may take until they have a new configuration: one is busy for milliseconds at most.
constexpr std::chrono::seconds replace_patience{30};

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

std::string url_of(const std::string& name, std::string_view scheme, std::uint16_t port) {
  return http::Url{.scheme = std::string(scheme),
                   .host = name,
                   .ipv6 = name.find(':') != std::string::npos,
                   .port = port,
                   .path = "/",
                   .query = {}}
      .to_string();
}

std::string url_of(const server::Site& site, std::string_view scheme, std::uint16_t port) {
  return url_of(site.names.all().front(), scheme, port);
}

std::string content_of(const server::SiteConfig& site) {
  if (const auto* folder = std::get_if<server::FolderSource>(&site.content)) return escaped(folder->folder.native());
  if (const auto* proxy = std::get_if<server::ProxyTarget>(&site.content)) {
    std::string origins;
    for (const server::UpstreamConfig& one : proxy->upstreams)
      origins += (origins.empty() ? "" : ", ") + one.url.origin();
    return "what " + origins + (proxy->upstreams.size() > 1 ? " answer" : " answers");
  }
  if (const auto* redirect = std::get_if<server::RedirectTarget>(&site.content))
    return "a redirect to " + redirect->base;
  if (std::holds_alternative<server::FixedResponse>(site.content)) return "a fixed response";
  return site.paths.empty() ? "nothing" : "its paths";
}

/// The number where there is no name.
std::string user_name() {
  std::vector<char> room(std::size_t{16} * 1024);
  passwd entry{};
  passwd* found = nullptr;
  const bool known = ::getpwuid_r(::geteuid(), &entry, room.data(), room.size(), &found) == 0 && found != nullptr;
  return known ? std::string(found->pw_name) : std::to_string(::geteuid());
}

std::string count(std::size_t problems) { return problems == 1 ? "a problem" : std::to_string(problems) + " problems"; }

std::vector<std::string> addresses_of(const std::vector<net::Endpoint>& endpoints) {
  std::vector<std::string> texts;
  texts.reserve(endpoints.size());
  for (const net::Endpoint& endpoint : endpoints) texts.push_back(net::to_string(endpoint));
  return texts;
}

/// Which sites are new, gone, other or the same, by the name of their table; a site of flags has none of these.
ReloadOutcome compare(const server::Config& before, const server::Config& after) {
  ReloadOutcome outcome;
  const auto find = [](const server::Config& config, const server::SiteConfig& wanted) {
    const auto same_name = [&](const server::SiteConfig& one) { return one.names.front() == wanted.names.front(); };
    const auto found = std::ranges::find_if(config.sites, same_name);
    return found == config.sites.end() ? nullptr : &*found;
  };
  for (const server::SiteConfig& site : after.sites) {
    const server::SiteConfig* const old = find(before, site);
    if (old == nullptr) {
      outcome.added.push_back(site.names.front());
    } else if (server::same_site(*old, site)) {
      ++outcome.unchanged;
    } else {
      outcome.changed.push_back(site.names.front());
    }
  }
  for (const server::SiteConfig& site : before.sites)
    if (find(after, site) == nullptr) outcome.removed.push_back(site.names.front());
  return outcome;
}

}  // namespace

void Complaint::about(const std::vector<Error>& errors) {
  std::vector<std::string> news;
  news.reserve(errors.size());
  for (const Error& error : errors) {
    if (std::ranges::find(told_, error.what) == told_.end()) print_error(error);
    news.push_back(error.what);
  }
  told_ = std::move(news);
}

// ---- start ----------------------------------------------------------------------------------------------------------

Result<void> Serving::start(asio::io_context& loop) {
  started_ = net::now();
  library_complaints_ = complaints_about(linked_libraries());  // of files that the sandbox has no way to
  PADLOCK_TRY(open_fleet());
  if (base_.domain) config_ = PADLOCK_TRY(with_services({}));
  std::vector<Error> left_out;
  auto service = PADLOCK_TRY(hosting_.load(config_, left_out));
  for (const Error& error : left_out) print_error(error);
  join_fleet();
  revocation_ = open_revocation_service();
  if (revocation_) service.plain_answers = revocation_->pages();
  auto options = server_options(config_);
  server::WorkersMarks marks;
  if (base_.store) marks = PADLOCK_TRY(certs::SharedMarks::open(*base_.store, net::worker_count(options.workers)));
  auto passed = PADLOCK_TRY(sort_passed_sockets(PADLOCK_TRY(net::take_passed_sockets()), config_));
  auto bound = PADLOCK_TRY(server::bind_sockets(options, std::move(passed.bound)));
  const std::uint16_t https_port = net::local_endpoint(bound.https.front()).port;
  administration_ = PADLOCK_TRY(Administration::open(loop, *this, config_.admin, https_port, std::move(passed)));
  // All that takes privileges is done, and this thread is the only one: those that it starts have no more than it has.
  sandbox_ = PADLOCK_TRY(
      net::enter_sandbox(sandbox_rules(config_, file_, administration_->socket(), hosting_.responder_ports())));
  log_.emplace();
  options.log = log_->sink();
  options.requests = PADLOCK_TRY(open_request_log());
  server_ = PADLOCK_TRY(server::Server::open(options, std::move(service), std::move(bound), std::move(marks)));
  server_->start();
  listen(loop.get_executor());
  hosting_.start_on_demand(loop.get_executor());
  if (fleet_) fleet_->use_kept_tickets();
  return {};
}

Result<server::RequestLog> Serving::open_request_log() {
  using To = server::RequestLogConfig::To;
  server::RequestLog log{.format = config_.log.format};
  if (config_.log.to == To::standard_error) log.sink = log_->sink();
  if (config_.log.to == To::file) {
    requests_ = PADLOCK_TRY(LogWriter::open(config_.log.file));
    log.sink = requests_->sink();
  }
  return log;
}

std::vector<std::string> Serving::notes() const {
  std::vector<std::string> notes = library_complaints_;
  if (config_.policy == tls::Policy::legacy)
    notes.emplace_back(
        "the policy is legacy: old clients get DHE, static RSA and CBC, which are weaker than all else here");
  for (const server::SiteConfig& site : config_.sites) {
    if (site.policy == tls::Policy::legacy && config_.policy != tls::Policy::legacy)
      notes.push_back("the policy of " + site.names.front() +
                      " is legacy: its old clients get what is weaker than all else here");
  }
  for (const Error& error : hosting_.acme_troubles()) notes.push_back(error.what);
  if (fleet_ && fleet_->trouble()) notes.push_back(fleet_->trouble()->what + "; what this node has is served on");
  for (std::string& one : hosting_.missing_staples()) notes.push_back(std::move(one));
  if (::geteuid() == 0)
    notes.emplace_back(
        "this server runs as root; `user` in the configuration, or the unit that ships, has it run as somebody else");
  for (const net::Endpoint& endpoint : server_->https()) {
    if (file_.empty() && !config_.sites.empty() && !net::is_loopback(endpoint.address))
      notes.push_back("this folder is now public: whoever reaches " + net::to_string(endpoint) + " can read " +
                      content_of(config_.sites.front()));
  }
  return notes;
}

/// As `systemctl status` shows it.
std::string Serving::summary() const {
  const std::size_t sites = config_.sites.size();
  return "serving " + std::to_string(sites) + (sites == 1 ? " site" : " sites") + " on " +
         net::to_string(server_->https().front());
}

void Serving::announce() const {
  const std::uint16_t https = server_->https().front().port, http = server_->http().front().port;
  const auto& sites = hosting_.sites();
  for (std::size_t at = 0; at < sites.size(); ++at)
    say("serving " + content_of(config_.sites[at]) + " on " + url_of(*sites[at], "https", https) + "\n");
  const bool adds_services = base_.domain && (file_.empty() || base_.sites.empty());
  const std::string anywhere = adds_services ? *base_.domain : std::string();
  if (adds_services)
    say("serving what `padlock host add NAME --to PORT` adds on " + url_of("NAME." + anywhere, "https", https) + "\n");
  say("plain http on " + (sites.empty() ? url_of(anywhere, "http", http) : url_of(*sites.front(), "http", http)) +
      " is redirected\n" + hosting_.describe_certificates());
  if (!hosting_.local_root().empty())
    say("root of that CA: " + escaped(hosting_.local_root().native()) +
        " (`padlock get` trusts it; curl takes it with --cacert)\n");
  for (const std::string& note : notes()) print_error(note);
  if (revocation_)
    say("the local CA answers for its certificates in plain http, which they look for on " +
        escaped(revocation_->url()) + "\n");
  manager_.ready(summary());
}

// ---- while it runs --------------------------------------------------------------------------------------------------

net::Awaitable<ReloadOutcome> Serving::reload() {
  if (file_.empty() && !base_.domain) co_return refused({"this server has no file of configuration to read again"});
  manager_.reloading();
  auto config =
      file_.empty() ? std::expected<server::Config, server::ConfigProblems>(base_) : server::read_config(file_);
  ReloadOutcome outcome;
  if (config) {
    outcome = co_await replace(*std::move(config));
  } else {
    outcome = refused(texts_of(config.error()));
  }
  manager_.ready(summary());
  co_return outcome;
}

std::vector<std::string> Serving::texts_of(const server::ConfigProblems& found) const {
  std::vector<std::string> problems;
  problems.reserve(found.size() + 1);
  for (const server::ConfigProblem& problem : found) problems.push_back(server::to_string(problem));
  problems.push_back("nothing was changed: " + (file_.empty() ? "there is " : escaped(file_.native()) + " has ") +
                     count(found.size()));
  return problems;
}

ReloadOutcome Serving::refused(std::vector<std::string> problems) {
  for (const std::string& problem : problems) print_error(problem);
  ++reloads_.refused;
  reloads_.last = net::now().wall;
  reloads_.last_done = false;
  return {.problems = std::move(problems), .added = {}, .removed = {}, .changed = {}};
}

/// What is wrong with a service's file is said as for any other: whoever reloads has just written one.
net::Awaitable<ReloadOutcome> Serving::replace(server::Config base) {
  const auto start_of = [](const server::Config& one) {
    return std::tie(one.listen, one.https_port, one.http_port, one.workers, one.connections,
                    one.connections_per_address, one.load, one.log, one.admin, one.user, one.acme, one.store,
                    one.on_event);
  };
  if (start_of(base) != start_of(base_)) {
    const Error error{&rules::restart_needed,
                      "nothing was changed: " + escaped(file_.native()) + " has other settings"};
    co_return refused({error_text(error)});
  }
  server::Config config = base;
  server::ConfigProblems problems;
  if (const auto folder = services_folder(); config.domain && folder) {
    const auto services = server::read_services(*folder, problems);
    std::ranges::move(server::add_services(config, services), std::back_inserter(problems));
  }
  if (!problems.empty()) co_return refused(texts_of(problems));
  auto service = hosting_.load(config);
  if (!service) co_return refused({error_text(service.error())});
  ReloadOutcome outcome = compare(config_, config);
  base_ = std::move(base);
  config_ = std::move(config);
  co_await put_in_place(*std::move(service));
  if (fleet_) fleet_->services_changed();
  ++reloads_.done;
  reloads_.last = net::now().wall;
  reloads_.last_done = true;
  say("reloaded " + (file_.empty() ? "the services" : escaped(file_.native())) + "\n" +
      hosting_.describe_certificates());
  co_return outcome;
}

net::Awaitable<void> Serving::put_in_place(server::Service service) {
  if (revocation_) service.plain_answers = revocation_->pages();
  const auto executor = co_await asio::this_coro::executor;
  const auto in_place = std::make_shared<asio::steady_timer>(executor, replace_patience);
  server_->replace(std::move(service),
                   [executor, in_place] { asio::post(executor, [in_place] { in_place->cancel(); }); });
  std::error_code woken;
  co_await in_place->async_wait(asio::redirect_error(asio::use_awaitable, woken));
}

void Serving::reopen_log() {
  if (requests_) requests_->reopen();
}

void Serving::look_for_renewals() {
  about_certificates_.about(hosting_.renew());
  if (revocation_) about_answers_.about(revocation_->refresh());
}

void Serving::listen(const asio::any_io_executor& executor) {
  if (events_) events_->start(executor);
  AcmeService::Listener listener;
  listener.order_ended = [this] { take_in_certificates(); };
  listener.happened = [this](const certs::CertificateEvent& event) {
    if (events_) events_->tell(event);
  };
  hosting_.listen(std::move(listener));
}

void Serving::certify(const asio::any_io_executor& executor) {
  hosting_.certify(executor);
  take_in_certificates();
}

/// A new one is in place at once.
void Serving::take_in_certificates() {
  about_acme_.about(hosting_.acme_troubles());
  about_certificates_.about(hosting_.renew());
  for (const std::string& one : hosting_.acme_news()) say(one);
}

void Serving::watch_certificates() {
  if (!events_) return;
  for (const certs::CertificateEvent& event : watch_.look(site_statuses(), net::now().wall)) events_->tell(event);
}

namespace {

/// For how long `padlock doctor` finds what it looks for.
constexpr std::chrono::seconds probe_life{30};

net::Awaitable<void> hide_later(std::shared_ptr<certs::ChallengeBoard> board, acme::ChallengeAnswer probe) {
  asio::steady_timer timer(co_await asio::this_coro::executor, probe_life);
  std::error_code woken;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  const std::vector<acme::ChallengeAnswer> shown(1, probe);
  co_await board->hide(shown);
}

}  // namespace

net::Awaitable<Result<Serving::Probe>> Serving::show_probe() {
  auto board = hosting_.challenges();
  if (!board) co_return broken(rules::no_acme, "no site of this server has a certificate by ACME");
  const auto provider = crypto::make_provider();
  std::array<std::uint8_t, 48> random{};
  if (const auto drawn = provider->random(random); !drawn) co_return std::unexpected(drawn.error());
  const Bytes drawn = random;
  const acme::ChallengeAnswer probe{.type = acme::ChallengeType::http_01,
                                    .identifier = {},
                                    .token = to_base64url(drawn.first(24)),
                                    .key_authorization = to_base64url(drawn.last(24))};
  const std::vector<acme::ChallengeAnswer> all(1, probe);
  auto shown = co_await board->show(all);
  PADLOCK_CO_TRY(shown);
  const auto executor = co_await asio::this_coro::executor;
  asio::co_spawn(executor, hide_later(std::move(board), probe), asio::detached);
  co_return Probe{std::string(acme::http_01_folder) + probe.token, probe.key_authorization};
}

net::Awaitable<void> Serving::refresh_staples() {
  co_await hosting_.refresh_staples();
  about_staples_.about(hosting_.staple_troubles());
}

void Serving::finish() {
  stopping_ = true;
  manager_.stopping();
  if (manager_.is_keeper()) administration_->close();  // the next worker answers
  server_->finish();
}

// ---- what it says of itself -----------------------------------------------------------------------------------------

std::vector<server::SiteStatus> Serving::site_statuses() const {
  std::vector<server::SiteStatus> all;
  const auto sites = hosting_.sites();
  all.reserve(sites.size());
  for (std::size_t at = 0; at < sites.size(); ++at) {
    const server::SiteConfig& config = config_.sites[at];
    all.push_back({sites[at]->names.all(), content_of(config), certificate_status(*sites[at]), config.service});
  }
  return all;
}

server::ServerStatus Serving::status() const {
  const Instant now = net::now();
  server::ServerStatus status;
  status.version = PADLOCK_VERSION;
  status.process = ::getpid();
  status.started = started_.wall;
  status.now = now.wall;
  status.uptime = std::chrono::floor<std::chrono::seconds>(now.monotonic - started_.monotonic);
  status.stopping = stopping_;
  status.configuration = file_.native();
  status.domain = config_.domain;
  status.https = addresses_of(server_->https());
  status.http = addresses_of(server_->http());
  status.workers = server_->workers();
  status.user = user_name();
  status.sandbox = sandbox_.to_string();
  status.notes = notes();
  status.sites = site_statuses();
  status.counts = server_->counts();
  status.log_lines_lost = log_->lost() + (requests_ ? requests_->lost() : 0);
  status.reloads = reloads_;
  status.on_demand = hosting_.on_demand_counts();
  status.orders = hosting_.order_counts();
  if (events_) status.events = events_->counts();
  return status;
}

}  // namespace padlock::cli
