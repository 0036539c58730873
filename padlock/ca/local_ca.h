#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/ca/authority.h"
#include "padlock/ca/issue_log.h"
#include "padlock/ca/names.h"
#include "padlock/ca/pair_file.h"
#include "padlock/ca/revocations.h"
#include "padlock/ca/settings.h"
#include "padlock/ca/status_answers.h"
#include "padlock/crypto/provider.h"
#include "padlock/tls/connection.h"
#include "padlock/x509/certificate.h"

namespace padlock::ca {

/// A server's certificate, ready to be served.
struct IssuedLeaf {
  tls::Credential credential;  ///< leaf and intermediate (the root is not sent), and the leaf's key
  WallTime not_after;
  WallTime renew_at;  ///< from then on `issue` makes a new one
  bool reused;        ///< it was there already
};

/// A certificate for somebody else to serve, with the one copy of its key's bytes.
struct HandedOut {
  std::shared_ptr<const x509::Certificate> leaf;
  std::shared_ptr<const x509::Certificate> intermediate;
  SecretBytes pkcs8;  ///< empty, where the key is somebody else's
};

/// The local CA in its folder: a constrained root, an intermediate that signs, and the leaves it has made.
///
///     DIRECTORY/ca/root.pem, root.key, intermediate.pem, intermediate.key, previous.pem, previous.key
///     DIRECTORY/ca/settings.json, issued.jsonl, revoked.jsonl, lock
///     DIRECTORY/leaves/NAME/cert.pem, key.pem, rsa_cert.pem, rsa_key.pem
///
/// Files 0600 in folders 0700, replaced atomically, under a lock between processes. Damaged files are set aside and
/// made anew; `notices` tells. Keys or folders open to others are refused. Not thread-safe, as its provider, which it
/// outlives not.
class LocalCa {
 public:
  /// Opens the CA, or makes it. `directory`: the state folder, made if missing.
  /// Errors: those of net/atomic_file.h and `rules::root_begins_later`.
  static Result<LocalCa> open_or_create(std::filesystem::path directory, crypto::Provider& provider, WallTime now);

  /// Has the CA keep settings, before it is made or later: a root that is there keeps its name, and certificates that
  /// are there are as they are. Errors: those of ca/settings.h and net/atomic_file.h, `rules::ca_has_another_name`,
  /// `rules::ca_has_other_domains`.
  static Result<void> configure(const std::filesystem::path& directory, const Settings& settings,
                                crypto::Provider& provider);

  /// The root in this state folder, for who only wants to trust it: nothing is made or changed; null if there is none.
  /// Errors: `rules::not_our_root`, `rules::damaged_file`, `net::rules::directory_open_to_others`.
  static Result<std::shared_ptr<const x509::Certificate>> find_root(const std::filesystem::path& directory,
                                                                    crypto::Provider& provider);

  /// The root that a file holds alone, wherever it lies; one that is for more domains than usual is not taken from
  /// elsewhere. Errors: net's of files, `rules::damaged_file`,
  /// `rules::not_our_root`.
  static Result<std::shared_ptr<const x509::Certificate>> read_root(const std::filesystem::path& file,
                                                                    crypto::Provider& provider);

  const std::shared_ptr<const x509::Certificate>& root() const { return root_; }
  /// What its root is for besides ca::permitted_domains.
  std::vector<std::string> domains() const { return more_domains(*root_); }

  /// A certificate for these DNS names and IP addresses: the stored one, or a new one if that is due.
  /// Errors: `rules::name_outside`, `rules::malformed_name`, `rules::name_count`, and those of `open_or_create`.
  Result<IssuedLeaf> issue(std::span<const std::string> names, WallTime now, LeafKey key = LeafKey::ecdsa);

  /// A new certificate for these names, in no file but the log. Errors as of `issue`, and `rules::life_too_long`.
  Result<HandedOut> hand_out(std::span<const std::string> names, WallTime now, const LeafOptions& options = {});

  /// The same for a key that somebody else keeps.
  Result<HandedOut> certify(std::span<const std::string> names, const crypto::PublicKeyParts& key, WallTime now,
                            const LeafOptions& options = {});

  /// Takes certificates back, durably: those with a serial number (hexadecimal) or a name in the log that have neither
  /// expired nor been revoked, or one that is given. Gives what was revoked by this call; a certificate that was
  /// revoked before is fine, and none. Errors: `rules::nothing_to_revoke`, `rules::not_issued_here`,
  /// `rules::too_many_revocations`, net's of files.
  Result<std::vector<Revocation>> revoke(std::string_view serial_or_name, x509::CRLReason reason, WallTime now);
  Result<std::vector<Revocation>> revoke(std::shared_ptr<const x509::Certificate> certificate, x509::CRLReason reason,
                                         WallTime now);

  /// Every certificate that was revoked. Errors: net's of files.
  Result<Revocations> revocations() const { return read_revocations(revocation_file()); }

  /// What the CA says of all its certificates now. Errors: those of `open_or_create` and of StatusAnswers.
  Result<StatusAnswers> make_answers(WallTime now);
  /// Differs if what `make_answers` would say differs: something was issued, revoked or renewed since, by any process.
  std::string state_of_files() const;

  /// Every certificate that was issued and that the log remembers, oldest first. Errors: net's of files.
  Result<IssueLog> issue_log() const { return read_issue_log(log_file()); }

  const std::shared_ptr<const x509::Certificate>& intermediate() const { return intermediate_; }
  const Settings& settings() const { return settings_; }

  /// What the user should know, oldest first: files set aside, a new root to trust.
  std::span<const std::string> notices() const { return notices_; }

 private:
  LocalCa(std::filesystem::path directory, crypto::Provider& provider)
      : directory_(std::move(directory)), provider_(&provider) {}

  Result<Pair> prepare(WallTime now);
  Result<Pair> open_root(WallTime now);
  Result<Pair> open_intermediate(const Pair& root, WallTime now);
  Result<std::optional<StoredPair>> load(const PairFile& file);
  Result<std::optional<Pair>> open_previous(const Pair& root, WallTime now);
  /// Whoever has signed what may be alive: the root, the intermediate, and the one before it.
  Result<std::vector<Pair>> all_issuers(WallTime now);
  Result<void> keep_as_previous(const PairFile& file);
  Result<bool> revoked(const x509::Certificate& certificate) const;
  Result<std::vector<Revocation>> append(std::span<const Revocation> wanted, WallTime now);
  bool fit_leaf(const StoredPair& stored, std::span<const x509::GeneralName> names, WallTime now) const;
  bool trusted(const std::vector<std::vector<std::uint8_t>>& chain, std::span<const x509::GeneralName> names,
               WallTime now) const;
  Result<void> check_and_log(const Pair& intermediate, const x509::Certificate& leaf,
                             std::span<const x509::GeneralName> names, WallTime now);
  LeafOptions with_urls(LeafOptions options, const Pair& intermediate) const;
  Result<IssuedLeaf> make_and_store(const PairFile& file, const Pair& intermediate,
                                    std::span<const x509::GeneralName> names, WallTime now, LeafKey key);
  std::filesystem::path log_file() const { return directory_ / "ca" / "issued.jsonl"; }
  std::filesystem::path revocation_file() const { return directory_ / "ca" / "revoked.jsonl"; }

  std::filesystem::path directory_;
  crypto::Provider* provider_;
  std::shared_ptr<const x509::Certificate> root_, intermediate_;
  Settings settings_;
  std::vector<std::string> notices_;
};

/// The leaf as a server shares it among its connections.
inline std::shared_ptr<const tls::Credential> credential_for(const IssuedLeaf& leaf) {
  return std::make_shared<const tls::Credential>(leaf.credential);
}

}  // namespace padlock::ca
