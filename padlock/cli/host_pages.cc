#include "padlock/cli/host_pages.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include "padlock/base/text.h"
#include "padlock/cli/command.h"
#include "padlock/cli/rules.h"
#include "padlock/cli/serving.h"
#include "padlock/cli/verdict_json.h"
#include "padlock/client/trust.h"
#include "padlock/http/message/url.h"
#include "padlock/net/clock.h"
#include "padlock/net/files.h"
#include "padlock/server/config/read_config.h"
#include "padlock/server/config/read_proxy.h"
#include "padlock/server/config/units.h"
#include "padlock/server/host/service_file.h"
#include "padlock/server/proxy/health_check.h"
#include "padlock/server/rules.h"

namespace padlock::cli {
namespace {

using server::AdminAnswer;

constexpr std::string_view prefix = "/hosts/";
constexpr int created = 201, conflict = 409;
constexpr std::uint64_t most_wait_seconds = 60;

/// What POST and PATCH say.
struct Wanted {
  std::string name;  ///< of a new service, or a new name
  std::string path;  ///< the part that is meant; empty: the whole service
  server::ServiceContent content;
  std::chrono::seconds wait{};
  bool force = false;
  bool has_content() const { return !content.to.empty() || !content.dir.empty(); }
};

// ---- what was asked -------------------------------------------------------------------------------------------------

Result<std::string> text_in(const Json& json, const std::string& key) {
  if (!json.is_string()) return broken(rules::host_option, "\"" + key + "\" is no text");
  return json.get<std::string>();
}

Result<void> take(const std::string& key, const Json& value, Wanted& wanted) {
  if (key == "to") {
    const Json list = value.is_array() ? value : Json::array({value});
    for (const Json& one : list) wanted.content.to.push_back(PADLOCK_TRY(text_in(one, key)));
  } else if (key == "force" && value.is_boolean()) {
    wanted.force = value.get<bool>();
  } else if (key == "wait_seconds" && value.is_number_unsigned()) {
    wanted.wait = std::chrono::seconds(std::min(value.get<std::uint64_t>(), most_wait_seconds));
  } else if (key == "name") {
    wanted.name = PADLOCK_TRY(text_in(value, key));
  } else if (key == "path") {
    wanted.path = PADLOCK_TRY(text_in(value, key));
  } else if (key == "dir") {
    wanted.content.dir = PADLOCK_TRY(text_in(value, key));
  } else if (key == "hsts") {
    wanted.content.hsts = PADLOCK_TRY(text_in(value, key));
  } else if (key == "health") {
    wanted.content.health = PADLOCK_TRY(text_in(value, key));
  } else {
    return broken(rules::host_option, "\"" + escaped(key) + "\" is not known here, or is not so written");
  }
  return {};
}

/// Whether keys of this server would be among a folder's files. Names that begin with a dot are never shown.
bool would_show_keys(const std::filesystem::path& dir) {
  std::error_code error;
  const auto state = std::filesystem::weakly_canonical(client::state_directory().value_or(""), error);
  const auto folder = std::filesystem::canonical(dir, error);
  if (error || state.empty()) return false;
  const auto leads_out = [](const std::filesystem::path& way) { return way.empty() || *way.begin() == ".."; };
  const auto hidden = [](const std::filesystem::path& part) { return part != "." && part.native().starts_with('.'); };
  const auto down = state.lexically_relative(folder);
  if (leads_out(down)) return !leads_out(folder.lexically_relative(state));
  return std::ranges::none_of(down, hidden);
}

Result<void> check(const Wanted& wanted) {
  for (const std::string& one : wanted.content.to) {
    if (!server::parse_upstream(one)) return broken(rules::host_upstream, server::in_quotes(one) + " is no upstream");
  }
  if (!wanted.content.to.empty() && !wanted.content.dir.empty())
    return broken(rules::host_option, "upstreams or a folder can answer, not both");
  if (!wanted.path.empty() && !server::PathPrefix::parse(wanted.path))
    return broken(rules::host_path, server::in_quotes(wanted.path) + " is no beginning of a path");
  if (!wanted.content.hsts.empty() && !server::parse_duration(wanted.content.hsts))
    return broken(rules::host_option,
                  "hsts is a time such as \"1 year\", not " + server::in_quotes(wanted.content.hsts));
  if (wanted.content.dir.empty()) return {};
  if (!std::filesystem::path(wanted.content.dir).is_absolute())
    return broken(rules::host_folder, escaped(wanted.content.dir) + " is no whole path");
  if (const auto folder = net::Folder::open(wanted.content.dir); !folder)
    return broken(rules::host_folder, folder.error().what);
  if (would_show_keys(wanted.content.dir))
    return broken(rules::host_folder, escaped(wanted.content.dir) + " holds this server's own keys");
  return {};
}

Result<Wanted> parse(std::string_view body) {
  Wanted wanted;
  const Json json = body.empty() ? Json::object() : Json::parse(body, nullptr, false);
  if (!json.is_object()) return broken(rules::host_option, "the body is no object of JSON");
  for (const auto& [key, value] : json.items()) PADLOCK_TRY(take(key, value, wanted));
  PADLOCK_TRY(check(wanted));
  if (server::PathPrefix::parse(wanted.path) == server::PathPrefix()) wanted.path.clear();  // "/" is the whole
  return wanted;
}

// ---- what there is --------------------------------------------------------------------------------------------------

Json certificate_json(const server::CertificateStatus& certificate) {
  return {{"names", certificate.names},
          {"issuer", certificate.issuer},
          {"not_after", to_string(certificate.not_after)},
          {"days_left", std::chrono::floor<std::chrono::days>(certificate.not_after - net::now().wall).count()}};
}

Json content_json(const server::ContentConfig& content) {
  if (const auto* const folder = std::get_if<server::FolderSource>(&content)) return {{"dir", folder->folder.native()}};
  if (const auto* const redirect = std::get_if<server::RedirectTarget>(&content)) return {{"redirect", redirect->base}};
  if (std::holds_alternative<server::FixedResponse>(content)) return {{"respond", true}};
  Json json = Json::object();
  if (const auto* const proxy = std::get_if<server::ProxyTarget>(&content)) {
    for (const server::UpstreamConfig& one : proxy->upstreams) json["to"].push_back(one.url.origin());
    if (proxy->health) json["health"] = proxy->health->target;
  }
  return json;
}

Json host_json(const Serving& serving, std::size_t at, const server::SiteStatus& status) {
  const server::SiteConfig& site = serving.config().sites.at(at);
  Json json{{"name", site.service},
            {"url", http::Url{.scheme = "https",
                              .host = site.names.front(),
                              .ipv6 = false,
                              .port = serving.https_port(),
                              .path = "/",
                              .query = {}}
                        .to_string()},
            {"names", site.names}};
  json.update(content_json(site.content));
  Json paths = Json::array();
  for (const server::PathConfig& path : site.paths) {
    Json one{{"path", path.prefix.text()}};
    one.update(content_json(path.route.content));
    paths.push_back(std::move(one));
  }
  json["paths"] = std::move(paths);
  json["certificates"] = Json::array();
  for (const server::CertificateStatus& one : status.certificates)
    json["certificates"].push_back(certificate_json(one));
  json["file"] = site.place;
  return json;
}

Json hosts_json(const Serving& serving, std::string_view only) {
  Json all = Json::array();
  const auto statuses = serving.site_statuses();
  for (std::size_t at = 0; at < statuses.size(); ++at) {
    const std::string& name = statuses[at].service;
    if (!name.empty() && (only.empty() || name == only)) all.push_back(host_json(serving, at, statuses[at]));
  }
  return all;
}

AdminAnswer answer_of(int status, const Json& json) { return {.status = status, .body = dump(json, false) + "\n"}; }

AdminAnswer refusal(const Error& error) {
  const int status = error.rule->status == 0 ? conflict : error.rule->status;
  return answer_of(status, {{"result", "refused"}, {"code", error.rule->code}, {"problems", {error_text(error)}}});
}

AdminAnswer done(const Serving& serving, const std::string& name, bool drained = true, int status = 200) {
  Json json{{"result", "done"}, {"name", name}, {"drained", drained}};
  const Json found = hosts_json(serving, name);
  if (!found.empty()) json["host"] = found.front();
  return answer_of(status, json);
}

const server::SiteConfig* find(const server::Config& config, const std::string& service) {
  const auto found = std::ranges::find(config.sites, service, &server::SiteConfig::service);
  return found == config.sites.end() ? nullptr : &*found;
}

/// The content of a service, or of the part beneath a path; null: there is none.
const server::ContentConfig* find_content(const server::SiteConfig& site, const std::string& path) {
  if (path.empty()) return std::holds_alternative<server::NothingHere>(site.content) ? nullptr : &site.content;
  const auto found = std::ranges::find(site.paths, *server::PathPrefix::parse(path), &server::PathConfig::prefix);
  return found == site.paths.end() ? nullptr : &found->route.content;
}

// ---- whether an upstream is well ------------------------------------------------------------------------------------

net::Awaitable<Result<void>> ask_once(std::shared_ptr<const server::UpstreamGroup> group) {
  for (const auto& upstream : group->all()) {
    const auto status = co_await server::ask_health(group, *upstream);
    const std::string who = upstream->url().origin();
    if (!status) co_return broken(rules::host_unwell, "it does not answer: " + status.error().what);
    if (!server::is_well(*group, *status))
      co_return broken(rules::host_unwell,
                       who + " is not well: it answers " +
                           (group->target().health ? group->target().health->target : std::string("/")) + " with " +
                           std::to_string(*status));
  }
  co_return Result<void>();
}

/// Asks again and again, as long as may be waited: it may just be starting.
net::Awaitable<Result<void>> until_well(const server::ContentConfig& content, std::chrono::seconds wait) {
  constexpr std::chrono::milliseconds pause{100};
  const auto* const target = std::get_if<server::ProxyTarget>(&content);
  if (target == nullptr) co_return Result<void>();
  auto group = server::UpstreamGroup::make(*target);
  PADLOCK_CO_TRY(group);
  asio::steady_timer timer(co_await asio::this_coro::executor);
  const auto end = net::deadline_in(wait);
  for (;;) {
    auto well = co_await ask_once(*group);
    if (well || std::chrono::steady_clock::now() >= end) co_return well;
    timer.expires_after(pause);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

// ---- changes --------------------------------------------------------------------------------------------------------

/// What is to become of a service's file.
struct Plan {
  std::vector<ServiceEdit> edits;
  server::ContentConfig content;  ///< what is to answer
};

/// Another content for a service or a part of it, which must be there, or must not if it is `added`.
Result<Plan> plan(Serving& serving, const std::string& name, const Wanted& wanted, bool added) {
  const server::SiteConfig* const now = find(serving.config(), name);
  const bool there = now != nullptr && find_content(*now, wanted.path) != nullptr;
  if (added && there) return broken(rules::host_exists, "there is a service " + name + wanted.path + " already");
  if (!added && !there) return broken(rules::host_unknown, "there is no service " + name + escaped(wanted.path));
  const auto before = PADLOCK_TRY(serving.read_service(name));
  auto text = server::with_content(before.value_or(""), wanted.path, wanted.content);
  if (!text) return broken(rules::service_refused, "the file of the service " + name + " is no TOML");
  Plan plan{.edits = {}, .content = server::NothingHere{}};
  plan.edits.push_back({name, std::move(text)});
  const auto config = PADLOCK_TRY(serving.with_services(plan.edits));
  const server::SiteConfig* const site = find(config, name);
  const server::ContentConfig* const content = site == nullptr ? nullptr : find_content(*site, wanted.path);
  if (content != nullptr) plan.content = *content;
  return plan;
}

/// Planned anew once it is well: others may have changed something meanwhile.
net::Awaitable<AdminAnswer> set_content(Serving& serving, std::string name, Wanted wanted, bool added) {
  const auto planned = plan(serving, name, wanted, added);
  if (!planned) co_return refusal(planned.error());
  if (!wanted.force) {
    const auto well = co_await until_well(planned->content, wanted.wait);
    if (!well) co_return refusal(well.error());
  }
  auto now = plan(serving, name, wanted, added);
  if (!now) co_return refusal(now.error());
  const auto drained = co_await serving.change_services(std::move(now->edits));
  if (!drained) co_return refusal(drained.error());
  co_return done(serving, name, *drained, added ? created : 200);
}

net::Awaitable<AdminAnswer> add(Serving& serving, Wanted wanted) {
  const std::string& domain = *serving.config().domain;
  const auto name = server::parse_service_name(wanted.name, domain);
  if (!name)
    co_return refusal({&rules::host_name, server::in_quotes(wanted.name) + " is no name for a service of " + domain});
  if (!wanted.has_content())
    co_return refusal({&rules::host_option, "nothing is said that answers for it: --to or --dir"});
  co_return co_await set_content(serving, *name, std::move(wanted), true);
}

net::Awaitable<AdminAnswer> rename(Serving& serving, std::string name, std::string to) {
  const std::string& domain = *serving.config().domain;
  const auto next = server::parse_service_name(to, domain);
  if (!next) co_return refusal({&rules::host_name, server::in_quotes(to) + " is no name for a service of " + domain});
  if (find(serving.config(), *next) != nullptr)
    co_return refusal({&rules::host_exists, "there is a service " + *next + " already"});
  auto text = serving.read_service(name);
  if (!text) co_return refusal(text.error());
  std::vector<ServiceEdit> edits;
  edits.reserve(2);
  edits.push_back({*next, *std::move(text)});
  edits.push_back({std::move(name), std::nullopt});
  const auto changed = co_await serving.change_services(std::move(edits));
  if (!changed) co_return refusal(changed.error());
  co_return done(serving, *next, *changed);
}

net::Awaitable<AdminAnswer> change(Serving& serving, std::string name, Wanted wanted) {
  if (!wanted.name.empty() && wanted.has_content())
    co_return refusal({&rules::host_option, "another name and another content are two changes"});
  if (!wanted.name.empty()) co_return co_await rename(serving, std::move(name), std::move(wanted.name));
  if (!wanted.has_content())
    co_return refusal({&rules::host_option, "nothing is said that answers for it from now on: --to or --dir"});
  co_return co_await set_content(serving, std::move(name), std::move(wanted), false);
}

net::Awaitable<AdminAnswer> remove(Serving& serving, std::string name, Wanted wanted) {
  std::optional<std::string> rest;
  if (!wanted.path.empty()) {
    const auto text = serving.read_service(name);
    if (!text) co_return refusal(text.error());
    rest = server::without_path(text->value_or(""), wanted.path);
    if (!rest) co_return refusal({&rules::host_unknown, "the service " + name + " has no " + escaped(wanted.path)});
    const server::SiteConfig& site = *find(serving.config(), name);
    const bool last = site.paths.size() == 1 && std::holds_alternative<server::NothingHere>(site.content);
    if (last) rest.reset();
  }
  std::vector<ServiceEdit> edits;
  edits.push_back({name, std::move(rest)});
  const auto changed = co_await serving.change_services(std::move(edits));
  if (!changed) co_return refusal(changed.error());
  co_return done(serving, name, *changed);
}

AdminAnswer not_allowed(std::string_view methods) {
  AdminAnswer refusal = server::admin_error(server::rules::admin_method);
  refusal.allow = methods;
  return refusal;
}

}  // namespace

bool is_host_page(const std::string& target) { return target == "/hosts" || target.starts_with(prefix); }

net::Awaitable<AdminAnswer> answer_host_page(Serving& serving, http::Request request, std::string body) {
  if (!serving.config().domain)
    co_return refusal({&rules::host_has_no_domain, "this server has no domain for services"});
  auto wanted = parse(body);
  if (!wanted) co_return refusal(wanted.error());
  const bool all = request.target == "/hosts";
  if (all && request.method == "GET")
    co_return answer_of(200, {{"domain", *serving.config().domain}, {"hosts", hosts_json(serving, "")}});
  if (all && request.method == "POST") co_return co_await add(serving, *std::move(wanted));
  if (all) co_return not_allowed("GET, POST");
  const auto name =
      server::parse_service_name(std::string_view(request.target).substr(prefix.size()), *serving.config().domain);
  if (!name || find(serving.config(), *name) == nullptr)
    co_return refusal(
        {&rules::host_unknown, "there is no service " + server::in_quotes(request.target.substr(prefix.size()))});
  if (request.method == "GET") co_return done(serving, *name);
  if (request.method == "PATCH") co_return co_await change(serving, *name, *std::move(wanted));
  if (request.method == "DELETE") co_return co_await remove(serving, *name, *std::move(wanted));
  co_return not_allowed("GET, PATCH, DELETE");
}

}  // namespace padlock::cli
