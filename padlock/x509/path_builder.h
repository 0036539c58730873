#pragma once

#include <map>

#include "padlock/x509/budget.h"
#include "padlock/x509/profile.h"
#include "padlock/x509/revocation.h"
#include "padlock/x509/verify.h"

namespace padlock::x509 {

/// One of the path's faults is that this rule was broken.
bool has_fault(const Path& path, const Rule& rule);

/// How far a path came: over budget says the most (3), then one that reached an anchor, then one whose root is unknown;
/// a wrong signature says least (0), as it may be of a CA that only shares its name.
int rank_of(const Path& path);

/// The fault by which a path's own names or policies went over the budget; null: they did not.
const Fault* over_budget_inside(const Path& path);

/// Searches the ways from a leaf up to trust anchors, depth first, every candidate with the right name (RFC 4158):
/// cross-signed CAs, several keys of one name and loops included. A signature is checked before a step is taken, once
/// per pair of certificate and key; a path that reaches an anchor is judged whole, and the first one without a fault
/// ends the search. All within the budgets of limits.h.
class PathBuilder {
 public:
  /// All references outlive the builder.
  PathBuilder(const VerifyInput& input, const TrustStore& store, crypto::Provider& provider)
      : input_(input), store_(store), provider_(provider) {}

  /// `others`: what else the peer sent, in any order. Fills `paths` and `trusted` of the verdict.
  void build(std::shared_ptr<const Certificate> leaf, std::vector<std::shared_ptr<const Certificate>> others,
             Verdict& verdict);
  const Budget& budget() const { return budget_; }

 private:
  /// How a candidate's subjectKeyIdentifier fits the child's authorityKeyIdentifier: a hint, best first.
  enum class KeyHint : std::uint8_t { same, unknown, other };
  struct Candidate {
    std::shared_ptr<const Certificate> certificate;
    const TrustStore::Anchor* anchor;  ///< null: the peer sent it
    KeyHint hint = KeyHint::unknown;
  };
  enum class Signature : std::uint8_t { good, bad, unusable_key, over_budget };

  bool finished() const { return verdict_->trusted || budget_.exceeded(); }
  void extend();
  bool try_candidate(const Candidate& candidate);
  void step_to(const Candidate& candidate);
  void judge(const TrustStore::Anchor& anchor);
  void report_dead_end();
  void report(std::vector<Fault> faults, std::optional<TrustSource> anchor = {});

  std::vector<Candidate> candidates_for(const Certificate& child) const;
  static std::optional<TrustSource> source_of(const Candidate& candidate) {
    return candidate.anchor != nullptr ? std::optional(candidate.anchor->source) : std::nullopt;
  }
  bool on_path(const Certificate& candidate) const;
  Signature check_signature(const Certificate& child, const crypto::PublicKey* key);
  const crypto::PublicKey* key_of(const Certificate& issuer);
  const crypto::PublicKey* key_of(const Candidate& issuer) {
    return issuer.anchor != nullptr ? issuer.anchor->key(provider_) : key_of(*issuer.certificate);
  }
  bool self_signed(const Certificate& certificate, Role role);
  std::vector<Fault> faults_of_path(const TrustStore::Anchor& anchor);
  std::optional<Fault> check_path_lengths() const;
  std::optional<Fault> check_distrust(const TrustStore::Anchor& anchor) const;
  void check_revocation(std::vector<Fault>& faults);

  const VerifyInput& input_;
  const TrustStore& store_;
  crypto::Provider& provider_;
  Verdict* verdict_ = nullptr;
  std::vector<std::shared_ptr<const Certificate>> others_;
  std::vector<std::shared_ptr<const Certificate>> path_;
  std::vector<RevocationStatus> revocation_;  // of path_
  RevocationEvidence nothing_known_;
  Budget budget_;

  using Encoding = std::vector<std::uint8_t>;
  std::map<Encoding, std::shared_ptr<const crypto::PublicKey>> keys_;                   // by SubjectPublicKeyInfo
  std::map<std::pair<const Certificate*, const crypto::PublicKey*>, bool> signatures_;  // child and key: good?
};

}  // namespace padlock::x509
