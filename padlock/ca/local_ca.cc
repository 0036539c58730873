#include "padlock/ca/local_ca.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "padlock/ca/limits.h"
#include "padlock/ca/names.h"
#include "padlock/ca/rules.h"
#include "padlock/der/pem.h"
#include "padlock/net/atomic_file.h"
#include "padlock/net/rules.h"
#include "padlock/x509/verify.h"

namespace padlock::ca {
namespace {

using std::filesystem::path;

PairFile pair_in(const path& folder, const std::string& stem) {
  return {.certificate = folder / (stem + ".pem"), .key = folder / (stem + ".key")};
}

std::vector<std::vector<std::uint8_t>> der_of(std::span<const std::shared_ptr<const x509::Certificate>> chain) {
  std::vector<std::vector<std::uint8_t>> result;
  for (const auto& certificate : chain) result.push_back(certificate->der);
  return result;
}

Result<net::FileLock> open_and_lock(const path& directory) {
  for (const path& folder : {directory, directory / "ca", directory / "leaves"}) {
    PADLOCK_TRY(net::make_private_directory(folder));
  }
  return net::lock_file(directory / "ca" / "lock", lock_patience);
}

IssuedLeaf issued(const x509::Certificate& leaf, tls::Credential credential, bool reused) {
  return {.credential = std::move(credential),
          .not_after = leaf.not_after,
          .renew_at = renewal_time(leaf),
          .reused = reused};
}

}  // namespace

Result<LocalCa> LocalCa::open_or_create(path directory, crypto::Provider& provider, WallTime now) {
  LocalCa ca(std::move(directory), provider);
  const net::FileLock lock = PADLOCK_TRY(open_and_lock(ca.directory_));
  PADLOCK_TRY(ca.prepare(now));
  return ca;
}

Result<void> LocalCa::configure(const path& directory, const Settings& settings, crypto::Provider& provider) {
  PADLOCK_TRY(check_ca_name(settings.name));
  const net::FileLock lock = PADLOCK_TRY(open_and_lock(directory));
  const auto root = PADLOCK_TRY(find_root(directory, provider));
  if (root && root->subject.common_name() != escaped(settings.name)) {
    return broken(rules::ca_has_another_name, "the local CA is called " + root->subject.common_name());
  }
  return write_settings(directory / "ca", settings);
}

Result<std::shared_ptr<const x509::Certificate>> LocalCa::find_root(const path& directory, crypto::Provider& provider) {
  auto root = read_root(directory / "ca" / "root.pem", provider);
  if (!root && root.error().rule == &net::rules::file_missing) return nullptr;
  PADLOCK_TRY(net::check_private_directory(directory / "ca"));
  return root;
}

Result<std::shared_ptr<const x509::Certificate>> LocalCa::read_root(const path& file, crypto::Provider& provider) {
  const auto text = PADLOCK_TRY(net::read_file(file, max_file_bytes));
  const auto blocks = der::find_all(as_text(text), "CERTIFICATE");
  if (!blocks || blocks->size() != 1) {
    return broken(rules::damaged_file, escaped(file.native()) + " holds no single certificate");
  }
  auto root = PADLOCK_TRY(x509::parse_certificate(blocks->front().bytes));
  PADLOCK_TRY(check_root(*root, provider));
  return root;
}

Result<IssuedLeaf> LocalCa::issue(std::span<const std::string> names, WallTime now, LeafKey key) {
  const std::vector<x509::GeneralName> wanted = PADLOCK_TRY(alternative_names(names));
  const net::FileLock lock = PADLOCK_TRY(net::lock_file(directory_ / "ca" / "lock", lock_patience));
  const Pair intermediate = PADLOCK_TRY(prepare(now));
  const path folder = directory_ / "leaves" / folder_name(wanted);
  PADLOCK_TRY(net::make_private_directory(folder));
  net::remove_temporary_files(folder);
  const std::string prefix = key == LeafKey::rsa ? "rsa_" : "";
  const PairFile file{.certificate = folder / (prefix + "cert.pem"), .key = folder / (prefix + "key.pem")};
  const std::optional<StoredPair> stored = PADLOCK_TRY(load(file));
  if (stored && fit_leaf(*stored, wanted, now)) {
    return issued(*stored->chain.front(), {der_of(stored->chain), stored->key}, true);
  }
  return make_and_store(file, intermediate, wanted, now, key);
}

Result<HandedOut> LocalCa::hand_out(std::span<const std::string> names, WallTime now, const LeafOptions& options) {
  const std::vector<x509::GeneralName> wanted = PADLOCK_TRY(alternative_names(names));
  const net::FileLock lock = PADLOCK_TRY(net::lock_file(directory_ / "ca" / "lock", lock_patience));
  const Pair intermediate = PADLOCK_TRY(prepare(now));
  NewPair made = PADLOCK_TRY(make_and_log(intermediate, wanted, now, options));
  return HandedOut{std::move(made.pair.certificate), intermediate.certificate, std::move(made.pkcs8)};
}

/// What every use begins with: root and intermediate as they are on disk now, for another process may have renewed
/// them. Gives the intermediate; the root's key is not kept.
Result<Pair> LocalCa::prepare(WallTime now) {
  net::remove_temporary_files(directory_ / "ca");
  settings_ = PADLOCK_TRY(read_settings(directory_ / "ca"));
  const Pair root = PADLOCK_TRY(open_root(now));
  root_ = root.certificate;
  Pair intermediate = PADLOCK_TRY(open_intermediate(root, now));
  intermediate_ = intermediate.certificate;
  return intermediate;
}

Result<Pair> LocalCa::open_root(WallTime now) {
  const PairFile file = pair_in(directory_ / "ca", "root");
  const std::optional<StoredPair> stored = PADLOCK_TRY(load(file));
  if (stored) {
    const auto& root = stored->chain.front();
    const auto ours = check_root(*root, *provider_);
    if (ours && now < root->not_before) {
      return broken(rules::root_begins_later,
                    "the local CA's root begins " + to_string(root->not_before) + ", and now is " + to_string(now));
    }
    // A root that cannot carry an intermediate's whole life would be outlived by what people trust it for.
    if (ours && now + leaf_life < root->not_after) return Pair{root, stored->key};
    const std::string kept = PADLOCK_TRY(set_aside(file));
    notices_.push_back((ours ? "the local CA's root has come to its end" : ours.error().to_string()) +
                       "; it is kept as " + kept);
  }
  const NewPair made = PADLOCK_TRY(make_root(*provider_, now, settings_));
  const std::array chain{Bytes(made.pair.certificate->der)};
  PADLOCK_TRY(store_pair(file, chain, made.pkcs8.reveal()));
  notices_.push_back("a new local CA stands in " + escaped(file.certificate.native()) +
                     "; browsers do not know it yet");
  return made.pair;
}

Result<Pair> LocalCa::open_intermediate(const Pair& root, WallTime now) {
  const PairFile file = pair_in(directory_ / "ca", "intermediate");
  const std::optional<StoredPair> stored = PADLOCK_TRY(load(file));
  if (stored && fit_intermediate(*stored->chain.front(), *root.certificate, *provider_, now)) {
    return Pair{stored->chain.front(), stored->key};
  }
  const NewPair made = PADLOCK_TRY(make_intermediate(root, *provider_, now, settings_));
  const std::array chain{Bytes(made.pair.certificate->der)};
  PADLOCK_TRY(store_pair(file, chain, made.pkcs8.reveal()));
  return made.pair;
}

/// The pair, or nothing if it is not there or was damaged and has been set aside.
Result<std::optional<StoredPair>> LocalCa::load(const PairFile& file) {
  auto stored = load_pair(file, *provider_);
  if (stored || stored.error().rule != &rules::damaged_file) return stored;
  const std::string kept = PADLOCK_TRY(set_aside(file));
  notices_.push_back("damaged: " + stored.error().what + "; kept as " + kept + " and made anew");
  return std::optional<StoredPair>();
}

bool LocalCa::fit_leaf(const StoredPair& stored, std::span<const x509::GeneralName> names, WallTime now) const {
  const x509::Certificate& leaf = *stored.chain.front();
  const auto key_of = [](const x509::GeneralName& name) { return std::tie(name.form, name.value); };
  return now < renewal_time(leaf) && std::ranges::equal(leaf.subject_alternative_names, names, {}, key_of, key_of) &&
         trusted(der_of(stored.chain), names, now);
}

bool LocalCa::trusted(const std::vector<std::vector<std::uint8_t>>& chain, std::span<const x509::GeneralName> names,
                      WallTime now) const {
  x509::TrustStore store;
  store.add(root_, x509::TrustSource::local_ca);
  return std::ranges::all_of(names, [&](const x509::GeneralName& name) {
    std::string host = to_text(name);
    if (host.starts_with('*')) host.replace(0, 1, "any");  // a name that the wildcard stands for
    return x509::verify_chain({.chain = chain, .server_name = host, .now = now}, store, *provider_).trusted;
  });
}

Result<NewPair> LocalCa::make_and_log(const Pair& intermediate, std::span<const x509::GeneralName> names, WallTime now,
                                      const LeafOptions& options) {
  NewPair made = PADLOCK_TRY(make_leaf(intermediate, names, *provider_, now, options));
  // Nothing leaves this folder that our own client would refuse, and nothing that the log does not know.
  if (!trusted({made.pair.certificate->der, intermediate.certificate->der}, names, now)) {
    return broken(rules::refused_by_own_verifier, "the new certificate for " + to_text(names.front()));
  }
  PADLOCK_TRY(append_to_issue_log(log_file(), entry_of(*made.pair.certificate, now), now));
  return made;
}

Result<IssuedLeaf> LocalCa::make_and_store(const PairFile& file, const Pair& intermediate,
                                           std::span<const x509::GeneralName> names, WallTime now, LeafKey key) {
  const NewPair made = PADLOCK_TRY(make_and_log(intermediate, names, now, {.key = key}));
  const std::array chain{Bytes(made.pair.certificate->der), Bytes(intermediate.certificate->der)};
  tls::Credential credential{{made.pair.certificate->der, intermediate.certificate->der}, made.pair.key};
  PADLOCK_TRY(store_pair(file, chain, made.pkcs8.reveal()));
  return issued(*made.pair.certificate, std::move(credential), false);
}

}  // namespace padlock::ca
