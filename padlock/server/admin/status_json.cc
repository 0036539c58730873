#include <nlohmann/json.hpp>

#include "padlock/crypto/algorithm.h"
#include "padlock/server/admin/admin_server.h"
#include "padlock/server/admin/status.h"
#include "padlock/server/rules.h"

namespace padlock::server {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) {
  constexpr int one_line = -1;
  return json.dump(one_line, ' ', true, Json::error_handler_t::replace) + "\n";
}

Json certificate_json(const CertificateStatus& certificate, WallTime now) {
  return {{"names", certificate.names},
          {"issuer", certificate.issuer},
          {"not_after", to_string(certificate.not_after)},
          {"not_before_seconds", certificate.not_before.time_since_epoch().count()},
          {"not_after_seconds", certificate.not_after.time_since_epoch().count()},
          {"state", certs::name_of(certs::health_of(certificate.not_before, certificate.not_after, now))},
          {"days_left", std::chrono::floor<std::chrono::days>(certificate.not_after - now).count()}};
}

Json sites_json(const ServerStatus& status) {
  Json sites = Json::array();
  for (const SiteStatus& site : status.sites) {
    Json certificates = Json::array();
    for (const CertificateStatus& one : site.certificates) certificates.push_back(certificate_json(one, status.now));
    sites.push_back({{"name", site.names.front()},
                     {"names", site.names},
                     {"content", site.content},
                     {"certificates", std::move(certificates)}});
    if (!site.service.empty()) sites.back()["service"] = site.service;
  }
  return sites;
}

Json handshakes_json(const Counts& counts) {
  Json by_version = Json::object(), by_group = Json::object(), by_suite = Json::object();
  std::uint64_t all = 0, resumed = 0;
  const auto add = [](Json& object, std::string_view name, std::uint64_t count) {
    Json& value = object[std::string(name)];
    value = (value.is_null() ? 0 : value.get<std::uint64_t>()) + count;
  };
  for (const auto& [kind, count] : counts.handshakes) {
    all += count;
    resumed += kind.resumed ? count : 0;
    add(by_version, tls::name_of(kind.version), count);
    add(by_group, kind.group ? crypto::name_of(*kind.group) : "none", count);
    add(by_suite, tls::name_of(kind.cipher_suite), count);
  }
  return {{"completed", all},
          {"resumed", resumed},
          {"by_version", std::move(by_version)},
          {"by_group", std::move(by_group)},
          {"by_cipher_suite", std::move(by_suite)},
          {"failures", Json(counts.handshake_failures)}};
}

Json requests_json(const Counts& counts) {
  Json by_version = Json::object(), by_status = Json::object();
  std::uint64_t all = 0;
  for (const auto& [kind, count] : counts.requests) {
    all += count;
    Json& version = by_version[std::string(name_of(kind.version))];
    version = (version.is_null() ? 0 : version.get<std::uint64_t>()) + count;
    Json& status = by_status[std::to_string(kind.status_class) + "xx"];
    status = (status.is_null() ? 0 : status.get<std::uint64_t>()) + count;
  }
  return {{"answered", all},
          {"by_version", std::move(by_version)},
          {"by_status", std::move(by_status)},
          {"body_bytes", counts.body_bytes}};
}

Json on_demand_json(const OnDemandCounts& counts) {
  return {{"certificates", counts.certificates},
          {"orders", {{"certified", counts.ordered}, {"failed", counts.failed}}},
          {"questions", {{"yes", counts.allowed}, {"no", counts.not_allowed}, {"none", counts.unanswered}}}};
}

Json orders_json(const OrderCounts& counts) {
  return {{"under_way", counts.under_way},
          {"obtained", counts.obtained},
          {"renewed", counts.renewed},
          {"failures", Json(counts.failed)},
          {"cas_passed_over", Json(counts.passed_over)}};
}

Json events_json(const EventCounts& counts) {
  Json json = Json::object();
  for (const auto& [receiver, count] : counts)
    json[std::string(receiver)] = {
        {"delivered", count.delivered}, {"failed", count.failed}, {"dropped", count.dropped}};
  return json;
}

Json reloads_json(const ReloadStatus& reloads) {
  Json json{{"done", reloads.done}, {"refused", reloads.refused}};
  if (reloads.last) {
    json["last"] = to_string(*reloads.last);
    json["last_result"] = reloads.last_done ? "done" : "refused";
  }
  return json;
}

}  // namespace

std::string status_json(const ServerStatus& status) {
  const Counts& counts = status.counts;
  return dump({{"version", status.version},
               {"process", status.process},
               {"state", status.stopping ? "stopping" : "serving"},
               {"started", to_string(status.started)},
               {"uptime_seconds", status.uptime.count()},
               {"configuration", status.configuration},
               {"domain", status.domain ? Json(*status.domain) : Json()},
               {"workers", status.workers},
               {"listeners", {{"https", status.https}, {"http", status.http}}},
               {"user", status.user},
               {"sandbox", status.sandbox},
               {"notes", status.notes},
               {"sites", sites_json(status)},
               {"certificates", Json(count_certificates(status))},
               {"orders", status.orders ? orders_json(*status.orders) : Json()},
               {"events", events_json(status.events)},
               {"connections",
                {{"open", counts.connections_open},
                 {"accepted", counts.connections_accepted},
                 {"refused", counts.connections_refused},
                 {"shed", counts.connections_shed}}},
               {"handshakes", handshakes_json(counts)},
               {"requests", requests_json(counts)},
               {"failures", Json(counts.failures)},
               {"on_demand", status.on_demand ? on_demand_json(*status.on_demand) : Json()},
               {"reloads", reloads_json(status.reloads)},
               {"log_lines_dropped", status.log_lines_lost + counts.log_lines_suppressed}});
}

AdminAnswer admin_error(const Rule& rule) {
  return {.status = rule.status,
          .body = dump({{"error", {{"code", rule.code}, {"next", rule.hint}}}}),
          .allow = &rule == &rules::admin_method ? "GET" : ""};
}

}  // namespace padlock::server
