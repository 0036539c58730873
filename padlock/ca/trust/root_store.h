#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/base/text.h"

namespace padlock::ca {

/// Whose programs read a store.
enum class StoreKind : std::uint8_t { system, chromium, firefox };
/// "system", "chromium", "firefox".
std::string_view name_of(StoreKind kind);

/// A certificate among others: SHA-256 of its DER, in 64 hexadecimal digits.
std::string fingerprint_of(Bytes der);
/// What a root is called in stores: "padlock-local-ca-1a2b3c4d".
std::string store_name_of(std::string_view fingerprint);

/// Whether the programs that read a store trust a certificate.
enum class Presence : std::uint8_t {
  yes,
  no,
  absent,   ///< this machine has no such store
  unknown,  ///< it cannot be read
};
std::string_view name_of(Presence presence);

struct Standing {
  Presence presence;
  std::string why{};  ///< for people; empty where there is nothing to add
};

/// One place where programs of this machine look for the roots that they trust. Nothing is kept between calls: others
/// change stores too.
class RootStore {
 public:
  virtual ~RootStore() = default;

  virtual StoreKind kind() const = 0;
  virtual std::filesystem::path place() const = 0;
  virtual Standing standing(const std::string& fingerprint) const = 0;
  /// What `add` and `remove` would do, a line each, for who is asked.
  virtual std::vector<std::string> steps_to_add(const std::string& fingerprint) const = 0;
  virtual std::vector<std::string> steps_to_remove(const std::string& fingerprint) const = 0;
  /// True if only root may change it, and this process is not root's.
  virtual bool needs_root() const { return false; }

  /// Makes the store trust a certificate; done already is fine. Errors: rules of ca/trust/rules.h, net's of files and
  /// programs.
  virtual Result<void> add(Bytes der) = 0;
  /// Takes a certificate out, whatever it is called there; not there is fine. Errors as of `add`.
  virtual Result<void> remove(const std::string& fingerprint) = 0;
};

}  // namespace padlock::ca
