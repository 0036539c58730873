#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/base/reader.h"
#include "padlock/base/result.h"
#include "padlock/base/secret.h"
#include "padlock/base/writer.h"
#include "padlock/crypto/hkdf.h"

namespace padlock::tls {

/// struct { opaque external_identity<1...2^16-1>; opaque context<0..2^16-1>; uint16 target_protocol; uint16 target_kdf;
/// } ImportedIdentity;   (RFC 9258, section 5.1). Views.
struct ImportedIdentity {
  Bytes external_identity;
  Bytes context;
  std::uint16_t target_protocol;
  std::uint16_t target_kdf;
};
Result<ImportedIdentity> parse_imported_identity(Reader in);
void write_imported_identity(Writer& out, const ImportedIdentity& identity);

/// An external key as TLS 1.3 uses it with suites of one hash (RFC 9258, section 5.1).
struct ImportedPsk {
  crypto::HashAlgorithm hash;          ///< of the suites that it goes with
  std::vector<std::uint8_t> identity;  ///< as it stands in a ClientHello
  crypto::HashSecret key;
};

/// A key that two ends were given outside of TLS, and that shows each who the other is (RFC 9257). Never used as it is:
/// only imported, bound to its context, TLS 1.3 and a hash (RFC 9258).
class ExternalPsk {
 public:
  /// `external_identity`: 1 to 1,024 bytes, which travel in the clear. `key`: at least 16 bytes, and as hard to guess
  /// as that: never a password. `context`: up to 1,024 bytes, the same at both ends and in the clear, too;
  /// `role_context` makes one. `hash`: that the key is meant for. Fails with `rules::external_psk_unusable`.
  static Result<std::shared_ptr<const ExternalPsk>> make(Bytes external_identity, const SecretBytes& key, Bytes context,
                                                         crypto::HashAlgorithm hash = crypto::HashAlgorithm::sha256);

  Bytes external_identity() const { return external_identity_; }
  Bytes context() const { return context_; }
  const ImportedPsk& imported(crypto::HashAlgorithm hash) const;
  /// What a session of a connection with this key is bound to.
  std::string binding() const;

 private:
  ExternalPsk(Bytes external_identity, Bytes context, std::array<ImportedPsk, 2> imported);
  std::vector<std::uint8_t> external_identity_;
  std::vector<std::uint8_t> context_;
  std::array<ImportedPsk, 2> imported_;
};

using ExternalPsks = std::vector<std::shared_ptr<const ExternalPsk>>;

/// struct { opaque client<0..2^8-1>; opaque server<0..2^8-1>; } Context: who is which, so that an end that is a client
/// and a server under one key never answers itself (RFC 9258, appendix A; docs/threats.md, T28). The names: up to 255
/// bytes.
std::vector<std::uint8_t> role_context(std::string_view client, std::string_view server);

/// True if a session's binding is that of some external key.
bool is_external_binding(std::string_view binding);

/// The key that this binding is of; null: none.
std::shared_ptr<const ExternalPsk> find_by_binding(const ExternalPsks& keys, std::string_view binding);

/// The key that an identity of a ClientHello names, imported for suites of this hash; null: none does. Fails with
/// `rules::external_psk_of_other_roles` if there is one of this external identity whose context is another.
Result<std::shared_ptr<const ExternalPsk>> find_by_identity(const ExternalPsks& keys, Bytes identity,
                                                            crypto::HashAlgorithm hash);

}  // namespace padlock::tls
