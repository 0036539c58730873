#include <algorithm>
#include <string>

#include "padlock/der/pem.h"
#include "padlock/x509/rules.h"
#include "padlock/x509/trust_attributes.h"
#include "padlock/x509/verify.h"

namespace padlock::x509 {
namespace {

struct Root {
  std::shared_ptr<const Certificate> certificate;
  std::optional<WallTime> distrust_after;
};

/// Nothing: the bundle itself says that it is not trusted.
Result<std::optional<Root>> read_root(const der::PemBlock& block) {
  const auto attributes = PADLOCK_TRY(parse_trust_attributes(block.explanatory_text));
  if (attributes && (attributes->distrusted || !attributes->trusted)) return std::nullopt;
  Root root{PADLOCK_TRY(parse_certificate(block.bytes)), {}};
  if (attributes) root.distrust_after = attributes->server_distrust_after;
  return root;
}

}  // namespace

std::string_view name_of(TrustSource source) {
  switch (source) {
    case TrustSource::system_bundle: return "the system's bundle";
    case TrustSource::local_ca: return "the local CA";
    case TrustSource::given_file: return "a given file";
  }
  return "an unknown source";
}

const crypto::PublicKey* TrustStore::Anchor::key(crypto::Provider& provider) const {
  std::call_once(key_->made, [&] {
    auto key = provider.make_public_key(certificate->public_key);
    if (key) key_->key = *std::move(key);
  });
  return key_->key.get();
}

void TrustStore::add(std::shared_ptr<const Certificate> certificate, TrustSource source,
                     std::optional<WallTime> distrust_after) {
  std::vector<std::size_t>& same_subject = by_subject_[certificate->subject.der];
  const bool known = std::ranges::any_of(same_subject, [&](std::size_t index) {
    return anchors_[index].source == source && anchors_[index].certificate->der == certificate->der;
  });
  if (known) return;
  same_subject.push_back(anchors_.size());
  anchors_.emplace_back(std::move(certificate), source, distrust_after);
}

Result<std::size_t> TrustStore::add_pem(std::string_view pem, TrustSource source, std::vector<Error>* refused) {
  const auto blocks = PADLOCK_TRY(der::find_all(pem, "CERTIFICATE"));
  if (blocks.empty()) return broken(rules::empty_trust_file, "there is no certificate in it");
  std::vector<Root> good;
  std::vector<Error> bad;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    auto root = read_root(blocks[i]);
    if (!root) {
      bad.push_back({&rules::refused_trust_file_entry,
                     "certificate " + std::to_string(i + 1) + " of it is refused: " + root.error().to_string()});
    } else if (*root) {
      good.push_back(**std::move(root));
    }
  }
  const bool may_be_left_out = refused != nullptr && !good.empty();
  if (!bad.empty() && !may_be_left_out) return std::unexpected(std::move(bad.front()));
  for (Root& root : good) add(std::move(root.certificate), source, root.distrust_after);
  if (refused != nullptr) *refused = std::move(bad);
  return good.size();
}

Result<void> TrustStore::take_distrust_dates(std::string_view text) {
  for (const der::PemBlock& block : PADLOCK_TRY(der::find_all(text, "CERTIFICATE"))) {
    const auto attributes = PADLOCK_TRY(parse_trust_attributes(block.explanatory_text));
    if (!attributes || !attributes->server_distrust_after) continue;
    for (Anchor& anchor : anchors_) {
      if (anchor.source == TrustSource::system_bundle && anchor.certificate->der == block.bytes)
        anchor.distrust_after = attributes->server_distrust_after;
    }
  }
  return {};
}

std::vector<const TrustStore::Anchor*> TrustStore::find_by_subject(Bytes subject) const {
  std::vector<const Anchor*> found;
  const auto entry = by_subject_.find({subject.begin(), subject.end()});
  if (entry == by_subject_.end()) return found;
  for (const std::size_t index : entry->second) found.push_back(&anchors_[index]);
  return found;
}

const TrustStore::Anchor* TrustStore::find_exact(Bytes der) const {
  const Anchor* found = nullptr;
  for (const Anchor& anchor : anchors_) {
    if (!std::ranges::equal(anchor.certificate->der, der)) continue;
    if (found == nullptr || anchor.source != TrustSource::system_bundle) found = &anchor;
  }
  return found;
}

}  // namespace padlock::x509
