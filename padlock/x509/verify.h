#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/crypto/provider.h"
#include "padlock/x509/certificate.h"
#include "padlock/x509/revocation_status.h"

namespace padlock::x509 {

struct RevocationEvidence;

/// Where a trust anchor comes from: verdicts say it.
enum class TrustSource : std::uint8_t { system_bundle, local_ca, given_file };

/// Certificates that a path may end at. Immutable once shared; look-up by subject.
class TrustStore {
 public:
  /// Adds a root. A given file's certificate that is no CA can be trusted directly, as a leaf (ARCHITECTURE.md).
  /// The same certificate from the same source is kept once.
  void add(std::shared_ptr<const Certificate> certificate, TrustSource source,
           std::optional<WallTime> distrust_after = {});
  /// Adds every certificate of a PEM text; gives their number. Entries that our strict parser refuses are errors that
  /// say which one and why (`refused_trust_file_entry`); or, if others are good and `refused` is given, they are left
  /// out and told there: roots that are badly made vouch for nobody. Without any certificate: `empty_trust_file`.
  /// A bundle in p11-kit's form may say more (trust_attributes.h): what it does not trust is passed over.
  Result<std::size_t> add_pem(std::string_view pem, TrustSource source, std::vector<Error>* refused = nullptr);

  /// Limits the system's roots by what such a text says of them: it stands beside a PEM bundle, which has no dates.
  /// Errors: those of `add_pem` about the form of the text.
  Result<void> take_distrust_dates(std::string_view text);

  class Anchor {
   public:
    Anchor(std::shared_ptr<const Certificate> its_certificate, TrustSource its_source, std::optional<WallTime> date)
        : certificate(std::move(its_certificate)),
          source(its_source),
          distrust_after(date),
          key_(std::make_shared<Key>()) {}
    /// Made when it is first asked for, and kept: most roots of a bundle vouch for nobody that a program meets. Null:
    /// it is no good key. Threads may ask at once.
    const crypto::PublicKey* key(crypto::Provider& provider) const;

    std::shared_ptr<const Certificate> certificate;
    TrustSource source;
    /// A server's certificate that begins later is refused.
    std::optional<WallTime> distrust_after;

   private:
    struct Key {
      std::once_flag made;
      std::shared_ptr<const crypto::PublicKey> key;
    };
    std::shared_ptr<Key> key_;
  };
  /// Anchors with this subject (DER), in the order of their adding.
  std::vector<const Anchor*> find_by_subject(Bytes subject) const;
  /// The anchor that is byte for byte this certificate, if there is one; a given file's before the system's.
  const Anchor* find_exact(Bytes der) const;
  std::size_t size() const { return anchors_.size(); }
  /// In the order of their adding.
  const std::vector<Anchor>& all() const { return anchors_; }

 private:
  std::vector<Anchor> anchors_;
  std::map<std::vector<std::uint8_t>, std::vector<std::size_t>> by_subject_;  // indexes of anchors_
};
/// "the system's bundle", ...: for verdicts.
std::string_view name_of(TrustSource source);

enum class Purpose : std::uint8_t { server_auth, client_auth };

/// One thing that is wrong with one certificate of a path, or with the path.
struct Fault {
  Error error;                                     ///< rule and what happened, with values
  std::shared_ptr<const Certificate> certificate;  ///< null: the path itself
  std::size_t depth = 0;                           ///< 0: the leaf
};

/// One way from the leaf upwards that was tried.
struct Path {
  std::vector<std::shared_ptr<const Certificate>> certificates;  ///< leaf first; ends at the anchor where one was found
  std::optional<TrustSource> anchor;
  std::vector<Fault> faults;  ///< empty: this path is good
  /// Of each certificate but the anchor, leaf first; empty: not asked for, or there were faults before.
  std::vector<RevocationStatus> revocation{};
};

/// The outcome of a verification: a value, not a bool.
struct Verdict {
  bool trusted = false;
  bool trusted_directly = false;  ///< the leaf itself was given by the user (ARCHITECTURE.md, X.509)
  /// Every path tried (the first max_reported_paths of them); if trusted the last one is the good one.
  std::vector<Path> paths;
  /// Certificates of the chain that could not be read; `depth` is their place in it. Paths go round them.
  std::vector<Fault> unreadable;
  std::optional<Error> error;                            ///< if not trusted: the most telling fault
  std::size_t error_depth = 0;                           ///< which certificate of its path it concerns
  std::shared_ptr<const Certificate> error_certificate;  ///< the same; null if it could not be read
  const Path* good_path() const { return trusted ? &paths.back() : nullptr; }
  /// The path that decided: the good one, else the first that holds the error; null: no path holds it.
  const Path* telling_path() const;
};

/// What the caller asks of policies (RFC 5280, section 6.1.1 (c) to (g)). As it stands: nothing, as all who speak TLS.
struct PolicyDemand {
  std::vector<der::Oid> acceptable{};   ///< user-initial-policy-set; empty: any-policy
  bool explicit_policy = false;         ///< initial-explicit-policy
  bool inhibit_policy_mapping = false;  ///< initial-policy-mapping-inhibit
  bool inhibit_any_policy = false;      ///< initial-any-policy-inhibit
};

struct VerifyInput {
  std::span<const std::vector<std::uint8_t>> chain;  ///< as sent, leaf first; order of the others is free
  std::shared_ptr<const Certificate> leaf{};         ///< the chain's first, if it was parsed before: it costs some
  std::string_view server_name{};                    ///< host name or IP literal (RFC 9525); empty: not checked
  std::string_view mail_address{};                   ///< a rfc822Name that the leaf must hold; empty: not checked
  Purpose purpose = Purpose::server_auth;
  WallTime now{};
  /// What a leaf with keyUsage must be allowed to do; nothing: not checked. TLS 1.3 and (EC)DHE sign.
  std::optional<KeyUsage> key_usage = KeyUsage::digitalSignature;
  /// CAs between leaf and anchor, self-issued ones not counted (RFC 5280, section 6.1.2 (k)); nothing: limits.h alone.
  std::optional<std::size_t> max_intermediates{};
  PolicyDemand policies{};
  /// Certificates that the peer did not send and that may help: known from before, or fetched.
  std::span<const std::shared_ptr<const Certificate>> known_intermediates{};
  RevocationMode revocation = RevocationMode::off;
  RevocationEvidence* evidence = nullptr;  ///< staple, CRLs, OCSP responses; null: there is none
};

/// Builds and checks paths from the chain's leaf to the store's anchors (RFC 5280, section 6; budgets of limits.h).
/// Never fails otherwise than by the verdict.
Verdict verify_chain(const VerifyInput& input, const TrustStore& store, crypto::Provider& provider);

/// Checks whether the certificate is for this host name or IP literal (RFC 9525, section 6): SAN only, and no wildcard
/// over a public suffix. Errors: `host_name_mismatch`, `no_subject_alternative_name`, `wildcard_over_public_suffix`,
/// `malformed_name`, `malformed_server_name`.
Result<void> verify_server_name(const Certificate& leaf, std::string_view server_name);

/// Checks whether the certificate is for this mail address (RFC 5280, section 4.2.1.6): SAN only, the part before the
/// `@` byte for byte. Error: `mail_address_mismatch`.
Result<void> verify_mail_address(const Certificate& leaf, std::string_view address);

/// For people: several lines, the last one the next step (CONTRIBUTING.md). `host` as the user typed it.
std::string explain_verdict(const Verdict& verdict, std::string_view host, WallTime now);

}  // namespace padlock::x509
