#include "padlock/server/client_authority.h"

#include <utility>

#include "padlock/base/text.h"
#include "padlock/client/trust.h"
#include "padlock/crypto/hash.h"
#include "padlock/server/limits.h"
#include "padlock/x509/revocation.h"
#include "padlock/x509/verify.h"

namespace padlock::server {
namespace {

std::vector<std::string> texts_of(const std::vector<std::filesystem::path>& files) {
  std::vector<std::string> texts;
  texts.reserve(files.size());
  for (const std::filesystem::path& file : files) texts.push_back(file.native());
  return texts;
}

/// Names the authorities, so that a session that was begun under others does not go on.
std::string name_of_policy(const x509::TrustStore& store) {
  std::vector<std::uint8_t> digests;
  digests.reserve(store.size() * 32);
  for (const x509::TrustStore::Anchor& anchor : store.all()) {
    const auto digest = crypto::hash_of(crypto::HashAlgorithm::sha256, anchor.certificate->der);
    digests.insert(digests.end(), digest.bytes().begin(), digest.bytes().end());
  }
  return to_base64(crypto::hash_of(crypto::HashAlgorithm::sha256, digests));
}

/// A hint for clients that have several certificates; too long a one would only slow handshakes down.
std::vector<std::vector<std::uint8_t>> names_of_authorities(const x509::TrustStore& store) {
  std::vector<std::vector<std::uint8_t>> names;
  names.reserve(store.size());
  std::size_t bytes = 0;
  for (const x509::TrustStore::Anchor& anchor : store.all()) {
    names.push_back(anchor.certificate->subject.der);
    bytes += names.back().size();
  }
  if (bytes > limits::client_authorities_bytes) names.clear();
  return names;
}

}  // namespace

ClientAuthority::ClientAuthority(std::shared_ptr<const client::Trust> trust,
                                 std::shared_ptr<const tls::ClientAuthentication> asks)
    : trust_(std::move(trust)), asks_(std::move(asks)) {}

Result<std::shared_ptr<const ClientAuthority>> ClientAuthority::load(const ClientCertificatesConfig& config,
                                                                     crypto::Provider& provider) {
  const client::TrustOptions files{.ca_files = texts_of(config.authorities),
                                   .crl_files = texts_of(config.revocation_lists),
                                   .state_directory = {},
                                   .dangerous_accept_any_certificate = false};
  auto trust = PADLOCK_TRY(client::load_trust(files, provider));
  auto asks = std::make_shared<const tls::ClientAuthentication>(
      tls::ClientAuthentication{.required = config.required,
                                .authorities = names_of_authorities(trust->store),
                                .policy = name_of_policy(trust->store)});
  // The constructor is private.
  return std::shared_ptr<const ClientAuthority>(new ClientAuthority(std::move(trust), std::move(asks)));
}

Result<void> ClientAuthority::judge(const tls::ChainVerificationWanted& shown, WallTime now,
                                    crypto::Provider& provider) const {
  x509::RevocationEvidence evidence;
  evidence.lists = trust_->lists;
  const auto mode = trust_->lists.empty() ? x509::RevocationMode::off : x509::RevocationMode::hard;
  const x509::Verdict verdict = x509::verify_chain({.chain = shown.chain,
                                                    .leaf = shown.leaf,
                                                    .purpose = x509::Purpose::client_auth,
                                                    .now = now,
                                                    .key_usage = shown.key_usage,
                                                    .revocation = mode,
                                                    .evidence = &evidence},
                                                   trust_->store, provider);
  if (!verdict.trusted) return std::unexpected(*verdict.error);
  return {};
}

bool ask_the_same(const tls::ClientAuthentication* a, const tls::ClientAuthentication* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return a->required == b->required && a->policy == b->policy;
}

}  // namespace padlock::server
