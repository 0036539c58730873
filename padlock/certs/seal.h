#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/base/secret.h"
#include "padlock/certs/store_key.h"
#include "padlock/crypto/provider.h"

// How values are closed before they leave for a store that others may read and write (docs/threats.md, A10).

namespace padlock::certs {

/// The bytes of a key that values are sealed with.
inline constexpr std::size_t seal_key_bytes = 32;

/// A value that was sealed, and the number that it was sealed with.
struct Unsealed {
  SecretBytes value;
  std::uint64_t version = 0;
};

/// Seals with its newest key and opens what any of its keys has sealed: AES-256-GCM with a random nonce (RFC 5116). A
/// sealed value is bound to its name and version as associated data, so that under another name, or with another
/// version, it is none:
///
///     padlock-sealed 1 KEY-ID VERSION LF nonce[12] ciphertext tag[16]
class SealKeys {
 public:
  /// `newest` seals; each has 32 bytes.
  explicit SealKeys(Secret<seal_key_bytes> newest, std::vector<Secret<seal_key_bytes>> older = {});
  /// From files that nobody else may read. Errors: `seal_key_unusable`; those of files.
  static Result<SealKeys> load(const std::filesystem::path& newest, const std::vector<std::filesystem::path>& older);

  /// Error: that of randomness.
  Result<std::vector<std::uint8_t>> seal(const StoreKey& key, std::uint64_t version, Bytes value,
                                         crypto::Provider& provider) const;
  /// Nothing: it was altered, moved to this name, or sealed with a key that is not here.
  std::optional<Unsealed> open(const StoreKey& key, Bytes sealed, crypto::Provider& provider) const;

 private:
  struct Named {
    std::string id;  ///< 16 hexadecimal digits
    Secret<seal_key_bytes> key;
  };
  static Named named(Secret<seal_key_bytes> key);
  std::vector<Named> keys_;  ///< newest first
};

/// Writes a file of a new key, of mode 0600. Errors: `seal_key_unusable`, if the file is there already; those of files.
Result<void> make_seal_key(const std::filesystem::path& file, crypto::Provider& provider);

}  // namespace padlock::certs
