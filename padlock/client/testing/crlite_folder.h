#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "padlock/base/text.h"
#include "padlock/crypto/hash.h"
#include "padlock/x509/crlite/test_cache.h"
#include "padlock/x509/test_revocation.h"

namespace padlock::client::testing {

namespace crlite = x509::crlite::testing;

/// A CRLite cache whose filters hold all certificates of an issuer, or none of them.
class CrliteFolder {
 public:
  /// Filters cover the ten days until a day before `now`.
  CrliteFolder(std::filesystem::path folder, WallTime now) : folder_(std::move(folder)), newest_(now - a_day) {
    std::filesystem::create_directories(folder_);
  }
  /// A leaf's extension, with a timestamp of this moment by the log that filters cover.
  static x509::testing::DraftExtension timestamps(WallTime moment) {
    return crlite::timestamp_list({{crlite::log_id(1), crlite::milliseconds(moment)}});
  }
  const std::filesystem::path& folder() const { return folder_; }

  /// A filter that says `revoked` of everything by this issuer, or that nothing is.
  void put(const std::string& name, const x509::Certificate& issuer, bool revoked) {
    crlite::IssuerDraft block{.inverted = static_cast<std::uint8_t>(revoked ? 1 : 0)};
    copy_bytes(crypto::hash_of(crypto::HashAlgorithm::sha256, issuer.subject_public_key_info), block.hash);
    save(name, write(crlite::FilterDraft{.coverage = {{crlite::log_id(1), low(), high()}}, .issuers = {block}}));
    if (std::ranges::find(names_, name) == names_.end()) names_.push_back(name);
  }
  /// The index of what was put so far.
  void write_index() const {
    crlite::IndexDraft draft{.names = names_, .logs = {{.entries = {}}}};
    for (std::size_t i = 0; i < names_.size(); ++i)
      draft.logs.front().entries.push_back({static_cast<std::uint16_t>(i), low(), high()});
    save("index.bin", write(draft));
  }

 private:
  static constexpr std::chrono::days a_day{1};
  std::uint64_t low() const { return crlite::milliseconds(newest_ - 10 * a_day); }
  std::uint64_t high() const { return crlite::milliseconds(newest_); }
  void save(const std::string& name, Bytes bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << as_text(bytes);
  }

  std::filesystem::path folder_;
  WallTime newest_;
  std::vector<std::string> names_;
};

}  // namespace padlock::client::testing
