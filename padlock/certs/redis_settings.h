#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace padlock::certs {

/// A store that a fleet shares on Redis: the table [store] of a configuration. Files are read when it is opened.
struct RedisSettings {
  std::string host;
  std::uint16_t port = 6379;
  bool tls = false;                                 ///< rediss
  std::uint32_t database = 0;                       ///< its number
  std::string user{};                               ///< of an ACL; empty: the default user
  std::filesystem::path password_file{};            ///< empty: there is no password
  std::vector<std::string> ca_files{};              ///< roots that its TLS is verified by; none: the system's
  std::filesystem::path seal_key{};                 ///< what values are sealed with
  std::vector<std::filesystem::path> older_keys{};  ///< what values may be sealed with that are there
  std::string prefix = "padlock";                   ///< of the names of all that is ours there
  std::chrono::milliseconds patience{250};          ///< for one answer
  friend bool operator==(const RedisSettings&, const RedisSettings&) = default;
};

/// "rediss://redis.internal:6380/0".
std::string to_string(const RedisSettings& settings);

}  // namespace padlock::certs
