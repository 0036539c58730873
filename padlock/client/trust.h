#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/crypto/provider.h"
#include "padlock/x509/crl.h"
#include "padlock/x509/verify.h"

namespace padlock::client {

/// Whom to trust. As it stands: the system's bundle (or what SSL_CERT_FILE and SSL_CERT_DIR name) and the local CA.
struct TrustOptions {
  std::vector<std::string> ca_files;   ///< PEM; as with curl's --cacert nothing else is trusted then
  std::vector<std::string> crl_files;  ///< revocation lists (PEM or DER) that count as if they had been fetched
  /// The state folder with the local CA; nothing: the user's (state_directory()). A missing CA is no error.
  std::optional<std::filesystem::path> state_directory;
  /// Go on without trust. The verdict stays [BROKEN].
  bool dangerous_accept_any_certificate = false;
};

/// The trust anchors, and what people should know about them.
struct Trust {
  x509::TrustStore store;
  std::vector<std::shared_ptr<const x509::CertificateList>> lists;  ///< of TrustOptions::crl_files
  std::vector<std::string> notes;                                   ///< "no system bundle found: ..."
};

/// Reads the files. A named one that is missing, unreadable, empty or malformed is an error and never replaced by
/// another store (docs/threats.md, X12): `net::rules::file_missing`, `file_unreadable`, `file_too_large`,
/// `x509::rules::empty_trust_file`, `refused_trust_file_entry`, `rules::trust_directory_empty`, `bad_crl_file`. An
/// absent system bundle and a local CA that cannot be used are notes.
Result<std::shared_ptr<const Trust>> load_trust(const TrustOptions& options, crypto::Provider& provider);

/// $XDG_STATE_HOME/padlock, else $HOME/.local/state/padlock; nothing without a home.
std::optional<std::filesystem::path> state_directory();

/// The one that the options name, else the user's.
std::optional<std::filesystem::path> state_directory_of(const TrustOptions& options);

}  // namespace padlock::client
