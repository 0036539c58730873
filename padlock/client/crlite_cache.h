#pragma once

#include <filesystem>
#include <optional>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/x509/certificate.h"
#include "padlock/x509/crlite/question.h"
#include "padlock/x509/revocation_status.h"

namespace padlock::client {

/// A folder with CRLite filters and their index (C2SP upki-revocation), which somebody else keeps up to date: upki
/// does. Nobody signs the files; whoever may write there decides what they say. Each question reads the index anew, and
/// of the filters those that cover the certificate.
class CrliteCache {
 public:
  explicit CrliteCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// The one in the folder that the user names, which is asked whether it is there or not; else in the folder where
  /// upki keeps the user's, $XDG_CACHE_HOME/upki/revocation or $HOME/.cache/upki/revocation, or the system's,
  /// /var/cache/upki/revocation, if there is one.
  static std::optional<CrliteCache> find(const std::optional<std::filesystem::path>& named);

  /// What it says of `certificate`, whose issuer in a verified path is `issuer`. Unknown, beside the reasons of
  /// x509/crlite: `rules::crlite_cache_damaged` tells what is wrong with the files.
  x509::RevocationStatus ask(const x509::Certificate& certificate, const x509::Certificate& issuer, WallTime now) const;

 private:
  Result<x509::RevocationStatus> look_up(const x509::crlite::Question& question, WallTime now) const;
  std::filesystem::path folder_;
};

}  // namespace padlock::client
