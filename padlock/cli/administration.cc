#include "padlock/cli/administration.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include <nlohmann/json.hpp>

#include "padlock/cli/admin_place.h"
#include "padlock/cli/command.h"
#include "padlock/cli/host_pages.h"
#include "padlock/cli/rules.h"
#include "padlock/cli/serving.h"
#include "padlock/cli/verdict_json.h"
#include "padlock/net/listener.h"
#include "padlock/net/rules.h"
#include "padlock/server/rules.h"

namespace padlock::cli {
namespace {

using server::AdminAnswer;

/// A page, and what makes it.
struct Page {
  std::string_view target;
  std::string_view method;
  net::Awaitable<AdminAnswer> (*make)(Serving& serving, std::string body);
};

net::Awaitable<AdminAnswer> status_page(Serving& serving, std::string) {
  co_return AdminAnswer{.body = server::status_json(serving.status())};
}

net::Awaitable<AdminAnswer> metrics_page(Serving& serving, std::string) {
  co_return AdminAnswer{.content_type = std::string(server::metrics_content_type),
                        .body = server::metrics_text(serving.status())};
}

net::Awaitable<AdminAnswer> health_page(Serving& serving, std::string) {
  constexpr int unavailable = 503;  // who balances load sends nothing more here
  co_return AdminAnswer{.status = serving.stopping() ? unavailable : 200,
                        .content_type = "text/plain",
                        .body = serving.stopping() ? "stopping\n" : "ok\n"};
}

net::Awaitable<AdminAnswer> reload_page(Serving& serving, std::string) {
  constexpr int unprocessable = 422;
  const ReloadOutcome outcome = co_await serving.reload();
  if (!outcome.problems.empty()) {
    const Json json{{"result", "refused"}, {"problems", outcome.problems}};
    co_return AdminAnswer{.status = unprocessable, .body = dump(json, false) + "\n"};
  }
  const Json json{{"result", "done"},
                  {"added", outcome.added},
                  {"removed", outcome.removed},
                  {"changed", outcome.changed},
                  {"unchanged", outcome.unchanged}};
  co_return AdminAnswer{.body = dump(json, false) + "\n"};
}

net::Awaitable<AdminAnswer> restart_page(Serving& serving, std::string) {
  constexpr int accepted = 202, conflict = 409;
  if (!serving.manager().is_keeper()) {
    const Json json{{"result", "refused"},
                    {"problems", {error_text({&rules::no_keeper, "this server has no keeper"})}}};
    co_return AdminAnswer{.status = conflict, .body = dump(json, false) + "\n"};
  }
  serving.manager().ask_for_restart();
  co_return AdminAnswer{.status = accepted,
                        .body = dump(Json{{"result", "started"}, {"process", ::getpid()}}, false) + "\n"};
}

/// What shows `padlock doctor` that it is us who answers.
net::Awaitable<AdminAnswer> doctor_page(Serving& serving, std::string) {
  constexpr int conflict = 409;
  const auto shown = co_await serving.show_probe();
  if (shown) {
    const Json json{{"path", shown->path}, {"content", shown->content}};
    co_return AdminAnswer{.body = dump(json, false) + "\n"};
  }
  const Json json{{"result", "refused"}, {"problems", {error_text(shown.error())}}};
  co_return AdminAnswer{.status = conflict, .body = dump(json, false) + "\n"};
}

/// All that there is, but for the services of a host (host_pages.h).
constexpr std::array pages{Page{"/status", "GET", status_page},    Page{"/metrics", "GET", metrics_page},
                           Page{"/healthz", "GET", health_page},   Page{"/reload", "POST", reload_page},
                           Page{"/restart", "POST", restart_page}, Page{"/doctor", "POST", doctor_page}};

}  // namespace

Result<std::optional<net::UnixListener>> open_admin_socket(const server::AdminConfig& config,
                                                           std::uint16_t https_port) {
  using Socket = server::AdminConfig::Socket;
  std::optional<net::UnixListener> opened;
  if (config.socket == Socket::off) return opened;
  const bool named = config.socket == Socket::file;
  const auto path = named ? std::optional(config.file) : usual_admin_socket(https_port);
  if (!path) {
    print_error("there is no folder for this server's socket, so `padlock status` will not find it");
    return opened;
  }
  auto listener = net::UnixListener::open(*path, config.group ? net::find_group(*config.group) : std::nullopt);
  if (!listener && !named && listener.error().rule != &net::rules::unix_socket_in_use) {
    print_error(listener.error());
    return opened;
  }
  opened.emplace(PADLOCK_TRY(std::move(listener)));
  return opened;
}

Result<std::unique_ptr<Administration>> Administration::open(asio::io_context& loop, Serving& serving,
                                                             const server::AdminConfig& config,
                                                             std::uint16_t https_port, PassedForService passed) {
  std::unique_ptr<Administration> made(new Administration(loop, serving));  // the constructor is private
  if (!serving.manager().is_keeper()) {
    PADLOCK_TRY(made->open_sockets(config, https_port));
    return made;
  }
  const auto group = config.group ? net::find_group(*config.group) : std::nullopt;
  if (passed.admin) made->server_.listen_unix(std::move(passed.admin), group);
  if (passed.metrics) made->server_.listen_loopback(std::move(passed.metrics));
  return made;
}

Result<void> Administration::open_sockets(const server::AdminConfig& config, std::uint16_t https_port) {
  if (auto opened = PADLOCK_TRY(open_admin_socket(config, https_port))) {
    socket_.emplace(*std::move(opened));
    server_.listen_unix(socket_->take_socket(), config.group ? net::find_group(*config.group) : std::nullopt);
  }
  if (config.listen) PADLOCK_TRY(open_loopback(*config.listen));
  return {};
}

Result<void> Administration::open_loopback(const net::Endpoint& endpoint) {
  auto sockets = PADLOCK_TRY(net::open_listeners(endpoint, 1));
  server_.listen_loopback(std::move(sockets.front()));
  return {};
}

net::Awaitable<AdminAnswer> Administration::answer(http::Request request, std::string body) {
  if (is_host_page(request.target)) co_return co_await answer_host_page(serving_, std::move(request), std::move(body));
  const auto page = std::ranges::find(pages, std::string_view(request.target), &Page::target);
  if (page == pages.end()) co_return server::admin_error(server::rules::admin_unknown);
  if (request.method != page->method) {
    AdminAnswer refusal = server::admin_error(server::rules::admin_method);
    refusal.allow = page->method;
    co_return refusal;
  }
  co_return co_await page->make(serving_, std::move(body));
}

}  // namespace padlock::cli
