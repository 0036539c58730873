#include "padlock/ca/settings.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "padlock/base/text.h"
#include "padlock/ca/limits.h"
#include "padlock/ca/names.h"
#include "padlock/ca/rules.h"
#include "padlock/http/message/url.h"
#include "padlock/net/atomic_file.h"
#include "padlock/net/rules.h"

namespace padlock::ca {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view settings_file = "settings.json";

Result<std::string> text_in(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string())
    return broken(rules::damaged_settings, std::string("no text stands for \"") + key + "\"");
  return found->get<std::string>();
}

/// Files of older versions have none.
Result<std::vector<std::string>> domains_in(const Json& object) {
  std::vector<std::string> domains;
  const auto found = object.find("domains");
  if (found == object.end()) return domains;
  for (const Json& one : *found) {
    const std::string text = one.is_string() ? one.get<std::string>() : std::string();
    if (canonical_domain(text).value_or("") != text || text.empty())
      return broken(rules::damaged_settings, "\"domains\" holds what is no domain");
    domains.push_back(text);
  }
  return domains;
}

}  // namespace

Result<void> check_ca_name(std::string_view name) {
  const auto printable = [](char c) { return c >= ' ' && c <= '~'; };
  if (!name.empty() && name.size() <= max_ca_name && std::ranges::all_of(name, printable)) return {};
  return broken(rules::malformed_ca_name, "'" + escaped(name.substr(0, 2 * max_ca_name)) + "' is no name for a CA");
}

Result<std::string> canonical_ca_url(std::string_view text) {
  const auto url = http::parse_url(text);
  const bool fits = url && !url->secure() && url->path == "/" && !url->has_query && text.size() <= max_ca_url;
  if (fits) return url->origin();
  return broken(rules::malformed_ca_url, "'" + escaped(text.substr(0, max_ca_url)) + "' is not the URL of a host");
}

std::string settings_to_text(const Settings& settings) {
  Json json{{"name", settings.name}, {"url", settings.url}};
  if (!settings.domains.empty()) json["domains"] = settings.domains;
  return json.dump(2) + "\n";
}

Result<Settings> parse_settings(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return broken(rules::damaged_settings, "it is no JSON object");
  Settings settings{.name = PADLOCK_TRY(text_in(json, "name")),
                    .url = PADLOCK_TRY(text_in(json, "url")),
                    .domains = PADLOCK_TRY(domains_in(json))};
  const auto name = check_ca_name(settings.name);
  if (!name) return broken(rules::damaged_settings, name.error().what);
  const auto url = settings.url.empty() ? Result<std::string>("") : canonical_ca_url(settings.url);
  if (!url || *url != settings.url)
    return broken(rules::damaged_settings, escaped(settings.url) + " is no URL of a CA");
  return settings;
}

Result<Settings> read_settings(const std::filesystem::path& folder) {
  const auto file = folder / settings_file;
  const auto text = net::read_file(file, max_file_bytes);
  if (!text && text.error().rule == &net::rules::file_missing) return Settings{};
  if (!text) return std::unexpected(text.error());
  auto settings = parse_settings(as_text(*text));
  if (!settings) return broken(*settings.error().rule, escaped(file.native()) + ": " + settings.error().what);
  return settings;
}

Result<void> write_settings(const std::filesystem::path& folder, const Settings& settings) {
  return net::write_file_atomically(folder / settings_file, as_bytes(settings_to_text(settings)),
                                    net::private_file_mode);
}

}  // namespace padlock::ca
