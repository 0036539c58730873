#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/x509/certificate.h"
#include "padlock/x509/crl.h"

// What is kept between runs about certificates of servers. Everything in it is signed by a CA and judged anew each
// time, so a damaged file is no more than a file that is not there.

namespace padlock::client {

/// A revocation list as it was fetched.
struct StoredList {
  std::shared_ptr<const x509::CertificateList> list;
  std::string etag, last_modified;
  WallTime fetched{};
};

/// FOLDER/crls and FOLDER/intermediates, folders 0700 and files 0600. Files are named by hashes of what they are for.
/// When there are too many, those that were written longest ago go.
class EvidenceStore {
 public:
  explicit EvidenceStore(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// The list from this URL; nothing: there is none that can be read.
  std::optional<StoredList> find_list(const std::string& url) const;
  /// `der`: as fetched. Errors: those of net/atomic_file.h.
  Result<void> keep_list(const std::string& url, Bytes der, const StoredList& about) const;

  /// Certificates of this subject (a Name's DER) that were part of good chains.
  std::vector<std::shared_ptr<const x509::Certificate>> find_intermediates(Bytes subject) const;
  /// Errors: those of net/atomic_file.h.
  Result<void> keep_intermediate(const x509::Certificate& certificate) const;

 private:
  std::filesystem::path list_file(const std::string& url) const;
  std::filesystem::path folder_;
};

}  // namespace padlock::client
