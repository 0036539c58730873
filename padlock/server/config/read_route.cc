#include "padlock/server/config/read_route.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "padlock/http/message/checks.h"
#include "padlock/http/message/syntax.h"
#include "padlock/http/message/url.h"
#include "padlock/server/config/read_folder.h"
#include "padlock/server/config/read_proxy.h"
#include "padlock/server/config/read_route_options.h"

namespace padlock::server {
namespace {

/// The origin with what of a path is more than "/"; nothing: it is no place to lead to.
std::optional<std::string> read_base(const std::string& text) {
  const bool own_origin = text.starts_with('/') && !text.starts_with("//") && text.find('?') == std::string::npos;
  if (own_origin && http::is_origin_or_asterisk_form("GET", text)) return text;
  const auto url = http::parse_url(text);
  return url ? std::optional(url->target() == "/" ? url->origin() : url->to_string()) : std::nullopt;
}

RedirectTarget read_redirect(ConfigTable& table) {
  RedirectTarget target;
  const std::string text = table.text("redirect").value_or("");
  target.keep_path = table.flag("keep_path").value_or(true);
  auto base = read_base(text);
  if (!base)
    table.problem("redirect", in_quotes(text) + " is no URL",
                  R"(write "https://www.example.com" or "/new"; the path of the request follows)");
  if (base && target.keep_path && base->find('?') != std::string::npos)
    table.problem("redirect", "the path of the request cannot follow a query", "take it out, or add keep_path = false");
  target.base = std::move(base).value_or("");
  if (target.keep_path && target.base == "/")
    table.problem("redirect", R"("/" and the path of the request is where it was asked for)",
                  R"(write another path, or add keep_path = false)");
  if (target.keep_path && target.base.ends_with('/')) target.base.pop_back();
  constexpr std::array<std::uint64_t, 4> statuses{301, 302, 307, 308};
  const auto status = table.number("redirect_status", 301, 308);
  if (status && std::ranges::find(statuses, *status) == statuses.end())
    table.problem("redirect_status", "no redirect has this status", "write 301, 302, 307 or 308");
  if (status) target.status = static_cast<int>(*status);
  return target;
}

FixedResponse read_respond(ConfigTable& table) {
  FixedResponse response;
  response.text = table.text("respond").value_or("");
  if (const auto status = table.number("status", 200, 599)) response.status = static_cast<int>(*status);
  if (http::has_no_body(response.status, "GET") && !response.text.empty())
    table.problem("status", "a response with this status has no text", R"(write respond = "")");
  if (const auto type = table.text("content_type")) response.content_type = *type;
  if (response.content_type.empty() || !http::is_field_value(response.content_type))
    table.problem("content_type", in_quotes(response.content_type) + " is no type",
                  R"(write "text/html; charset=utf-8" or "application/json")");
  return response;
}

std::optional<PathPrefix> read_prefix(ConfigTable& table, std::string_view key) {
  const std::string text = table.text(key).value_or("");
  auto prefix = PathPrefix::parse(text);
  if (!prefix)
    table.problem(key, in_quotes(text) + " is no beginning of a path", R"(write "/old/", without dots and %XX)");
  return prefix;
}

std::optional<PathMap> read_rewrite(ConfigTable& table) {
  auto rewrite = table.table("rewrite");
  if (!rewrite) return std::nullopt;
  auto from = read_prefix(*rewrite, "from"), to = read_prefix(*rewrite, "to");
  rewrite->finish();
  if (!from || !to) return std::nullopt;
  return PathMap{*std::move(from), *std::move(to)};
}

/// `prefix`: of the path whose table it is; "" for a site.
std::optional<PathMap> read_map(ConfigTable& table, const PathPrefix& prefix) {
  auto map = read_rewrite(table);
  if (!table.flag("strip_prefix").value_or(false)) return map;
  if (table.has("rewrite"))
    table.problem("rewrite", "strip_prefix rewrites this path already",
                  R"(take strip_prefix out, or write rewrite = { from = "/api/", to = "/" } alone)");
  if (prefix == PathPrefix())
    table.problem("strip_prefix", "a site has no prefix", R"(it is for [sites."NAME".paths."/api/"])");
  return PathMap{prefix, {}};
}

}  // namespace

ContentConfig RouteReader::content(ConfigTable& table, std::string_view whose, bool may_be_nothing) const {
  constexpr std::array<std::string_view, 4> kinds{"dir", "redirect", "proxy", "respond"};
  std::string_view last;
  for (const std::string_view kind : kinds) {
    if (table.has(kind) && !last.empty())
      table.problem(kind, "a folder, a redirect, other servers or a text can answer, not two of these",
                    "take " + std::string(last) + " or " + std::string(kind) + " out");
    if (table.has(kind) && last.empty()) last = kind;
  }
  if (last == "proxy") return read_proxy(table, folder, trusted_proxies).value_or(ProxyTarget());
  if (last == "redirect") return read_redirect(table);
  if (last == "respond") return read_respond(table);
  const auto dir = table.text("dir");
  if (dir) return read_folder(table, *dir, folder);
  if (last.empty() && !may_be_nothing)
    table.problem("", "this " + std::string(whose) + " has nothing to show",
                  R"(add dir = "/srv/www", proxy = "http://127.0.0.1:3000" or redirect = "https://...")");
  return NothingHere{};
}

RouteConfig RouteReader::site(ConfigTable& table) const {
  RouteConfig route;
  const bool has_other_content = table.has("paths") || table.has("maintenance");
  route.content = content(table, "site", has_other_content);
  route.map = read_map(table, {});
  route.options.trusted_proxies = trusted_proxies;
  read_route_options(table, folder, route.options);
  return route;
}

std::vector<PathConfig> RouteReader::paths(ConfigTable& site, const RouteOptions& options) const {
  std::vector<PathConfig> all;
  for (auto& [name, table] : site.tables_in("paths")) {
    const auto prefix = PathPrefix::parse(name);
    if (!prefix)
      table.problem("", in_quotes(name) + " is no beginning of a path", R"(write "/api/", without dots and %XX)");
    if (prefix == PathPrefix())
      table.problem("", "\"/\" is the whole site", "write what holds for it into the site itself");
    const bool taken = prefix && std::ranges::find(all, *prefix, &PathConfig::prefix) != all.end();
    if (taken) table.problem("", in_quotes(name) + " is there twice", "a slash at the end makes no difference");
    PathConfig path{prefix.value_or(PathPrefix()), {}};
    path.route.options = options;
    path.route.content = content(table, "path", table.has("maintenance"));
    path.route.map = read_map(table, path.prefix);
    read_route_options(table, folder, path.route.options);
    table.finish();
    all.push_back(std::move(path));
  }
  return all;
}

}  // namespace padlock::server
