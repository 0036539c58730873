#pragma once

#include <filesystem>
#include <memory>

#include "padlock/base/result.h"
#include "padlock/crypto/provider.h"
#include "padlock/tls/config.h"
#include "padlock/x509/certificate.h"

namespace padlock::net {

/// A certificate chain and its private key, as `--cert` and `--key` name them.
struct LoadedCredential {
  std::shared_ptr<const x509::Certificate> leaf;
  tls::Credential credential;
};

/// From PEM files, of which nobody else may read the key's. Errors: those of files and of tls/credential.h; each names
/// its file.
Result<LoadedCredential> load_credential(const std::filesystem::path& certificate_file,
                                         const std::filesystem::path& key_file, crypto::Provider& provider);

}  // namespace padlock::net
