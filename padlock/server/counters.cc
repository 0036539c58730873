#include "padlock/server/counters.h"

namespace padlock::server {
namespace {

constexpr std::string_view other_rules = "other";

template <std::size_t capacity>
void add_rules(const KeyedCounters<const Rule*, capacity>& counters, std::map<std::string_view, std::uint64_t>& sum) {
  counters.for_each([&](const Rule* rule, std::uint64_t count) { sum[rule->code] += count; });
  if (counters.others() > 0) sum[other_rules] += counters.others();
}

}  // namespace

std::string_view name_of(HttpVersion version) { return version == HttpVersion::http2 ? "HTTP/2" : "HTTP/1.1"; }

void WorkerCounters::handshake_done(const tls::ConnectionInfo& info) {
  if (info.version && info.cipher_suite) handshakes.add({*info.version, *info.cipher_suite, info.group, info.resumed});
}

void WorkerCounters::request_answered(std::string_view version, int status, std::uint64_t body_bytes_sent) {
  requests.add({version.starts_with("HTTP/2") ? HttpVersion::http2 : HttpVersion::http1, status / 100});
  body_bytes.add(body_bytes_sent);
}

void Counts::add(const WorkerCounters& worker) {
  const std::uint64_t closed = worker.connections_closed.read();  // first: what closes meanwhile is still open to us
  const std::uint64_t accepted = worker.connections_accepted.read();
  connections_accepted += accepted;
  connections_open += accepted - closed;
  connections_refused += worker.connections_refused.read();
  connections_shed += worker.connections_shed.read();
  worker.handshakes.for_each([&](const HandshakeKind& kind, std::uint64_t count) { handshakes[kind] += count; });
  add_rules(worker.handshake_failures, handshake_failures);
  worker.requests.for_each([&](const RequestKind& kind, std::uint64_t count) { requests[kind] += count; });
  body_bytes += worker.body_bytes.read();
  add_rules(worker.failures, failures);
  log_lines_suppressed += worker.log_lines_suppressed.read();
}

}  // namespace padlock::server
