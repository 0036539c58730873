#include "padlock/server/host/service_file.h"

#include <sstream>
#include <utility>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "padlock/server/route/paths.h"

namespace padlock::server {
namespace {

constexpr std::string_view heading =
    "# A service of this host, with the keys of a site's table; `padlock reload` reads it again.\n";

std::string text_of(const toml::table& table) {
  std::ostringstream out;
  out << heading << toml::toml_formatter(table, toml::format_flags::none) << "\n";
  return out.str();
}

/// The table of this key, made where there is none.
toml::table& table_in(toml::table& parent, std::string_view key) {
  if (parent[key].as_table() == nullptr) parent.insert_or_assign(key, toml::table());
  return *parent[key].as_table();
}

/// As it is written there, if the same path is ("/api" and "/api/" are), else as it is given.
std::string key_of_path(const toml::table& paths, std::string_view path) {
  const auto wanted = PathPrefix::parse(path);
  for (const auto& [key, node] : paths) {
    if (wanted && PathPrefix::parse(key.str()) == wanted) return std::string(key.str());
  }
  return std::string(path);
}

toml::table& part_of(toml::table& root, std::string_view path) {
  if (path.empty()) return root;
  toml::table& paths = table_in(root, "paths");
  return table_in(paths, key_of_path(paths, path));
}

void set_upstreams(toml::table& table, const std::vector<std::string>& to) {
  if (to.size() == 1) {
    table.insert_or_assign("proxy", to.front());
    return;
  }
  toml::array all;
  for (const std::string& one : to) all.push_back(one);
  table.insert_or_assign("proxy", std::move(all));
}

void set_content(toml::table& table, const ServiceContent& content) {
  if (!content.hsts.empty()) table.insert_or_assign("hsts", content.hsts);
  for (const std::string_view kind : {"dir", "redirect", "proxy", "respond"}) table.erase(kind);
  if (content.to.empty()) {
    table.erase("upstream");  // a folder has none
    table.insert_or_assign("dir", content.dir);
    return;
  }
  set_upstreams(table, content.to);
  if (!content.health.empty()) table_in(table, "upstream").insert_or_assign("health", content.health);
}

}  // namespace

std::optional<std::string> with_content(std::string_view text, std::string_view path, const ServiceContent& content) {
  toml::parse_result parsed = toml::parse(text);
  if (!parsed) return std::nullopt;
  toml::table& root = parsed.table();
  set_content(part_of(root, path), content);
  return text_of(root);
}

std::optional<std::string> without_path(std::string_view text, std::string_view path) {
  toml::parse_result parsed = toml::parse(text);
  if (!parsed) return std::nullopt;
  toml::table& root = parsed.table();
  toml::table* const paths = root["paths"].as_table();
  if (paths == nullptr || paths->erase(key_of_path(*paths, path)) == 0) return std::nullopt;
  if (paths->empty()) root.erase("paths");
  return text_of(root);
}

}  // namespace padlock::server
