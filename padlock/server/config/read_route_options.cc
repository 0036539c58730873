#include "padlock/server/config/read_route_options.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "padlock/base/text.h"
#include "padlock/http/message/syntax.h"
#include "padlock/http/message/url.h"

namespace padlock::server {
namespace {

constexpr std::uint64_t most_requests = 1'000'000;

bool check_name(ConfigTable& table, std::string_view key, const std::string& name) {
  if (!http::is_token(name)) {
    table.problem(key, in_quotes(name) + " is no name of a header field", R"(write a name like "X-Frame-Options")");
    return false;
  }
  if (!is_framing_field(name)) return true;
  table.problem(key, name + " is for the connection to write: it says where a message ends or where it goes",
                equal_ignoring_ascii_case(name, "Host") ? R"(for upstreams write upstream.host = "app.internal")"
                                                        : "take it out");
  return false;
}

std::vector<http::Field> read_fields(ConfigTable& rules, std::string_view key) {
  std::vector<http::Field> fields;
  auto table = rules.table(key);
  if (!table) return fields;
  for (const std::string& name : table->keys()) {
    const auto values = table->texts(name);
    if (!check_name(*table, name, name)) continue;
    for (const std::string& value : values) {
      if (!http::is_field_value(value))
        table->problem(name, in_quotes(value) + " is no value of a header field",
                       "write it without line breaks, and without spaces at its ends");
      fields.push_back({name, value});
    }
    if (key == "set" && values.size() > 1)
      table->problem(name, "a field that is set has one value", "write the others under add");
  }
  return fields;
}

void read_field_rules(ConfigTable& table, std::string_view key, FieldRules& rules) {
  auto inner = table.table(key);
  if (!inner) return;
  rules = {.remove = inner->texts("remove"), .set = read_fields(*inner, "set"), .add = read_fields(*inner, "add")};
  for (const std::string& name : rules.remove) static_cast<void>(check_name(*inner, "remove", name));
  inner->finish();
}

void read_maintenance(ConfigTable& table, RouteOptions& options) {
  if (!table.has("maintenance")) return;
  const bool is_flag = table.is_flag("maintenance");
  const bool on = is_flag ? table.flag("maintenance").value_or(false) : true;
  const std::string text = is_flag ? "" : table.text("maintenance").value_or("");
  options.maintenance = on ? std::optional(text) : std::nullopt;
}

void read_error_pages(ConfigTable& table, const std::filesystem::path& folder, RouteOptions& options) {
  auto pages = table.table("error_pages");
  if (!pages) return;
  options.error_pages.clear();
  for (const std::string& key : pages->keys()) {
    const auto file = pages->text(key);
    const auto status = parse_decimal(key);
    if (!status || *status < 400 || *status > 599)
      pages->problem(key, in_quotes(key) + " is no status of an error", "write one from 400 to 599");
    else if (file)
      options.error_pages[static_cast<int>(*status)] = folder / *file;
  }
}

/// "false" in place of a table: what the site says does not hold here.
template <class Option>
bool is_turned_off(ConfigTable& table, std::string_view key, std::optional<Option>& option) {
  if (!table.is_flag(key)) return false;
  if (table.flag(key).value_or(false)) table.problem(key, std::string(key) + " is a table", "say how, or write false");
  option.reset();
  return true;
}

void read_rate_limit(ConfigTable& table, RouteOptions& options) {
  if (is_turned_off(table, "rate_limit", options.rate_limit)) return;
  auto inner = table.table("rate_limit");
  if (!inner) return;
  RateLimitConfig limit;
  const auto requests = inner->number("requests", 1, most_requests);
  const auto per = inner->duration("per");
  const auto burst = inner->number("burst", 1, most_requests);
  if (!inner->has("requests"))
    inner->problem("", "a rate says how many requests", R"(write { requests = 100, per = "1 s", burst = 200 })");
  if (per && *per == std::chrono::milliseconds::zero())
    inner->problem("per", "per is no time at all", R"(write "1 s")");
  limit.requests = static_cast<std::uint32_t>(requests.value_or(1));
  limit.per = per.value_or(std::chrono::seconds(1));
  limit.burst = static_cast<std::uint32_t>(burst.value_or(limit.requests));
  options.rate_limit = limit;
  inner->finish();
}

bool is_origin(const std::string& text) {
  const auto url = http::parse_url(text);
  return text == "*" || (url && url->origin() == text);
}

std::vector<std::string> read_tokens(ConfigTable& table, std::string_view key, std::vector<std::string> otherwise) {
  if (!table.has(key)) return otherwise;
  auto names = table.texts(key);
  for (const std::string& name : names) {
    if (!http::is_token(name)) table.problem(key, in_quotes(name) + " is no name", "write names alone, in a list");
  }
  return names;
}

void read_cors(ConfigTable& table, RouteOptions& options) {
  if (is_turned_off(table, "cors", options.cors)) return;
  auto inner = table.table("cors");
  if (!inner) return;
  CorsConfig cors;
  cors.origins = inner->texts("origins");
  if (cors.origins.empty())
    inner->problem("origins", "there is no origin", R"(write origins = ["https://www.example.com"])");
  for (const std::string& origin : cors.origins) {
    if (!is_origin(origin))
      inner->problem("origins", in_quotes(origin) + " is no origin",
                     R"(write "https://www.example.com" in lower case, without a path, or "*" for all)");
  }
  cors.methods = read_tokens(*inner, "methods", std::move(cors.methods));
  cors.headers = read_tokens(*inner, "headers", {});
  cors.credentials = inner->flag("credentials").value_or(false);
  if (cors.credentials && std::ranges::find(cors.origins, "*") != cors.origins.end())
    inner->problem("credentials", "every page could act for whoever looks at it", "name the origins that may");
  if (const auto age = inner->duration("max_age"))
    cors.max_age = std::chrono::duration_cast<std::chrono::seconds>(*age);
  options.cors = std::move(cors);
  inner->finish();
}

void read_auth(ConfigTable& table, const std::filesystem::path& folder, RouteOptions& options) {
  if (is_turned_off(table, "auth", options.auth)) return;
  auto inner = table.table("auth");
  if (!inner) return;
  AuthConfig auth;
  auth.realm = inner->text("realm").value_or(auth.realm);
  if (!http::is_field_value(auth.realm) || auth.realm.find_first_of("\"\\") != std::string::npos)
    inner->problem("realm", in_quotes(auth.realm) + " cannot stand in a header field", "write plain words");
  const auto users = inner->text("users");
  if (!inner->has("users"))
    inner->problem("", "nobody could have a password", R"(add users = "FILE", which `htpasswd -cB FILE NAME` makes)");
  auth.users = folder / users.value_or("");
  auth.pass = inner->flag("pass").value_or(false);
  options.auth = std::move(auth);
  inner->finish();
}

}  // namespace

std::vector<net::AddressRange> read_address_ranges(ConfigTable& table, std::string_view key) {
  std::vector<net::AddressRange> ranges;
  for (const std::string& text : table.texts(key)) {
    const auto range = net::parse_address_range(text);
    if (!range)
      table.problem(key, in_quotes(text) + " is no range of addresses",
                    R"(write "10.0.0.0/8", "2001:db8::/32" or one address)");
    if (range) ranges.push_back(*range);
  }
  return ranges;
}

void read_route_options(ConfigTable& table, const std::filesystem::path& folder, RouteOptions& options) {
  read_field_rules(table, "request_headers", options.request_fields);
  read_field_rules(table, "response_headers", options.response_fields);
  if (const auto given = table.duration("hsts"))
    options.hsts = std::chrono::duration_cast<std::chrono::seconds>(*given);
  read_maintenance(table, options);
  if (table.has("allow")) options.allow = read_address_ranges(table, "allow");
  if (table.has("deny")) options.deny = read_address_ranges(table, "deny");
  read_error_pages(table, folder, options);
  if (const auto wanted = table.flag("error_pages_for_upstreams")) options.error_pages_for_upstreams = *wanted;
  if (table.has("max_body")) options.max_body = table.size("max_body");
  read_rate_limit(table, options);
  read_cors(table, options);
  read_auth(table, folder, options);
}

}  // namespace padlock::server
