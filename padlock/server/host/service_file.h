#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The files of a host's services, hosts.d/NAME.toml, as `padlock host` changes them. They have the keys of a site's
// table (docs/guide/configuration.md); what else a person wrote there stays, but for comments.

namespace padlock::server {

/// What answers for a service, or for a part of it.
struct ServiceContent {
  std::vector<std::string> to;  ///< upstreams; none: a folder
  std::string dir;
  std::string health;  ///< the path that upstreams are asked for; empty: as it was
  std::string hsts{};  ///< how long browsers take https alone, "1 year"; empty: as it was
};

/// The text with another content for the service, or for the part of it beneath `path` ("" : the whole). `text`: TOML,
/// or empty for a new service. Nothing: it is no TOML.
std::optional<std::string> with_content(std::string_view text, std::string_view path, const ServiceContent& content);

/// The text without this part; nothing: it has no such one.
std::optional<std::string> without_path(std::string_view text, std::string_view path);

}  // namespace padlock::server
