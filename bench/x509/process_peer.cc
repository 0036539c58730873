#include "bench/x509/process_peer.h"

#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>

#include "bench/program.h"
#include "padlock/base/text.h"

namespace padlock::bench {
namespace {

struct Known {
  std::string_view name;
  std::string_view variable;
  std::string_view built;
};

Known known(ProcessPeer peer) {
  if (peer == ProcessPeer::go) return {"go", "PADLOCK_GO_BENCH", "build/peers/bin/go-bench"};
  return {"webpki", "PADLOCK_RUSTLS_BENCH", "build/peers/bin/rustls-bench"};
}

/// Where `./dev` builds it, or where a variable says; empty where it is not.
std::string find_program(const Known& peer) {
  if (const char* const named = std::getenv(std::string(peer.variable).c_str())) return named;
  if (access(std::string(peer.built).c_str(), X_OK) == 0) return std::string(peer.built);
  std::printf("%s: absent (./dev setup --peers)\n", std::string(peer.name).c_str());
  return {};
}

std::string case_line(const Pki& pki) {
  const auto& chain = pki.credential->chain;
  return "case verify time=" + std::to_string(bench_time().time_since_epoch().count()) +
         " name=" + std::string(server_name) + " root=" + to_hex(pki.root) + " intermediate=" + to_hex(chain.at(1)) +
         " leaf=" + to_hex(chain.at(0));
}

}  // namespace

void add_process_peer(std::vector<Contender>& all, ProcessPeer peer, const Pki& pki) {
  const Known one = known(peer);
  const std::string file = find_program(one);
  if (file.empty()) return;
  const auto program = std::make_shared<Program>(file);
  if (const std::string answer = program->ask(case_line(pki)); answer != "ready") program->misunderstood(answer);
  all.emplace_back(std::string(one.name), [program](double budget_ns) { return program->measured_round(budget_ns); });
}

}  // namespace padlock::bench
