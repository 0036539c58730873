// Prometheus' text format: https://prometheus.io/docs/instrumenting/exposition_formats/
#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>

#include "padlock/crypto/algorithm.h"
#include "padlock/server/admin/status.h"

namespace padlock::server {
namespace {

using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// In label values backslash, quote and line feed are escaped.
std::string label_value(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    out += c == '\n' ? std::string("\\n") : std::string(1, c);
  }
  return out;
}

std::int64_t seconds_of(WallTime time) { return time.time_since_epoch().count(); }

class Text {
 public:
  void family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = "padlock_" + std::string(name);
    text_ += "# HELP " + name_ + " " + std::string(help) + "\n# TYPE " + name_ + " " + std::string(type) + "\n";
  }
  template <class Number>
  void sample(Number number, Labels labels = {}) {
    text_ += name_;
    std::string inner;
    for (const auto& [label, value] : labels)
      inner += (inner.empty() ? "" : ",") + std::string(label) + "=\"" + label_value(value) + "\"";
    if (!inner.empty()) text_ += "{" + inner + "}";
    text_ += " " + std::to_string(number) + "\n";
  }
  template <class Number>
  void only(std::string_view name, std::string_view type, std::string_view help, Number number) {
    family(name, type, help);
    sample(number);
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_, name_;
};

constexpr std::string_view gauge = "gauge", counter = "counter";

void write_process(Text& text, const ServerStatus& status) {
  text.family("build_info", gauge, "The version of this server, as a label.");
  text.sample(1, {{"version", status.version}});
  text.only("start_time_seconds", gauge, "When the server was started, since 1970-01-01 UTC.",
            seconds_of(status.started));
  text.only("workers", gauge, "Threads that serve clients.", status.workers);
  text.family("reloads_total", counter, "How often the configuration was read again, and what became of it.");
  text.sample(status.reloads.done, {{"result", "done"}});
  text.sample(status.reloads.refused, {{"result", "refused"}});
  text.only("last_reload_done", gauge, "0 if the last reload was refused, else 1.",
            status.reloads.last && !status.reloads.last_done ? 0 : 1);
  if (status.reloads.last)
    text.only("last_reload_time_seconds", gauge, "When the configuration was last read again, since 1970-01-01 UTC.",
              seconds_of(*status.reloads.last));
}

void write_connections(Text& text, const Counts& counts) {
  text.only("connections", gauge, "Connections that are open.", counts.connections_open);
  text.only("connections_accepted_total", counter, "Connections that were accepted.", counts.connections_accepted);
  text.only("connections_refused_total", counter, "Connections that were turned away because there were too many.",
            counts.connections_refused);
  text.only("connections_shed_total", counter,
            "Connections that were ended in their handshakes to make room for younger ones.", counts.connections_shed);
}

void write_handshakes(Text& text, const Counts& counts) {
  text.family("handshakes_total", counter, "TLS handshakes that were completed.");
  for (const auto& [kind, count] : counts.handshakes) {
    text.sample(count, {{"version", tls::name_of(kind.version)},
                        {"cipher_suite", tls::name_of(kind.cipher_suite)},
                        {"group", kind.group ? crypto::name_of(*kind.group) : "none"},
                        {"resumed", kind.resumed ? "yes" : "no"}});
  }
  text.family("handshake_failures_total", counter, "TLS handshakes that failed, by the code of the rule.");
  for (const auto& [rule, count] : counts.handshake_failures) text.sample(count, {{"rule", rule}});
}

void write_requests(Text& text, const ServerStatus& status) {
  text.family("requests_total", counter, "Requests that were answered.");
  for (const auto& [kind, count] : status.counts.requests) {
    const std::string status_class = std::to_string(kind.status_class) + "xx";
    text.sample(count, {{"version", name_of(kind.version)}, {"status", status_class}});
  }
  text.only("response_body_bytes_total", counter, "Bytes of bodies that were sent in responses.",
            status.counts.body_bytes);
  text.family("failures_total", counter, "Failures of any kind that the log names, by the code of the rule.");
  for (const auto& [rule, count] : status.counts.failures) text.sample(count, {{"rule", rule}});
  text.family("log_lines_dropped_total", counter, "Lines of the log that were not written, and why.");
  text.sample(status.log_lines_lost, {{"reason", "too_fast"}});
  text.sample(status.counts.log_lines_suppressed, {{"reason", "repeated"}});
}

/// A site with several certificates has the time of the first to expire: that is the one to look after.
void write_certificates(Text& text, const ServerStatus& status) {
  text.family("cert_not_after_seconds", gauge,
              "When the first of a site's certificates expires, since 1970-01-01 UTC.");
  for (const SiteStatus& site : status.sites) {
    const auto first = std::ranges::min_element(site.certificates, {}, &CertificateStatus::not_after);
    if (first != site.certificates.end()) text.sample(seconds_of(first->not_after), {{"site", site.names.front()}});
  }
}

void write_certificate_states(Text& text, const ServerStatus& status) {
  text.family("cert_states", gauge,
              "Certificates of sites by their state; late: nobody has renewed it in time, missing: a site that waits "
              "for its first.");
  for (const auto& [state, count] : count_certificates(status)) text.sample(count, {{"state", state}});
}

void write_orders(Text& text, const OrderCounts& counts) {
  text.only("cert_orders_under_way", gauge, "Orders that CAs are at work on.", counts.under_way);
  text.family("cert_orders_total", counter, "Orders at CAs that gave a certificate: a name's first, or another one.");
  text.sample(counts.obtained, {{"result", "obtained"}});
  text.sample(counts.renewed, {{"result", "renewed"}});
  text.family("cert_order_failures_total", counter, "Orders at CAs that came to nothing, by the code of the rule.");
  for (const auto& [rule, count] : counts.failed) text.sample(count, {{"rule", rule}});
  text.family("ca_passed_over_total", counter, "How often a CA was found away or in trouble, and another one asked.");
  for (const auto& [ca, count] : counts.passed_over) text.sample(count, {{"ca", ca}});
}

void write_events(Text& text, const EventCounts& counts) {
  if (counts.empty()) return;
  text.family("events_total", counter, "Events that receivers of [on_event] were told, and what became of it.");
  for (const auto& [receiver, count] : counts) {
    text.sample(count.delivered, {{"receiver", receiver}, {"result", "delivered"}});
    text.sample(count.failed, {{"receiver", receiver}, {"result", "failed"}});
    text.sample(count.dropped, {{"receiver", receiver}, {"result", "dropped"}});
  }
}

/// Why handshakes were refused is among their failures.
void write_on_demand(Text& text, const OnDemandCounts& counts) {
  text.only("on_demand_certificates", gauge, "Certificates on demand that are in memory.", counts.certificates);
  text.family("on_demand_orders_total", counter, "First orders of names on demand, by what became of them.");
  text.sample(counts.ordered, {{"result", "certified"}});
  text.sample(counts.failed, {{"result", "failed"}});
  text.family("on_demand_questions_total", counter, "Questions whether a name is allowed, by the answer.");
  text.sample(counts.allowed, {{"answer", "yes"}});
  text.sample(counts.not_allowed, {{"answer", "no"}});
  text.sample(counts.unanswered, {{"answer", "none"}});
}

}  // namespace

std::string metrics_text(const ServerStatus& status) {
  Text text;
  write_process(text, status);
  write_connections(text, status.counts);
  write_handshakes(text, status.counts);
  write_requests(text, status);
  write_certificates(text, status);
  write_certificate_states(text, status);
  if (status.orders) write_orders(text, *status.orders);
  write_events(text, status.events);
  if (status.on_demand) write_on_demand(text, *status.on_demand);
  return text.take();
}

}  // namespace padlock::server
