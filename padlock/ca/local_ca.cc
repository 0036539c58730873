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
#include "padlock/net/file_state.h"
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

Result<std::shared_ptr<const x509::Certificate>> read_root_file(const path& file) {
  const auto text = PADLOCK_TRY(net::read_file(file, max_file_bytes));
  const auto blocks = der::find_all(as_text(text), "CERTIFICATE");
  if (!blocks || blocks->size() != 1) {
    return broken(rules::damaged_file, escaped(file.native()) + " holds no single certificate");
  }
  return x509::parse_certificate(blocks->front().bytes);
}

std::string without_zeros(const std::string& digits) {
  return digits.substr(std::min(digits.find_first_not_of('0'), digits.size()));
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
  const auto domains = root ? more_domains(*root) : settings.domains;
  for (const std::string& domain : settings.domains) {
    if (std::ranges::find(domains, domain) == domains.end())
      return broken(rules::ca_has_other_domains, "the local CA's root is not for " + domain);
  }
  return write_settings(directory / "ca", settings);
}

Result<std::shared_ptr<const x509::Certificate>> LocalCa::find_root(const path& directory, crypto::Provider& provider) {
  auto root = read_root_file(directory / "ca" / "root.pem");
  if (!root && root.error().rule == &net::rules::file_missing) return nullptr;
  if (root) PADLOCK_TRY(check_root(**root, provider, more_domains(**root)));
  PADLOCK_TRY(net::check_private_directory(directory / "ca"));
  return root;
}

Result<std::shared_ptr<const x509::Certificate>> LocalCa::read_root(const path& file, crypto::Provider& provider) {
  auto root = PADLOCK_TRY(read_root_file(file));
  PADLOCK_TRY(check_root(*root, provider));
  return root;
}

Result<IssuedLeaf> LocalCa::issue(std::span<const std::string> names, WallTime now, LeafKey key) {
  const std::vector<x509::GeneralName> wanted = PADLOCK_TRY(alternative_names(names, domains()));
  const net::FileLock lock = PADLOCK_TRY(net::lock_file(directory_ / "ca" / "lock", lock_patience));
  const Pair intermediate = PADLOCK_TRY(prepare(now));
  const path folder = directory_ / "leaves" / folder_name(wanted);
  PADLOCK_TRY(net::make_private_directory(folder));
  net::remove_temporary_files(folder);
  const std::string prefix = key == LeafKey::rsa ? "rsa_" : "";
  const PairFile file{.certificate = folder / (prefix + "cert.pem"), .key = folder / (prefix + "key.pem")};
  const std::optional<StoredPair> stored = PADLOCK_TRY(load(file));
  if (stored && fit_leaf(*stored, wanted, now) && !PADLOCK_TRY(revoked(*stored->chain.front()))) {
    return issued(*stored->chain.front(), {der_of(stored->chain), stored->key}, true);
  }
  return make_and_store(file, intermediate, wanted, now, key);
}

Result<HandedOut> LocalCa::hand_out(std::span<const std::string> names, WallTime now, const LeafOptions& options) {
  const std::vector<x509::GeneralName> wanted = PADLOCK_TRY(alternative_names(names, domains()));
  const net::FileLock lock = PADLOCK_TRY(net::lock_file(directory_ / "ca" / "lock", lock_patience));
  const Pair intermediate = PADLOCK_TRY(prepare(now));
  NewPair made = PADLOCK_TRY(make_leaf(intermediate, wanted, *provider_, now, with_urls(options, intermediate)));
  PADLOCK_TRY(check_and_log(intermediate, *made.pair.certificate, wanted, now));
  return HandedOut{std::move(made.pair.certificate), intermediate.certificate, std::move(made.pkcs8)};
}

Result<HandedOut> LocalCa::certify(std::span<const std::string> names, const crypto::PublicKeyParts& key, WallTime now,
                                   const LeafOptions& options) {
  const std::vector<x509::GeneralName> wanted = PADLOCK_TRY(alternative_names(names, domains()));
  const net::FileLock lock = PADLOCK_TRY(net::lock_file(directory_ / "ca" / "lock", lock_patience));
  const Pair intermediate = PADLOCK_TRY(prepare(now));
  auto leaf = PADLOCK_TRY(certify_key(intermediate, wanted, key, *provider_, now, with_urls(options, intermediate)));
  PADLOCK_TRY(check_and_log(intermediate, *leaf, wanted, now));
  return HandedOut{std::move(leaf), intermediate.certificate, {}};
}

// ---- revocation -----------------------------------------------------------------------------------------------------

Result<std::vector<Revocation>> LocalCa::revoke(std::string_view serial_or_name, x509::CRLReason reason, WallTime now) {
  const net::FileLock lock = PADLOCK_TRY(net::lock_file(directory_ / "ca" / "lock", lock_patience));
  const std::string wanted = to_lower_ascii(serial_or_name);
  const IssueLog log = PADLOCK_TRY(issue_log());
  std::vector<Revocation> found;
  for (const IssuedEntry& entry : log.entries) {
    const bool named = std::ranges::find(entry.names, wanted) != entry.names.end();
    if (entry.not_after < now || (!named && entry.serial != without_zeros(wanted))) continue;
    found.push_back({entry.serial, entry.issuer, reason, now, entry.not_after});
  }
  if (!found.empty()) return append(found, now);
  return broken(rules::nothing_to_revoke,
                "no certificate that is alive has the serial number or the name " + escaped(serial_or_name));
}

/// The certificate is held: it may be the root or the intermediate that `prepare` puts aside.
Result<std::vector<Revocation>> LocalCa::revoke(std::shared_ptr<const x509::Certificate> certificate_of,
                                                x509::CRLReason reason, WallTime now) {
  const auto held = std::move(certificate_of);
  const x509::Certificate& certificate = *held;
  const net::FileLock lock = PADLOCK_TRY(net::lock_file(directory_ / "ca" / "lock", lock_patience));
  const std::vector<Pair> issuers = PADLOCK_TRY(all_issuers(now));
  for (const Pair& issuer : issuers) {
    if (certificate.der == issuers.front().certificate->der ||
        !is_signed_by(certificate, *issuer.certificate, *provider_))
      continue;
    const std::array wanted{Revocation{serial_text(certificate.serial),
                                       to_hex(issuer.certificate->subject_key_identifier), reason, now,
                                       certificate.not_after}};
    return append(wanted, now);
  }
  return broken(rules::not_issued_here, "the local CA has not issued " + certificate.subject.text() + ", serial " +
                                            serial_text(certificate.serial));
}

/// Those that are new to the list.
Result<std::vector<Revocation>> LocalCa::append(std::span<const Revocation> wanted, WallTime now) {
  const Revocations known = PADLOCK_TRY(revocations());
  std::vector<Revocation> added;
  for (const Revocation& one : wanted) {
    if (known.find(one.serial, one.issuer) != nullptr) continue;
    PADLOCK_TRY(append_revocation(revocation_file(), one, now));
    added.push_back(one);
  }
  return added;
}

Result<bool> LocalCa::revoked(const x509::Certificate& certificate) const {
  const Revocations known = PADLOCK_TRY(revocations());
  return known.find(serial_text(certificate.serial), to_hex(certificate.authority_key_identifier)) != nullptr;
}

Result<StatusAnswers> LocalCa::make_answers(WallTime now) {
  const net::FileLock lock = PADLOCK_TRY(net::lock_file(directory_ / "ca" / "lock", lock_patience));
  return StatusAnswers::make(PADLOCK_TRY(all_issuers(now)), PADLOCK_TRY(issue_log()).entries,
                             PADLOCK_TRY(revocations()), now);
}

std::string LocalCa::state_of_files() const {
  std::string state;
  for (const path& file : {log_file(), revocation_file(), directory_ / "ca" / "intermediate.pem"})
    state += net::state_of_file(file);
  return state;
}

// ---- what stands in files -------------------------------------------------------------------------------------------

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
    const auto ours = check_root(*root, *provider_, more_domains(*root));
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
                     "; `padlock trust install` makes browsers know it");
  return made.pair;
}

Result<Pair> LocalCa::open_intermediate(const Pair& root, WallTime now) {
  const PairFile file = pair_in(directory_ / "ca", "intermediate");
  const std::optional<StoredPair> stored = PADLOCK_TRY(load(file));
  if (stored) {
    const auto& certificate = *stored->chain.front();
    const bool fit = fit_intermediate(certificate, *root.certificate, *provider_, now);
    if (fit && !PADLOCK_TRY(revoked(certificate))) return Pair{stored->chain.front(), stored->key};
    if (is_signed_by(certificate, *root.certificate, *provider_)) PADLOCK_TRY(keep_as_previous(file));
  }
  const StatusUrls urls = status_urls(settings_.url, *root.certificate);
  const NewPair made = PADLOCK_TRY(make_intermediate(root, *provider_, now, settings_, urls));
  const std::array chain{Bytes(made.pair.certificate->der)};
  PADLOCK_TRY(store_pair(file, chain, made.pkcs8.reveal()));
  return made.pair;
}

/// The certificates of an intermediate outlive its replacement by up to max_leaf_life, and its key says until then
/// whether they are revoked.
Result<void> LocalCa::keep_as_previous(const PairFile& file) {
  const PairFile previous = pair_in(directory_ / "ca", "previous");
  PADLOCK_TRY(net::rename_durably(file.certificate, previous.certificate));
  return net::rename_durably(file.key, previous.key);
}

/// The intermediate before this one, as long as a certificate of it may be alive.
Result<std::optional<Pair>> LocalCa::open_previous(const Pair& root, WallTime now) {
  const std::optional<StoredPair> stored = PADLOCK_TRY(load(pair_in(directory_ / "ca", "previous")));
  if (!stored) return std::optional<Pair>();
  const auto& certificate = stored->chain.front();
  if (certificate->not_after < now || !is_signed_by(*certificate, *root.certificate, *provider_))
    return std::optional<Pair>();
  return std::optional(Pair{certificate, stored->key});
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

Result<std::vector<Pair>> LocalCa::all_issuers(WallTime now) {
  const Pair intermediate = PADLOCK_TRY(prepare(now));
  const Pair root = PADLOCK_TRY(open_root(now));
  std::vector<Pair> issuers{root, intermediate};
  if (const auto previous = PADLOCK_TRY(open_previous(root, now))) issuers.push_back(*previous);
  return issuers;
}

LeafOptions LocalCa::with_urls(LeafOptions options, const Pair& intermediate) const {
  options.urls = status_urls(settings_.url, *intermediate.certificate);
  return options;
}

/// Nothing leaves this folder that our own client would refuse, and nothing that the log does not know.
Result<void> LocalCa::check_and_log(const Pair& intermediate, const x509::Certificate& leaf,
                                    std::span<const x509::GeneralName> names, WallTime now) {
  if (!trusted({leaf.der, intermediate.certificate->der}, names, now)) {
    return broken(rules::refused_by_own_verifier, "the new certificate for " + to_text(names.front()));
  }
  return append_to_issue_log(log_file(), entry_of(leaf, now), now);
}

Result<IssuedLeaf> LocalCa::make_and_store(const PairFile& file, const Pair& intermediate,
                                           std::span<const x509::GeneralName> names, WallTime now, LeafKey key) {
  const NewPair made =
      PADLOCK_TRY(make_leaf(intermediate, names, *provider_, now, with_urls({.key = key}, intermediate)));
  PADLOCK_TRY(check_and_log(intermediate, *made.pair.certificate, names, now));
  const std::array chain{Bytes(made.pair.certificate->der), Bytes(intermediate.certificate->der)};
  tls::Credential credential{{made.pair.certificate->der, intermediate.certificate->der}, made.pair.key};
  PADLOCK_TRY(store_pair(file, chain, made.pkcs8.reveal()));
  return issued(*made.pair.certificate, std::move(credential), false);
}

}  // namespace padlock::ca
