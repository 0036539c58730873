#include "padlock/server/route/make_route.h"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <variant>

#include "padlock/http/message/path.h"
#include "padlock/net/files.h"
#include "padlock/server/folder_handler.h"
#include "padlock/server/proxy/proxy_handler.h"
#include "padlock/server/route/mapped_handler.h"

namespace padlock::server {
namespace {

using HandlerResult = Result<std::shared_ptr<const Handler>>;

/// Makes the handler of each kind of content.
struct OpenContent {
  const RouteConfig& config;
  const std::shared_ptr<FileCache>& cache;

  HandlerResult operator()(const FolderSource& source) const {
    auto folder = PADLOCK_TRY(net::Folder::open(source.folder));
    return mapped(std::make_shared<FolderHandler>(std::move(folder), cache, source.options));
  }
  HandlerResult operator()(const ProxyTarget& target) const {
    auto group = PADLOCK_TRY(UpstreamGroup::make(target));
    UpstreamChanges changes{config.options.request_fields, config.map};
    const auto& auth = config.options.auth;
    if (auth && !auth->pass) changes.fields.remove.emplace_back("Authorization");
    return std::make_shared<ProxyHandler>(std::move(group), std::move(changes));
  }
  HandlerResult operator()(const RedirectTarget& target) const {
    return std::make_shared<ElsewhereHandler>(target, config.map);
  }
  HandlerResult operator()(const FixedResponse& response) const { return std::make_shared<FixedHandler>(response); }
  HandlerResult operator()(const NothingHere&) const { return std::make_shared<NothingHandler>(); }

  std::shared_ptr<const Handler> mapped(std::shared_ptr<const PromptHandler> handler) const {
    if (!config.map) return handler;
    return std::make_shared<MappedHandler>(std::move(handler), *config.map);
  }
};

Result<std::map<int, ErrorPage>> open_pages(const std::map<int, std::filesystem::path>& files,
                                            const std::shared_ptr<FileCache>& cache) {
  std::map<int, ErrorPage> pages;
  for (const auto& [status, file] : files) {
    auto folder = PADLOCK_TRY(net::Folder::open(file.parent_path().empty() ? "." : file.parent_path()));
    pages[status] = {std::make_shared<FolderHandler>(std::move(folder), cache),
                     "/" + http::encode_path(file.filename().native())};
  }
  return pages;
}

/// Null where there are none, so that such a route costs nothing.
Result<std::shared_ptr<const RouteRules>> open_rules(const RouteOptions& options,
                                                     const std::shared_ptr<FileCache>& cache) {
  const RouteOptions none{.request_fields = options.request_fields,
                          .response_fields = {},
                          .hsts = options.hsts,
                          .maintenance = {},
                          .allow = {},
                          .deny = {},
                          .trusted_proxies = options.trusted_proxies,
                          .error_pages = {},
                          .error_pages_for_upstreams = options.error_pages_for_upstreams,
                          .max_body = {},
                          .rate_limit = {},
                          .cors = {},
                          .auth = {}};
  if (options == none) return nullptr;
  auto rules =
      std::make_shared<RouteRules>(RouteRules{.maintenance = options.maintenance,
                                              .allow = options.allow,
                                              .deny = options.deny,
                                              .trusted_proxies = options.trusted_proxies,
                                              .rate_limit = {},
                                              .cors = options.cors,
                                              .max_body = options.max_body,
                                              .response_fields = options.response_fields,
                                              .error_pages = PADLOCK_TRY(open_pages(options.error_pages, cache)),
                                              .error_pages_for_upstreams = options.error_pages_for_upstreams});
  if (options.rate_limit) rules->rate_limit = std::make_shared<RateLimiter>(*options.rate_limit);
  if (options.auth) rules->auth = PADLOCK_TRY(BasicAuth::open(*options.auth));
  return rules;
}

}  // namespace

Result<std::shared_ptr<Route>> open_route(const RouteConfig& config, const std::shared_ptr<FileCache>& cache) {
  auto route = std::make_shared<Route>();
  route->handler = PADLOCK_TRY(std::visit(OpenContent{config, cache}, config.content));
  route->passes_path = std::holds_alternative<ProxyTarget>(config.content);
  route->rules = PADLOCK_TRY(open_rules(config.options, cache));
  if (config.options.hsts)
    route->fields.push_back({"Strict-Transport-Security", "max-age=" + std::to_string(config.options.hsts->count())});
  return route;
}

Result<std::shared_ptr<const Route>> open_route(const RouteConfig& config, const std::vector<PathConfig>& paths,
                                                const std::shared_ptr<FileCache>& cache) {
  auto route = PADLOCK_TRY(open_route(config, cache));
  route->paths.reserve(paths.size());
  for (const PathConfig& path : paths) {
    auto inner = PADLOCK_TRY(open_route(path.route, cache));
    route->paths.emplace_back(path.prefix, std::move(inner));
  }
  std::ranges::stable_sort(route->paths, std::ranges::greater(),
                           [](const auto& one) { return one.first.text().size(); });
  return route;
}

namespace {

void supersede_handler(const Route& old, const Route& next) {
  const auto* const before = dynamic_cast<const ProxyHandler*>(old.handler.get());
  auto after = std::dynamic_pointer_cast<const ProxyHandler>(next.handler);
  if (before != nullptr && after) before->supersede(std::move(after));
}

}  // namespace

void supersede(const Route& old, const Route& next) {
  supersede_handler(old, next);
  for (const auto& [prefix, before] : old.paths) {
    const auto after = std::ranges::find(next.paths, prefix, [](const auto& one) { return one.first; });
    if (after != next.paths.end()) supersede_handler(*before, *after->second);
  }
}

std::uint32_t at_work(const Route& route) {
  const auto* const proxy = dynamic_cast<const ProxyHandler*>(route.handler.get());
  std::uint32_t sum = proxy == nullptr ? 0 : proxy->at_work();
  for (const auto& [prefix, inner] : route.paths) sum += at_work(*inner);
  return sum;
}

}  // namespace padlock::server
