#include "padlock/ca/pair_file.h"

#include <array>
#include <string_view>
#include <system_error>
#include <utility>

#include "padlock/base/secret.h"
#include "padlock/ca/limits.h"
#include "padlock/ca/rules.h"
#include "padlock/der/pem.h"
#include "padlock/net/atomic_file.h"
#include "padlock/net/rules.h"
#include "padlock/x509/public_key_info.h"

namespace padlock::ca {
namespace {

using std::filesystem::path;

std::string name_of(const path& file) { return escaped(file.native()); }

std::unexpected<Error> damaged(const path& file, std::string_view why) {
  return broken(rules::damaged_file, name_of(file) + ": " + std::string(why));
}

/// A missing file is nothing; one that is far too large is none of ours.
template <class Content>
Result<std::optional<Content>> absent_or(const path& file, Result<Content> content) {
  if (content) return std::optional<Content>(*std::move(content));
  if (content.error().rule == &net::rules::file_missing) return std::optional<Content>();
  if (content.error().rule == &net::rules::file_too_large) return damaged(file, content.error().what);
  return std::unexpected(std::move(content).error());
}

Result<std::vector<std::shared_ptr<const x509::Certificate>>> read_chain(const path& file, Bytes text) {
  const auto blocks = der::find_all(as_text(text), "CERTIFICATE");
  if (!blocks) return damaged(file, blocks.error().to_string());
  std::vector<std::shared_ptr<const x509::Certificate>> chain;
  for (const der::PemBlock& block : *blocks) {
    auto certificate = x509::parse_certificate(block.bytes);
    if (!certificate) return damaged(file, certificate.error().to_string());
    chain.push_back(*std::move(certificate));
  }
  if (chain.empty()) return damaged(file, "holds no certificate");
  return chain;
}

Result<std::shared_ptr<const crypto::PrivateKey>> read_key(const path& file, Bytes text, crypto::Provider& provider) {
  auto blocks = der::find_all(as_text(text), "PRIVATE KEY");
  if (!blocks) return damaged(file, blocks.error().to_string());
  if (blocks->size() != 1) return damaged(file, "holds no single private key");
  const SecretBytes der(std::move(blocks->front().bytes));
  auto key = provider.load_private_key(der.reveal());
  if (!key) return damaged(file, key.error().to_string());
  return *std::move(key);
}

}  // namespace

Result<std::optional<StoredPair>> load_pair(const PairFile& file, crypto::Provider& provider) {
  const auto chain_text = PADLOCK_TRY(absent_or(file.certificate, net::read_file(file.certificate, max_file_bytes)));
  const auto key_text = PADLOCK_TRY(absent_or(file.key, net::read_private_file(file.key, max_file_bytes)));
  if (!chain_text && !key_text) return std::optional<StoredPair>();
  if (!chain_text) return damaged(file.certificate, "is missing beside its key");
  if (!key_text) return damaged(file.key, "is missing beside its certificate");
  StoredPair pair{PADLOCK_TRY(read_chain(file.certificate, *chain_text)),
                  PADLOCK_TRY(read_key(file.key, key_text->reveal(), provider))};
  if (!x509::same_public_key(pair.chain.front()->public_key, pair.key->public_key().parts())) {
    return damaged(file.key, "is not the key of the certificate beside it");
  }
  return std::optional<StoredPair>(std::move(pair));
}

Result<void> store_pair(const PairFile& file, std::span<const Bytes> chain, Bytes pkcs8) {
  std::string text;
  for (const Bytes certificate : chain) text += der::write_pem("CERTIFICATE", certificate);
  const SecretBytes key = der::write_secret_pem("PRIVATE KEY", pkcs8);
  PADLOCK_TRY(net::write_file_atomically(file.key, key.reveal(), net::private_file_mode));
  return net::write_file_atomically(file.certificate, as_bytes(text), net::private_file_mode);
}

Result<std::string> set_aside(const PairFile& file) {
  const std::array files{file.certificate, file.key};
  return set_aside(files);
}

Result<std::string> set_aside(std::span<const path> files) {
  std::string names;
  for (const path& from : files) {
    std::error_code error;
    if (!std::filesystem::exists(from, error)) continue;
    path to;
    for (std::size_t number = 1; number <= max_set_aside; ++number) {
      to = from;
      to += ".set-aside-" + std::to_string(number);
      if (!std::filesystem::exists(to, error)) break;
    }
    PADLOCK_TRY(net::rename_durably(from, to));
    names += (names.empty() ? "" : " and ") + name_of(to);
  }
  return names;
}

}  // namespace padlock::ca
