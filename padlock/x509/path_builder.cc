#include "padlock/x509/path_builder.h"

#include <algorithm>
#include <string>
#include <utility>

#include "padlock/x509/name_constraints.h"
#include "padlock/x509/policy_graph.h"
#include "padlock/x509/profile.h"
#include "padlock/x509/rules.h"
#include "padlock/x509/signature.h"

namespace padlock::x509 {

namespace {

Fault fault(const Rule& rule, std::string what, std::shared_ptr<const Certificate> certificate, std::size_t depth) {
  return {Error{&rule, std::move(what)}, std::move(certificate), depth};
}

}  // namespace

bool has_fault(const Path& path, const Rule& rule) {
  return std::ranges::any_of(path.faults, [&rule](const Fault& one) { return one.error.rule == &rule; });
}

const Fault* over_budget_inside(const Path& path) {
  const auto found = std::ranges::find_if(path.faults, [](const Fault& one) {
    return one.error.rule == &rules::name_budget_exceeded || one.error.rule == &rules::policy_budget_exceeded;
  });
  return found == path.faults.end() ? nullptr : &*found;
}

int rank_of(const Path& path) {
  if (has_fault(path, rules::path_budget_exceeded) || over_budget_inside(path) != nullptr) return 3;
  if (has_fault(path, rules::bad_signature)) return 0;
  return path.anchor ? 2 : 1;
}

void PathBuilder::build(std::shared_ptr<const Certificate> leaf, std::vector<std::shared_ptr<const Certificate>> others,
                        Verdict& verdict) {
  verdict_ = &verdict;
  others_ = std::move(others);
  path_ = {std::move(leaf)};
  extend();
  if (!budget_.exceeded() || verdict.trusted) return;
  const char* const what = "the certificates form more paths than Padlock searches";
  verdict.paths.push_back({path_, std::nullopt, {fault(rules::path_budget_exceeded, what, path_.front(), 0)}});
}

/// Tries every issuer of the path's last certificate.
void PathBuilder::extend() {
  const auto child = path_.back();
  const std::size_t depth = path_.size() - 1;
  if (!child->signature_scheme) {
    report({fault(rules::weak_signature, "it is signed with " + describe(child->signature_algorithm), child, depth)});
    return;
  }
  bool any = false;
  for (const Candidate& candidate : candidates_for(*child)) {
    if (!budget_.take_step()) return;
    if (on_path(*candidate.certificate)) continue;
    any = try_candidate(candidate) || any;
    if (finished()) return;
  }
  if (!any) report_dead_end();
}

/// False if the candidate is not the issuer after all, without anybody's fault.
bool PathBuilder::try_candidate(const Candidate& candidate) {
  const auto child = path_.back();
  const std::size_t depth = path_.size() - 1;
  const auto result = check_signature(*child, key_of(candidate));
  if (result == Signature::over_budget) return true;
  if (result == Signature::bad && candidate.hint == KeyHint::other) return false;
  path_.push_back(candidate.certificate);
  if (result == Signature::good) {
    step_to(candidate);
  } else if (result == Signature::bad) {
    report({fault(rules::bad_signature, "its signature is not by the key of " + candidate.certificate->subject.text(),
                  child, depth)},
           source_of(candidate));
  } else {
    report({fault(rules::unsupported_key, "the key of " + candidate.certificate->subject.text() + " is no good key",
                  candidate.certificate, depth + 1)},
           source_of(candidate));
  }
  path_.pop_back();
  return true;
}

void PathBuilder::step_to(const Candidate& candidate) {
  if (candidate.anchor != nullptr) return judge(*candidate.anchor);
  if (path_.size() > max_path_depth + 1) {
    return report(
        {fault(rules::path_budget_exceeded,
               "the path has more than " + std::to_string(max_path_depth) + " intermediate certificates", {}, 0)});
  }
  extend();
}

void PathBuilder::judge(const TrustStore::Anchor& anchor) {
  std::vector<Fault> faults = faults_of_path(anchor);
  verdict_->trusted = faults.empty();
  report(std::move(faults), anchor.source);
}

/// Nobody is known who signed the last certificate.
void PathBuilder::report_dead_end() {
  const auto last = path_.back();
  const std::size_t depth = path_.size() - 1;
  const bool alone = depth == 0 && last->self_issued();
  const std::string issuer = last->issuer.empty() ? "an issuer without a name" : last->issuer.text();
  if (alone) return report({fault(rules::self_signed, "its certificate is signed by itself alone", last, depth)});
  report({fault(
      rules::unknown_issuer,
      last->self_issued() ? "the root " + issuer + " is not trusted" : "nothing trusted here is known as " + issuer,
      last, depth)});
}

/// Keeps a path with its faults. When too many are kept, one that tells less makes room for one that tells more; the
/// good one is always kept, and stands last.
void PathBuilder::report(std::vector<Fault> faults, std::optional<TrustSource> anchor) {
  std::vector<Path>& paths = verdict_->paths;
  Path path{path_, anchor, std::move(faults), std::exchange(revocation_, {})};
  if (paths.size() >= max_reported_paths && !verdict_->trusted) {
    const auto least = std::ranges::min_element(paths, {}, rank_of);
    if (rank_of(*least) >= rank_of(path)) return;
    paths.erase(least);
  }
  paths.push_back(std::move(path));
}

/// Anchors before what the peer sent, and within each the likely ones first. What is both is an anchor.
std::vector<PathBuilder::Candidate> PathBuilder::candidates_for(const Certificate& child) const {
  const auto hint = [&child](const Certificate& issuer) {
    if (child.authority_key_identifier.empty() || issuer.subject_key_identifier.empty()) return KeyHint::unknown;
    return child.authority_key_identifier == issuer.subject_key_identifier ? KeyHint::same : KeyHint::other;
  };
  std::vector<Candidate> candidates;
  const auto add = [&](const std::shared_ptr<const Certificate>& certificate, const TrustStore::Anchor* anchor) {
    const bool known =
        std::ranges::any_of(candidates, [&](const Candidate& one) { return one.certificate->der == certificate->der; });
    if (!known) candidates.push_back({certificate, anchor, hint(*certificate)});
  };
  for (const auto* const anchor : store_.find_by_subject(child.issuer.der)) add(anchor->certificate, anchor);
  for (const auto& other : others_) {
    if (other->subject.der == child.issuer.der) add(other, nullptr);
  }
  std::ranges::stable_sort(candidates, {}, &Candidate::hint);
  return candidates;
}

/// The same name with the same key twice on a path is a loop.
bool PathBuilder::on_path(const Certificate& candidate) const {
  return std::ranges::any_of(path_, [&candidate](const auto& one) {
    return one->subject.der == candidate.subject.der &&
           one->subject_public_key_info == candidate.subject_public_key_info;
  });
}

const crypto::PublicKey* PathBuilder::key_of(const Certificate& issuer) {
  const auto [entry, made] = keys_.try_emplace(issuer.subject_public_key_info);
  if (made) {
    auto key = provider_.make_public_key(issuer.public_key);
    if (key) entry->second = *std::move(key);
  }
  return entry->second.get();
}

PathBuilder::Signature PathBuilder::check_signature(const Certificate& child, const crypto::PublicKey* key) {
  if (key == nullptr) return Signature::unusable_key;
  const auto known = signatures_.find({&child, key});
  if (known != signatures_.end()) return known->second ? Signature::good : Signature::bad;
  if (!budget_.take_signature_check()) return Signature::over_budget;
  const bool good = verify_signature(*child.signature_scheme, child.tbs(), child.signature, *key);
  signatures_.emplace(std::pair(&child, key), good);
  return good ? Signature::good : Signature::bad;
}

/// RFC 5280, section 6.1.4 (l) and (m): CAs below one, self-issued ones not counted.
std::optional<Fault> PathBuilder::check_path_lengths() const {
  std::size_t below = 0;
  for (std::size_t depth = 1; depth < path_.size(); ++depth) {
    const auto& ca = path_[depth];
    const auto& constraints = ca->basic_constraints;
    if (constraints && constraints->path_length && below > *constraints->path_length) {
      return fault(rules::path_length,
                   ca->subject.text() + " allows " + std::to_string(*constraints->path_length) +
                       " CAs below it, the path has " + std::to_string(below),
                   ca, depth);
    }
    const bool anchor = depth + 1 == path_.size();
    if (!anchor && !ca->self_issued()) ++below;
  }
  if (!input_.max_intermediates || below <= *input_.max_intermediates) return std::nullopt;
  return fault(rules::path_length,
               "the path has " + std::to_string(below) + " CAs below its root, asked for are at most " +
                   std::to_string(*input_.max_intermediates),
               {}, 0);
}

/// A root that goes still vouches for the servers that had its certificates before its date (RFC 5937 lets whoever
/// trusts an anchor limit it).
std::optional<Fault> PathBuilder::check_distrust(const TrustStore::Anchor& anchor) const {
  const auto& leaf = path_.front();
  if (input_.purpose != Purpose::server_auth || !anchor.distrust_after) return std::nullopt;
  if (leaf->not_before <= *anchor.distrust_after) return std::nullopt;
  return fault(rules::distrusted_root,
               "it begins " + padlock::to_string(leaf->not_before) + ", and " + path_.back()->subject.text() +
                   " is not trusted for servers after " + padlock::to_string(*anchor.distrust_after),
               leaf, 0);
}

/// Issuer and subject of one name are taken as self-signed; of an anchor with two names, only its signature tells.
bool PathBuilder::self_signed(const Certificate& certificate, Role role) {
  if (certificate.self_issued()) return true;
  return role == Role::anchor && certificate.authority_key_identifier.empty() && certificate.signature_scheme &&
         check_signature(certificate, key_of(certificate)) == Signature::good;
}

/// What decides first, what is only badly made last: the first fault is the one that the user is told.
std::vector<Fault> PathBuilder::faults_of_path(const TrustStore::Anchor& anchor) {
  std::vector<Fault> faults;
  std::vector<Place> places(path_.size());
  for (std::size_t depth = 0; depth < path_.size(); ++depth) {
    const bool top = depth + 1 == path_.size();
    const Role role = depth == 0 ? Role::leaf : top ? Role::anchor : Role::intermediate;
    places[depth] = {depth, role, top ? std::optional(anchor.source) : std::nullopt, self_signed(*path_[depth], role)};
    check_certificate(path_[depth], places[depth], input_, faults);
  }
  if (key_of(*path_.front()) == nullptr)
    faults.push_back(fault(rules::unsupported_key, "its key is no good key of its kind", path_.front(), 0));
  if (auto distrusted = check_distrust(anchor)) faults.push_back(*std::move(distrusted));
  if (auto too_long = check_path_lengths()) faults.push_back(*std::move(too_long));
  if (auto constrained = check_name_constraints(path_, budget_)) faults.push_back(*std::move(constrained));
  if (auto disallowed = check_policies(path_, input_.policies, budget_)) faults.push_back(*std::move(disallowed));
  if (!input_.server_name.empty()) {
    if (auto named = verify_server_name(*path_.front(), input_.server_name); !named)
      faults.push_back({named.error(), path_.front(), 0});
  }
  if (!input_.mail_address.empty()) {
    if (auto named = verify_mail_address(*path_.front(), input_.mail_address); !named)
      faults.push_back({named.error(), path_.front(), 0});
  }
  for (const Place& place : places) check_form(path_[place.depth], place, input_, faults);
  if (faults.empty() && input_.revocation != RevocationMode::off) check_revocation(faults);
  return faults;
}

/// Asked of a path that is good but for this, since evidence is signed by the issuer that the path shows.
void PathBuilder::check_revocation(std::vector<Fault>& faults) {
  RevocationEvidence& evidence = input_.evidence != nullptr ? *input_.evidence : nothing_known_;
  for (std::size_t depth = 0; depth + 1 < path_.size(); ++depth) {
    RevocationStatus status =
        x509::check_revocation(*path_[depth], *path_[depth + 1], evidence, depth == 0, input_.now, provider_);
    if (auto refusal = refusal_of(status, input_.revocation)) {
      const bool revoked = status.state == RevocationState::revoked;
      refusal->what = (revoked ? "its certificate was " : "whether it was revoked is not known: ") + refusal->what;
      faults.push_back({*std::move(refusal), path_[depth], depth});
    }
    revocation_.push_back(std::move(status));
  }
}

}  // namespace padlock::x509
