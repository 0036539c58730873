#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/server/counters.h"
#include "padlock/server/on_demand/certificates.h"
#include "padlock/server/site.h"

// What a running server says of itself: one value, and its forms (docs/guide/operation.md).

namespace padlock::server {

struct CertificateStatus {
  std::vector<std::string> names;
  std::string issuer;
  WallTime not_after{};
  WallTime not_before{};
};

struct SiteStatus {
  std::vector<std::string> names;  ///< the one of its table first
  std::string content;             ///< "/srv/www", "a redirect to https://www.example.com"
  std::vector<CertificateStatus> certificates;
  std::string service{};  ///< its name in the host; empty: a site of the configuration
};

struct ReloadStatus {
  std::uint64_t done = 0, refused = 0;
  std::optional<WallTime> last;  ///< nothing: none was asked for
  bool last_done = false;
};

struct ServerStatus {
  std::string version;
  int process = 0;
  WallTime started{}, now{};
  std::chrono::seconds uptime{};
  bool stopping = false;
  std::string configuration;          ///< its file; empty: flags
  std::optional<std::string> domain;  ///< of services; nothing: there are none
  std::vector<std::string> https, http;
  std::size_t workers = 0;
  std::string user;                ///< that it runs as
  std::string sandbox;             ///< what it has given up
  std::vector<std::string> notes;  ///< what its administrator should know
  std::vector<SiteStatus> sites;
  Counts counts;
  std::uint64_t log_lines_lost = 0;  ///< they came faster than they could be written
  ReloadStatus reloads;
  std::optional<OnDemandCounts> on_demand;  ///< nothing: configured names alone have certificates
};

/// The certificates that a site shows now.
std::vector<CertificateStatus> certificate_status(const Site& site);

/// Prometheus' text format, version 0.0.4.
inline constexpr std::string_view metrics_content_type = "text/plain; version=0.0.4; charset=utf-8";
std::string metrics_text(const ServerStatus& status);

/// The same as an object of JSON, on one line.
std::string status_json(const ServerStatus& status);

}  // namespace padlock::server
