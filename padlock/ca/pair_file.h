#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/base/text.h"
#include "padlock/crypto/provider.h"
#include "padlock/x509/certificate.h"

namespace padlock::ca {

/// A chain and the key of its first certificate, in two PEM files with mode 0600.
struct PairFile {
  std::filesystem::path certificate;
  std::filesystem::path key;
};

struct StoredPair {
  std::vector<std::shared_ptr<const x509::Certificate>> chain;  ///< leaf first, never empty
  std::shared_ptr<const crypto::PrivateKey> key;
};

/// What the files hold; nothing if neither is there.
/// Errors: `rules::damaged_file` if one is missing or unreadable as PEM and DER, or if they do not belong together:
/// `set_aside` can help. Those of net (mode, rights) are the user's to mend, and so no reason to make new keys.
Result<std::optional<StoredPair>> load_pair(const PairFile& file, crypto::Provider& provider);

/// Writes both, the key first: a certificate is there only with its key.
Result<void> store_pair(const PairFile& file, std::span<const Bytes> chain, Bytes pkcs8);

/// Renames what is there of these files to "NAME.set-aside-N". Gives the new names, for a message.
Result<std::string> set_aside(std::span<const std::filesystem::path> files);
Result<std::string> set_aside(const PairFile& file);

}  // namespace padlock::ca
