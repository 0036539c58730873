#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "padlock/net/address_range.h"
#include "padlock/server/folder_options.h"
#include "padlock/server/proxy/target.h"
#include "padlock/server/route/basic_auth.h"
#include "padlock/server/route/cors.h"
#include "padlock/server/route/field_rules.h"
#include "padlock/server/route/fixed_handlers.h"
#include "padlock/server/route/paths.h"
#include "padlock/server/route/rate_limit.h"

namespace padlock::server {

/// A folder's files.
struct FolderSource {
  std::filesystem::path folder;
  FolderOptions options{};
  friend bool operator==(const FolderSource&, const FolderSource&) = default;
};

/// 404, but for the paths beneath.
struct NothingHere {
  friend bool operator==(const NothingHere&, const NothingHere&) = default;
};

/// What a site, or a path of it, answers with.
using ContentConfig = std::variant<FolderSource, RedirectTarget, ProxyTarget, FixedResponse, NothingHere>;

/// What holds for the requests of a site or path, and their responses, whatever answers.
struct RouteOptions {
  FieldRules request_fields;   ///< of requests that are passed on
  FieldRules response_fields;  ///< of all responses, errors too
  /// Strict-Transport-Security (RFC 6797): how long a browser takes https alone; none: it is not said.
  std::optional<std::chrono::seconds> hsts;
  std::optional<std::string> maintenance;            ///< nothing but 503 with this text ("": a page of ours)
  std::vector<net::AddressRange> allow;              ///< these clients alone; empty: all
  std::vector<net::AddressRange> deny;               ///< not these
  std::vector<net::AddressRange> trusted_proxies;    ///< whose word about the client's address is taken
  std::map<int, std::filesystem::path> error_pages;  ///< by status, in place of our own pages
  bool error_pages_for_upstreams = false;            ///< in place of those of servers behind too
  std::optional<std::uint64_t> max_body;             ///< bytes; none: the handler says it
  std::optional<RateLimitConfig> rate_limit;
  std::optional<CorsConfig> cors;
  std::optional<AuthConfig> auth;
  friend bool operator==(const RouteOptions&, const RouteOptions&) = default;
};

/// Who answers in a site or in a part of it, and how.
struct RouteConfig {
  ContentConfig content;
  std::optional<PathMap> map{};  ///< the path that is looked for in place of the one that is asked for
  RouteOptions options{};
  friend bool operator==(const RouteConfig&, const RouteConfig&) = default;
};

/// A part of a site: the paths with a prefix.
struct PathConfig {
  PathPrefix prefix;
  RouteConfig route;
  friend bool operator==(const PathConfig&, const PathConfig&) = default;
};

}  // namespace padlock::server
