// x509_differential GO_PEER [COUNT [SEED]]: mutated chains (mutants.h), each judged by Padlock, by OpenSSL's libcrypto
// and by Go's crypto/x509. Prints how often the three disagree and on what, each mutant that Padlock alone accepts, and
// last `x509-differential: N passed, N failed, 0 skipped`. Exit 1 if there is such a mutant.
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <iomanip>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bench/program.h"
#include "bench/tls/libcrypto_peer.h"
#include "conformance/differential.h"
#include "conformance/x509_differential/mutants.h"
#include "padlock/x509/test_certificates.h"

namespace padlock::differential {
namespace {

using x509::testing::test_now;

constexpr std::string_view host = "example.test";

using bench::FreedBy;
using Certificate = std::unique_ptr<X509, FreedBy<X509_free>>;

Certificate read(const Octets& der) {
  const unsigned char* at = der.data();
  return Certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
}

/// "accepts", or "refuses" and why.
std::string openssl_says(const Mutant& mutant) {
  const Certificate leaf = read(mutant.chain[0]);
  const Certificate intermediate = read(mutant.chain[1]);
  const Certificate root = read(mutant.root);
  if (!leaf || !root) return "refuses (unreadable)";
  const std::unique_ptr<X509_STORE, FreedBy<X509_STORE_free>> store(X509_STORE_new());
  X509_STORE_add_cert(store.get(), root.get());
  const std::unique_ptr<STACK_OF(X509), FreedBy<[](STACK_OF(X509) * all) { sk_X509_free(all); }>> others(
      sk_X509_new_null());
  if (intermediate) sk_X509_push(others.get(), intermediate.get());
  const std::unique_ptr<X509_STORE_CTX, FreedBy<X509_STORE_CTX_free>> context(X509_STORE_CTX_new());
  if (X509_STORE_CTX_init(context.get(), store.get(), leaf.get(), others.get()) != 1) return "refuses (no context)";
  X509_STORE_CTX_set_default(context.get(), "ssl_server");
  X509_VERIFY_PARAM* const parameters = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(parameters, test_now.time_since_epoch().count());
  X509_VERIFY_PARAM_set1_host(parameters, host.data(), host.size());
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_POLICY_CHECK);
  X509_VERIFY_PARAM_add0_policy(parameters, OBJ_nid2obj(NID_any_policy));  // without it, none is taken
  if (X509_verify_cert(context.get()) == 1) return "accepts";
  return "refuses (" + std::string(X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()))) + ")";
}

/// The same. What Go says with values of the certificate in it is cut before them.
std::string go_says(const Mutant& mutant, bench::Program& go) {
  const std::string answer = go.ask("judge time=" + std::to_string(test_now.time_since_epoch().count()) +
                                    " name=" + std::string(host) + " root=" + to_hex(mutant.root) +
                                    " intermediate=" + to_hex(mutant.chain[1]) + " leaf=" + to_hex(mutant.chain[0]));
  if (answer != "accepted" && !answer.starts_with("refused")) go.misunderstood(answer);
  if (answer == "accepted") return "accepts";
  const std::string why = answer.substr(std::string("refused ").size());
  return "refuses (" + why.substr(0, why.find_first_of("\":", why.starts_with("x509: ") ? 6 : 0)) + ")";
}

/// The rule that decides, or "accepted".
std::string padlock_says(const Mutant& mutant) {
  auto root = x509::parse_certificate(mutant.root);
  if (!root) return "the root is refused: " + std::string(root.error().rule->code);
  x509::TrustStore store;
  store.add(*root, x509::TrustSource::given_file);
  const auto verdict = x509::verify_chain({.chain = mutant.chain, .server_name = host, .now = test_now}, store,
                                          x509::testing::provider());
  return verdict.trusted ? "accepted" : std::string(verdict.error->rule->code);
}

void print_alone(const Mutant& mutant, std::uint64_t number) {
  std::cout << "FAILED mutant " << number << ": only Padlock accepts: " << mutant.what << "\n  root "
            << to_hex(mutant.root) << "\n  intermediate " << to_hex(mutant.chain[1]) << "\n  leaf "
            << to_hex(mutant.chain[0]) << "\n";
}

int run(const std::string& go_program, Extent extent) {
  const auto [count, seed] = extent;
  bench::Program go(go_program);
  std::map<std::string, std::uint64_t> kinds;
  std::uint64_t alone = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    std::mt19937_64 random(seed + i);
    const Mutant mutant = make_mutant(random);
    const std::string ours = padlock_says(mutant);
    const std::string openssl = openssl_says(mutant);
    const std::string their_go = go_says(mutant, go);
    const bool others_accept = openssl == "accepts" || their_go == "accepts";
    const bool others_refuse = openssl != "accepts" || their_go != "accepts";
    const bool disagree = (others_accept && others_refuse) || (ours == "accepted") != others_accept;
    if (disagree) ++kinds["padlock: " + ours + "; openssl " + openssl + "; go " + their_go];
    if (ours != "accepted" || others_accept) continue;
    ++alone;
    print_alone(mutant, seed + i);
  }
  for (const auto& [kind, times] : kinds) std::cout << std::setw(6) << times << "  " << kind << "\n";
  std::cout << "x509-differential: " << count - alone << " passed, " << alone << " failed, 0 skipped\n";
  return alone == 0 ? 0 : 1;
}

}  // namespace
}  // namespace padlock::differential

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv, std::next(argv, argc));
  if (arguments.size() < 2) {
    std::cerr << "usage: x509_differential GO_PEER [COUNT [SEED]]\n";
    return 2;
  }
  const auto extent = padlock::differential::extent_of("x509-differential", std::span(arguments).subspan(2));
  return extent ? padlock::differential::run(arguments[1], *extent) : 2;
}
