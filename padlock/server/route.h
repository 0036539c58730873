#pragma once

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "padlock/http/message/message.h"
#include "padlock/server/handler.h"
#include "padlock/server/route/paths.h"
#include "padlock/server/route/route_rules.h"

namespace padlock::server {

/// Who answers a request, and what every response of its has. Immutable and shared by all workers.
struct Route {
  std::shared_ptr<const Handler> handler;
  std::vector<http::Field> fields{};          ///< added to each response
  std::shared_ptr<const RouteRules> rules{};  ///< null: none
  bool passes_path = false;                   ///< as it is written: others read it
  /// Parts of a site with routes of their own, the longest prefixes first.
  std::vector<std::pair<PathPrefix, std::shared_ptr<const Route>>> paths{};

  /// This route, or that of the part of the site in which a target lies (docs/threats.md, H8). Errors: those of
  /// http::parse_file_path; rules::path_ambiguous.
  Result<const Route*> of(std::string_view target) const;

  /// Begins what handlers run besides, those of parts of the site too (Handler::start).
  void start(const asio::any_io_executor& executor) const;

  std::uint64_t body_limit(const http::Request& request) const {
    return rules && rules->max_body ? *rules->max_body : handler->body_limit(request);
  }
  void finish(http::Response& response, const http::Request& request) const {
    for (const http::Field& field : fields) response.fields.add(field.name, field.value);
    if (rules) rules->finish(response, request);
  }
  void finish(Answer& answer, const http::Request& request, WallTime now) const {
    if (rules) rules->replace_page(answer, now);
    finish(answer.plan.response, request);
  }

 private:
  const Route& longest(std::string_view path) const;
};

inline std::shared_ptr<const Route> make_route(std::shared_ptr<const Handler> handler,
                                               std::vector<http::Field> fields = {}) {
  auto route = std::make_shared<Route>();
  route->handler = std::move(handler);
  route->fields = std::move(fields);
  return route;
}

}  // namespace padlock::server
