// `padlock serve`: sites over HTTPS, with certificates by the local CA where none is given.
#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <thread>

#include <CLI/CLI.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include "padlock/cli/command.h"
#include "padlock/cli/doctor_checks.h"
#include "padlock/cli/event_hooks.h"
#include "padlock/cli/hooks.h"
#include "padlock/cli/hosting.h"
#include "padlock/cli/keeper.h"
#include "padlock/cli/rules.h"
#include "padlock/cli/serve_flags.h"
#include "padlock/cli/serving.h"
#include "padlock/server/config/read_config.h"

namespace padlock::cli {
namespace {

/// How often we look whether a certificate is due or something was revoked: a few looks at files, and a stepped clock
/// is seen.
constexpr std::chrono::seconds renewal_check{3};
/// Between two looks whether an ACME server is to be asked for something.
constexpr std::chrono::seconds certify_check{1};
/// Between two looks for certificates that nobody renews: an alarm a minute late is in time.
constexpr std::chrono::seconds watch_check{60};
/// Between two looks at what a fleet shares: one small question each.
constexpr std::chrono::milliseconds fleet_look{250};

// The main thread's work while the workers serve: renewals and signals.

net::Awaitable<void> renew_when_due(Serving& serving) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  for (;;) {
    timer.expires_after(renewal_check);
    co_await timer.async_wait(asio::use_awaitable);
    serving.look_for_renewals();
  }
}

net::Awaitable<void> certify_when_due(Serving& serving) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor);
  for (;;) {
    serving.certify(executor);
    timer.expires_after(certify_check);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

net::Awaitable<void> watch_certificates(Serving& serving) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  for (;;) {
    serving.watch_certificates();
    timer.expires_after(watch_check);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

net::Awaitable<void> staple_when_due(Serving& serving) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  for (;;) {
    co_await serving.refresh_staples();
    timer.expires_after(renewal_check);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

net::Awaitable<void> look_at_fleet_when_due(Serving& serving) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  for (;;) {
    co_await serving.look_at_fleet();
    timer.expires_after(fleet_look);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

/// Says to the service manager that every worker is at work, as often as it wants to hear it.
net::Awaitable<void> answer_watchdog(Serving& serving, std::chrono::microseconds time) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  for (;;) {
    serving.server().when_all_answer([manager = serving.manager()] { manager.alive(); });
    timer.expires_after(time / 2);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

net::Awaitable<void> reload_on_signals(Serving& serving, asio::signal_set& signals) {
  for (;;) {
    const int signal = co_await signals.async_wait(asio::use_awaitable);
    if (signal == SIGUSR2) {
      print_error({&rules::no_keeper, "another process cannot take the place of this one"});
      continue;
    }
    serving.reopen_log();
    if (signal == SIGHUP) co_await serving.reload();
  }
}

net::Awaitable<void> stop_on_signals(Serving& serving, asio::signal_set& signals) {
  co_await signals.async_wait(asio::use_awaitable);
  say("stopping: requests that are being served come to their end; once more stops at once\n");
  serving.finish();
  co_await signals.async_wait(asio::use_awaitable);
  serving.server().stop();
}

/// Signals are caught before anybody is told that we serve: one that comes early waits for its turn.
int run(Serving& serving) {
  asio::io_context loop(1);
  asio::signal_set reload(loop, SIGHUP, SIGUSR1, SIGUSR2);
  if (const auto started = serving.start(loop); !started) return serving_stopped_by(started.error());
  asio::signal_set stop(loop, SIGINT, SIGTERM);
  serving.announce();
  asio::co_spawn(loop, renew_when_due(serving), asio::detached);
  asio::co_spawn(loop, certify_when_due(serving), asio::detached);
  asio::co_spawn(loop, watch_certificates(serving), asio::detached);
  asio::co_spawn(loop, staple_when_due(serving), asio::detached);
  asio::co_spawn(loop, look_at_fleet_when_due(serving), asio::detached);
  if (const auto time = serving.manager().watchdog_time())
    asio::co_spawn(loop, answer_watchdog(serving, *time), asio::detached);
  asio::co_spawn(loop, reload_on_signals(serving, reload), asio::detached);
  asio::co_spawn(loop, stop_on_signals(serving, stop), asio::detached);
  std::thread waits([&] {
    serving.server().join();
    loop.stop();
  });
  loop.run();
  waits.join();
  serving.leave_fleet();
  say("stopped\n");
  return fine;
}

/// By a worker that a keeper has started, or without one.
int serve(const server::Config& config, const std::filesystem::path& file, const ServeFlags& flags) {
  if (config.on_event && !is_kept_worker()) {  // whoever runs programs is this user
    const auto good = check_receivers(*config.on_event);
    if (!good) return serving_stopped_by(good.error());
  }
  if (flags.dry_run) {
    const auto opened = check_sites(config);
    return opened ? dry_run(config, flags.dns) : serving_stopped_by(opened.error());
  }
  if ((flags.keeper || config.user) && !is_kept_worker()) return keep(config);
  auto manager = net::ServiceManager::of_environment();
  std::unique_ptr<Hooks> hooks;
  if (const HookPrograms programs = hook_programs(config); programs.any()) {
    auto opened = Hooks::open(programs, manager);
    if (!opened) return serving_stopped_by(opened.error());
    hooks = *std::move(opened);
  }
  Serving serving(config, file, std::move(manager), hooks.get());
  return run(serving);
}

int serve(const ServeFlags& flags) {
  std::signal(SIGPIPE, SIG_IGN);  // a client that goes away is an error of its own connection
  if (!flags.sites.empty() || !flags.domain.empty()) {
    auto config = config_of(flags);
    return config ? serve(*config, {}, flags) : serving_stopped_by(config.error());
  }
  const auto file = find_config_file(flags.config);
  if (!file) return serving_stopped_by(file.error());
  auto config = server::read_config(*file);
  if (!config) {
    print_problems(config.error());
    return usage;
  }
  return serve(*config, *file, flags);
}

}  // namespace

void add_serve(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("serve", "Serve folders over HTTPS");
  const auto flags = std::make_shared<ServeFlags>();
  add_serve_flags(*command, *flags);
  command->callback([flags, &run] { run = [flags] { return serve(*flags); }; });
}

}  // namespace padlock::cli
