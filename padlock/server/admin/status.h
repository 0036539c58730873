#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/certs/certificate_health.h"
#include "padlock/certs/event_outbox.h"
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

/// What became of orders at CAs that speak ACME.
struct OrderCounts {
  std::uint64_t obtained = 0, renewed = 0;
  std::map<std::string_view, std::uint64_t> failed;  ///< by the code of the rule
  std::map<std::string, std::uint64_t> passed_over;  ///< how often each CA was, by its name
  std::size_t under_way = 0;
};

/// What became of events that were told to the receivers of [on_event], by "exec" and "webhook".
using EventCounts = std::map<std::string_view, certs::EventOutbox::Counts>;

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
  std::optional<OrderCounts> orders;        ///< nothing: no CA is asked
  EventCounts events;                       ///< of those that are configured
};

/// How many certificates of sites are in which state, by its name; "missing": sites that have none yet.
std::map<std::string_view, std::size_t> count_certificates(const ServerStatus& status);

/// The certificates that a site shows now.
std::vector<CertificateStatus> certificate_status(const Site& site);

/// Prometheus' text format, version 0.0.4.
inline constexpr std::string_view metrics_content_type = "text/plain; version=0.0.4; charset=utf-8";
std::string metrics_text(const ServerStatus& status);

/// The same as an object of JSON, on one line.
std::string status_json(const ServerStatus& status);

}  // namespace padlock::server
