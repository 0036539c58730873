#include "padlock/server/config/read_store.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "padlock/base/text.h"
#include "padlock/http/message/url.h"

namespace padlock::server {
namespace {

constexpr std::string_view plain = "redis://", secure = "rediss://";
constexpr std::string_view advice = R"(write redis = "rediss://redis.example.com:6379/0")";
constexpr std::size_t longest_prefix = 64;

/// "HOST[:PORT][/DATABASE]" behind the scheme, read as the same part of an https URL.
bool parse_place(std::string_view text, certs::RedisSettings& settings) {
  const std::string_view authority = text.substr(0, text.find('/'));
  const auto url = http::parse_url("https://" + std::string(text));
  if (!url || !url->query.empty() || authority.find('@') != std::string_view::npos) return false;
  settings.host = url->host;
  const std::size_t colon = authority.rfind(':'), bracket = authority.rfind(']');
  const bool has_port = colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  if (has_port) settings.port = url->port;
  const std::string_view database = std::string_view(url->path).substr(1);
  if (database.empty()) return true;
  const auto number = parse_decimal(database);
  constexpr std::uint64_t most_databases = 65'535;
  if (!number || *number > most_databases) return false;
  settings.database = static_cast<std::uint32_t>(*number);
  return true;
}

bool read_place(ConfigTable& table, certs::RedisSettings& settings) {
  const auto text = table.text("redis");
  const bool has_scheme = text && (text->starts_with(plain) || text->starts_with(secure));
  if (has_scheme) {
    settings.tls = text->starts_with(secure);
    if (parse_place(std::string_view(*text).substr(settings.tls ? secure.size() : plain.size()), settings)) return true;
  }
  const bool has_password = text && text->find('@') != std::string::npos;
  table.problem(text ? "redis" : "",
                text ? in_quotes(*text) + " is no URL of a Redis" : "nothing says where the store is",
                has_password ? "user and password have keys of their own: user = \"...\", password_file = \"...\""
                             : std::string(advice));
  return false;
}

bool is_prefix(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.' || c == ':';
  };
  return !text.empty() && text.size() <= longest_prefix && std::ranges::all_of(text, allowed);
}

}  // namespace

std::optional<certs::RedisSettings> read_store(ConfigTable& table, const std::filesystem::path& folder) {
  certs::RedisSettings settings;
  bool good = read_place(table, settings);
  settings.user = table.text("user").value_or("");
  if (const auto file = table.text("password_file")) settings.password_file = folder / *file;
  if (!settings.user.empty() && settings.password_file.empty())
    table.problem("user", "a user has a password", R"(add password_file = "redis.password")");
  for (const std::string& file : table.texts("ca")) settings.ca_files.push_back((folder / file).native());
  if (!settings.ca_files.empty() && !settings.tls)
    table.problem("ca", "there is nothing to verify without TLS", "the URL of a Redis with TLS begins with rediss://");
  if (const auto file = table.text("seal_key")) settings.seal_key = folder / *file;
  if (settings.seal_key.empty()) {
    table.problem("", "nothing says what values are sealed with",
                  "add seal_key = \"seal.key\"; `padlock store key seal.key` makes one, for all nodes");
    good = false;
  }
  for (const std::string& file : table.texts("older_seal_keys")) settings.older_keys.push_back(folder / file);
  if (const auto prefix = table.text("prefix")) {
    settings.prefix = *prefix;
    if (!is_prefix(*prefix))
      table.problem("prefix", in_quotes(*prefix) + " is no prefix", "it has letters, digits and - _ . : alone");
  }
  if (const auto patience = table.duration("timeout")) settings.patience = *patience;
  constexpr std::chrono::milliseconds least{10}, most{30'000};
  if (settings.patience < least || settings.patience > most)
    table.problem("timeout", "an answer is waited for from 10 ms to 30 s", R"(write "250 ms")");
  table.finish();
  return good ? std::optional(std::move(settings)) : std::nullopt;
}

}  // namespace padlock::server
