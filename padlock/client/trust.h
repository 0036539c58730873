#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/x509/verify.h"

namespace padlock::client {

/// Whom to trust. As it stands: the system's bundle (or what SSL_CERT_FILE and SSL_CERT_DIR name) and the local CA.
struct TrustOptions {
  std::vector<std::string> ca_files;         ///< PEM; as with curl's --cacert nothing else is trusted then
  std::optional<std::string> local_ca_root;  ///< the local CA's root.pem; an absent file is no error
  /// Go on without trust. The verdict stays [BROKEN].
  bool dangerous_accept_any_certificate = false;
};

/// The trust anchors, and what people should know about them.
struct Trust {
  x509::TrustStore store;
  std::vector<std::string> notes;  ///< "no system bundle found: only the local CA is trusted"
};

/// Reads the files. A named one that is missing, unreadable, empty or malformed is an error, never replaced by another
/// store (docs/threats.md, X12): rules::trust_file_unreadable, trust_file_empty, or the parser's rule. An absent
/// system bundle is a note.
Result<std::shared_ptr<const Trust>> load_trust(const TrustOptions& options);

}  // namespace padlock::client
