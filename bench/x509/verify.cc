#include <fstream>
#include <memory>
#include <sstream>

#include "bench/tls/pki.h"
#include "bench/x509/cases.h"
#include "bench/x509/libcrypto_chain.h"
#include "bench/x509/process_peer.h"
#include "padlock/x509/verify.h"

namespace padlock::bench {
namespace {

constexpr std::size_t batch = 16;

Contender repeated(std::string peer, std::size_t operations, std::function<void()> once) {
  return {std::move(peer), operations, [operations, once = std::move(once)] {
            for (std::size_t i = 0; i < operations; ++i) once();
          }};
}

Contender padlock_verifier(const Pki& pki) {
  const std::shared_ptr<crypto::Provider> provider = crypto::make_provider();
  return repeated("padlock", batch, [&pki, provider] {
    const auto verdict = x509::verify_chain(
        {.chain = pki.credential->chain, .server_name = server_name, .now = bench_time()}, pki.trust, *provider);
    require(verdict.trusted, "verify_chain");
  });
}

/// The two signatures alone, with everything about them read before but the intermediate's key, which a server sends.
Contender floor(const Pki& pki) {
  struct Signed {
    std::shared_ptr<const x509::Certificate> leaf, intermediate;
    std::shared_ptr<const crypto::PublicKey> root_key;
    std::shared_ptr<crypto::Provider> provider = crypto::make_provider();
  };
  auto all = std::make_shared<Signed>();
  all->leaf = x509::parse_certificate(pki.credential->chain[0]).value();
  all->intermediate = x509::parse_certificate(pki.credential->chain[1]).value();
  all->root_key = all->provider->make_public_key(x509::parse_certificate(pki.root).value()->public_key).value();
  return repeated("floor", batch, [all] {
    const auto key = all->provider->make_public_key(all->intermediate->public_key).value();
    const auto checked = [](const x509::Certificate& one, const crypto::PublicKey& by) {
      return by.verify_ecdsa(crypto::HashAlgorithm::sha256, one.tbs(), one.signature);
    };
    require(checked(*all->intermediate, *all->root_key) && checked(*all->leaf, *key), "the signatures");
  });
}

Contender libcrypto_verifier(const Pki& pki) {
  const auto chain = std::make_shared<const LibcryptoChain>(pki);
  return repeated("libcrypto", batch, [chain] { chain->verify(); });
}

std::vector<Contender> verifiers() {
  const Pki& files = pki(crypto::KeyKind::ecdsa_p256);
  std::vector<Contender> all{padlock_verifier(files), libcrypto_verifier(files)};
  add_process_peer(all, ProcessPeer::go, files);
  add_process_peer(all, ProcessPeer::webpki, files);
  all.push_back(floor(files));
  return all;
}

std::vector<Contender> parsers() {
  const std::vector<std::uint8_t>& leaf = pki(crypto::KeyKind::ecdsa_p256).credential->chain[0];
  constexpr std::size_t many = 256;
  return {repeated("padlock", many, [&leaf] { require(x509::parse_certificate(leaf).has_value(), "parsing"); }),
          repeated("libcrypto", many, [&leaf] { read_x509(leaf); })};
}

/// The system's bundle, from its PEM text to a store: what a program does before its first handshake.
std::vector<Contender> bundle_loaders() {
  const std::ifstream file("/etc/ssl/certs/ca-certificates.crt", std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return {repeated("padlock", 1, [pem = text.str()] {
    x509::TrustStore store;
    std::vector<Error> refused;
    require(store.add_pem(pem, x509::TrustSource::system_bundle, &refused).value_or(0) > 100, "reading the bundle");
  })};
}

}  // namespace

std::vector<Case> verify_cases() {
  return {{.name = "verify_chain_ecdsa_p256",
           .contenders = verifiers,
           .bounds = {{"floor", 1.10}, {"libcrypto", 1.0}, {"go", 1.0}}}};
}

std::vector<Case> parse_cases() {
  return {{.name = "parse_certificate_ecdsa_p256", .contenders = parsers, .bounds = {{"libcrypto", 1.0 / 3}}},
          {.name = "load_system_bundle", .contenders = bundle_loaders, .most_ns = 5e6}};
}

}  // namespace padlock::bench
