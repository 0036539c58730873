#include "padlock/server/config/read_proxy.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "padlock/base/nearest.h"
#include "padlock/base/text.h"
#include "padlock/http/message/authority.h"
#include "padlock/http/message/checks.h"

namespace padlock::server {
namespace {

constexpr std::uint64_t most_weight = 100;
constexpr std::string_view how_to_write =
    R"(write "http://127.0.0.1:3000", "https://app.internal" or "localhost:3000"; the path of the request is kept)";

std::vector<UpstreamConfig> read_upstreams(ConfigTable& site) {
  std::vector<UpstreamConfig> upstreams;
  for (const std::string& text : site.texts("proxy")) {
    if (auto upstream = parse_upstream(text))
      upstreams.push_back(*std::move(upstream));
    else
      site.problem("proxy", in_quotes(text) + " is no upstream", std::string(how_to_write));
  }
  if (upstreams.empty()) site.problem("proxy", "there is no upstream", std::string(how_to_write));
  return upstreams;
}

void read_balance(ConfigTable& table, ProxyTarget& target) {
  constexpr std::array<std::string_view, 3> names{"round_robin", "least_connections", "client_hash"};
  const auto text = table.text("balance");
  const auto found = text ? std::ranges::find(names, *text) : names.end();
  if (text && found == names.end())
    table.problem("balance", "there is no balance " + in_quotes(*text), suggestion(*text, names));
  if (found != names.end()) target.balance = static_cast<Balance>(found - names.begin());
}

void read_time(ConfigTable& table, std::string_view key, std::chrono::milliseconds& time) {
  const auto given = table.duration(key);
  if (given && *given == std::chrono::milliseconds::zero())
    return table.problem(key, std::string(key) + " is no time at all", R"(write at least "1 ms")");
  if (given) time = *given;
}

void read_health(ConfigTable& table, ProxyTarget& target) {
  const auto path = table.text("health");
  if (path && http::is_origin_or_asterisk_form("GET", *path)) target.health = HealthCheckConfig{.target = *path};
  if (path && !target.health)
    table.problem("health", in_quotes(*path) + " is no path", R"(write "/healthz": it is asked for by GET)");
  auto interval = std::chrono::milliseconds(limits::health_interval);
  read_time(table, "health_interval", interval);
  if (target.health) target.health->interval = interval;
  if (table.has("health_interval") && !table.has("health"))
    table.problem("health_interval", "nothing is asked at this interval", R"(add health = "/healthz")");
}

void read_options(ConfigTable& table, const std::filesystem::path& folder, ProxyTarget& target) {
  read_balance(table, target);
  target.http2 = table.flag("http2").value_or(false);
  if (const auto ca = table.text("ca")) target.ca = folder / *ca;
  target.client_certificate_chain = table.flag("client_certificate_chain").value_or(false);
  target.host = table.text("host");
  if (target.host && !http::parse_authority(*target.host))
    table.problem("host", in_quotes(*target.host) + " is no host", R"(write "app.internal" or "app.internal:8080")");
  read_time(table, "connect_timeout", target.connect);
  read_time(table, "response_timeout", target.response);
  read_health(table, target);
  table.finish();
}

}  // namespace

std::optional<UpstreamConfig> parse_upstream(std::string_view text) {
  constexpr std::string_view weight_mark = " weight=";
  std::optional<std::uint64_t> weight = 1;
  if (const std::size_t at = text.find(weight_mark); at != std::string_view::npos) {
    weight = parse_decimal(text.substr(at + weight_mark.size()));
    text = text.substr(0, at);
  }
  const bool port_alone = parse_decimal(text).has_value();
  const bool has_scheme = text.find("://") != std::string_view::npos;
  const auto url = http::parse_url((has_scheme   ? ""
                                    : port_alone ? "http://localhost:"
                                                 : "http://") +
                                   std::string(text));
  const bool good = url && url->target() == "/" && url->port != 0 && weight && *weight >= 1 && *weight <= most_weight;
  if (!good) return std::nullopt;
  return UpstreamConfig{*url, static_cast<std::uint32_t>(*weight)};
}

std::optional<ProxyTarget> read_proxy(ConfigTable& site, const std::filesystem::path& folder,
                                      const std::vector<net::AddressRange>& trusted_proxies) {
  ProxyTarget target;
  target.upstreams = read_upstreams(site);
  target.trusted_proxies = trusted_proxies;
  if (auto table = site.table("upstream")) read_options(*table, folder, target);
  return target.upstreams.empty() ? std::nullopt : std::optional(std::move(target));
}

}  // namespace padlock::server
