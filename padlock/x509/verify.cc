#include "padlock/x509/verify.h"

#include <algorithm>
#include <string>
#include <tuple>

#include "padlock/x509/limits.h"
#include "padlock/x509/path_builder.h"
#include "padlock/x509/profile.h"
#include "padlock/x509/rules.h"

namespace padlock::x509 {

namespace {

/// The path whose first fault tells the user most: the one that came farthest, with the fewest faults.
const Path* most_telling(const std::vector<Path>& paths) {
  const auto telling = [](const Path& path) {
    return std::tuple(-rank_of(path), path.faults.size(),
                      path.anchor ? std::size_t{0} : 100 - path.certificates.size());
  };
  const auto best = std::ranges::min_element(paths, {}, telling);
  return best == paths.end() ? nullptr : &*best;
}

void set_error(Verdict& verdict, const Fault& fault) {
  verdict.error = fault.error;
  verdict.error_depth = fault.depth;
  verdict.error_certificate = fault.certificate;
}

void choose_error(Verdict& verdict) {
  const Path* const path = most_telling(verdict.paths);
  // A certificate that could not be read may be the one that is missing.
  const bool incomplete = path == nullptr || has_fault(*path, rules::unknown_issuer);
  if (incomplete && !verdict.unreadable.empty()) return set_error(verdict, verdict.unreadable.front());
  if (path == nullptr) return;
  const Fault* const over_budget = over_budget_inside(*path);
  set_error(verdict, over_budget != nullptr ? *over_budget : path->faults.front());
}

/// Dates and name are all that is left to check of a leaf that the user gave (its key was checked when it was read).
Verdict trust_directly(const VerifyInput& input, const TrustStore::Anchor& given) {
  Verdict verdict;
  Path path{{given.certificate}, given.source, {}, {}};
  const auto note = [&](const Result<void>& result) {
    if (!result) path.faults.push_back({result.error(), given.certificate, 0});
  };
  note(check_validity(*given.certificate, input.now));
  if (!input.server_name.empty()) note(verify_server_name(*given.certificate, input.server_name));
  if (!input.mail_address.empty()) note(verify_mail_address(*given.certificate, input.mail_address));
  verdict.trusted = path.faults.empty();
  verdict.trusted_directly = verdict.trusted;
  verdict.paths.push_back(std::move(path));
  if (!verdict.trusted) choose_error(verdict);
  return verdict;
}

Verdict empty_chain() {
  Verdict verdict;
  verdict.error = Error{&rules::no_certificate, "the peer sent no certificate"};
  return verdict;
}

/// The certificates behind the leaf that can be read; the others are noted.
std::vector<std::shared_ptr<const Certificate>> read_others(std::span<const std::vector<std::uint8_t>> chain,
                                                            Verdict& verdict) {
  std::vector<std::shared_ptr<const Certificate>> others;
  for (std::size_t i = 1; i < std::min(chain.size(), max_chain_certificates); ++i) {
    auto certificate = parse_certificate(chain[i]);
    if (certificate) {
      others.push_back(*std::move(certificate));
    } else {
      verdict.unreadable.push_back({std::move(certificate).error(), nullptr, i});
    }
  }
  return others;
}

}  // namespace

const Path* Verdict::telling_path() const {
  if (trusted) return good_path();
  const auto holds_error = [this](const Path& path) {
    return std::ranges::any_of(path.faults, [this](const Fault& fault) {
      return fault.error.rule == error->rule && fault.certificate == error_certificate;
    });
  };
  const auto found = error ? std::ranges::find_if(paths, holds_error) : paths.end();
  return found == paths.end() ? nullptr : &*found;
}

Verdict verify_chain(const VerifyInput& input, const TrustStore& store, crypto::Provider& provider) {
  if (input.chain.empty()) return empty_chain();
  Verdict verdict;
  const bool parsed = input.leaf != nullptr && input.leaf->der == input.chain.front();
  auto leaf = parsed ? input.leaf : parse_certificate(input.chain.front());
  if (!leaf) {
    verdict.unreadable.push_back({std::move(leaf).error(), nullptr, 0});
    choose_error(verdict);
    return verdict;
  }
  const TrustStore::Anchor* const given = store.find_exact(input.chain.front());
  if (given != nullptr && given->source != TrustSource::system_bundle) return trust_directly(input, *given);

  auto others = read_others(input.chain, verdict);
  others.insert(others.end(), input.known_intermediates.begin(), input.known_intermediates.end());
  PathBuilder(input, store, provider).build(*std::move(leaf), std::move(others), verdict);
  if (!verdict.trusted) choose_error(verdict);
  return verdict;
}

}  // namespace padlock::x509
