#include "bench/x509/process_peer.h"

#include <memory>
#include <string>

#include "bench/program.h"
#include "padlock/base/text.h"

namespace padlock::bench {
namespace {

std::string case_line(const Pki& pki) {
  const auto& chain = pki.credential->chain;
  return "case verify time=" + std::to_string(bench_time().time_since_epoch().count()) +
         " name=" + std::string(server_name) + " root=" + to_hex(pki.root) + " intermediate=" + to_hex(chain.at(1)) +
         " leaf=" + to_hex(chain.at(0));
}

}  // namespace

void add_process_peer(std::vector<Contender>& all, ProcessPeer peer, const Pki& pki) {
  const bool go = peer == ProcessPeer::go;
  const std::string name = go ? "go" : "webpki";
  const std::string file =
      go ? find_peer(name, "PADLOCK_GO_BENCH", "go-bench") : find_peer(name, "PADLOCK_RUSTLS_BENCH", "rustls-bench");
  if (file.empty()) return;
  const auto program = std::make_shared<Program>(file);
  if (const std::string answer = program->ask(case_line(pki)); answer != "ready") program->misunderstood(answer);
  all.emplace_back(name, [program](double budget_ns) { return program->measured_round(budget_ns); });
}

}  // namespace padlock::bench
