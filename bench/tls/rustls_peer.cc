#include "bench/tls/rustls_peer.h"

#include <string>
#include <utility>

#include "bench/program.h"
#include "bench/tls/pki.h"
#include "padlock/base/text.h"

namespace padlock::bench {
namespace {

/// The one process of all cases.
Program& program(const std::string& file) {
  static Program started(file);
  return started;
}

std::string name_of(RustlsWork work) {
  switch (work) {
    case RustlsWork::server: return "server";
    case RustlsWork::client: return "client";
    case RustlsWork::send: return "send";
    case RustlsWork::receive: return "receive";
  }
  return "";
}

/// The very chain and key that our ends have.
std::string certificates_of(const Negotiation& negotiation) {
  const Pki& files = pki(negotiation.keys);
  const auto& chain = files.credential->chain;
  return " root=" + to_hex(files.root) + " intermediate=" + to_hex(chain.at(1)) + " leaf=" + to_hex(chain.at(0)) +
         " key=" + to_hex(files.leaf_key);
}

std::string case_line(RustlsWork work, const Negotiation& negotiation, std::size_t size) {
  return "case " + name_of(work) + " version=" + (negotiation.tls12 ? "1.2" : "1.3") +
         " group=" + std::string(name_of(negotiation.group)) + " suite=" + std::string(name_of(suite_of(negotiation))) +
         " session=" + (negotiation.resumed ? "resumed" : "full") +
         " chain=" + (negotiation.verify ? "verified" : "any") + " size=" + std::to_string(size) +
         " time=" + std::to_string(bench_time().time_since_epoch().count()) + " name=" + std::string(server_name) +
         certificates_of(negotiation);
}

void make_case(Program& rustls, const std::string& line) {
  const std::string answer = rustls.ask(line);
  if (answer != "ready") rustls.misunderstood(answer);
}

}  // namespace

void add_rustls(std::vector<Contender>& all, RustlsWork work, const Negotiation& negotiation, std::size_t size) {
  static const std::string file = find_peer("rustls", "PADLOCK_RUSTLS_BENCH", "rustls-bench");
  if (file.empty()) return;
  all.emplace_back("rustls", [line = case_line(work, negotiation, size)](double budget_ns) mutable {
    Program& rustls = program(file);
    if (!line.empty()) make_case(rustls, std::exchange(line, {}));
    return rustls.measured_round(budget_ns);
  });
}

}  // namespace padlock::bench
