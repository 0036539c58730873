#include "padlock/cli/administration.h"

#include <algorithm>
#include <array>
#include <utility>

#include <nlohmann/json.hpp>

#include "padlock/cli/admin_place.h"
#include "padlock/cli/command.h"
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

/// All that there is. What adds services to a running host (POST /hosts) is one line more.
constexpr std::array pages{Page{"/status", "GET", status_page}, Page{"/metrics", "GET", metrics_page},
                           Page{"/healthz", "GET", health_page}, Page{"/reload", "POST", reload_page}};

}  // namespace

Result<std::unique_ptr<Administration>> Administration::open(asio::io_context& loop, Serving& serving,
                                                             const server::AdminConfig& config,
                                                             std::uint16_t https_port) {
  std::unique_ptr<Administration> made(new Administration(loop, serving));  // the constructor is private
  if (config.socket != server::AdminConfig::Socket::off) PADLOCK_TRY(made->open_socket(config, https_port));
  if (config.listen) PADLOCK_TRY(made->open_loopback(*config.listen));
  return made;
}

Result<void> Administration::open_socket(const server::AdminConfig& config, std::uint16_t https_port) {
  const bool named = config.socket == server::AdminConfig::Socket::file;
  const auto path = named ? std::optional(config.file) : usual_admin_socket(https_port);
  if (!path) {
    print_error("there is no folder for this server's socket, so `padlock status` will not find it");
    return {};
  }
  const auto group = config.group ? net::find_group(*config.group) : std::nullopt;
  auto listener = net::UnixListener::open(*path, group);
  if (!listener && !named && listener.error().rule != &net::rules::unix_socket_in_use) {
    print_error(listener.error());
    return {};
  }
  socket_.emplace(PADLOCK_TRY(std::move(listener)));
  server_.listen_unix(socket_->take_socket(), group);
  return {};
}

Result<void> Administration::open_loopback(const net::Endpoint& endpoint) {
  auto sockets = PADLOCK_TRY(net::open_listeners(endpoint, 1));
  server_.listen_loopback(std::move(sockets.front()));
  return {};
}

net::Awaitable<AdminAnswer> Administration::answer(http::Request request, std::string body) {
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
