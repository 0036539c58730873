#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/crypto/provider.h"
#include "padlock/net/awaitable.h"
#include "padlock/tls/config.h"
#include "padlock/x509/certificate.h"
#include "padlock/x509/ocsp.h"

namespace padlock::cli {

/// A certificate whose responder may be asked, with who issued it.
struct StapleSubject {
  std::shared_ptr<const x509::Certificate> leaf;
  std::shared_ptr<const x509::Certificate> issuer;  ///< null: it does not stand in the chain
  std::string responder;                            ///< the first http URL that the certificate names; empty: none
};
/// Nothing: its certificates cannot be read.
std::optional<StapleSubject> staple_subject(const tls::Credential& credential);

/// When a response is replaced: with half its time gone, and up to a tenth of it later, so that the servers of a
/// certificate do not all ask at once. `draw`: 0 to 255.
WallTime refresh_time(const x509::RevocationStatus& status, std::uint8_t draw);

/// OCSP responses for our own certificates (RFC 6960; RFC 8446, section 4.4.2.1): asked for while no client waits,
/// judged as clients judge them, kept in the state folder and stapled until they expire. One thread's.
///
///     DIRECTORY/staples/SHA-256 of the certificate.ocsp
class Staples {
 public:
  /// `directory`: the state folder; nothing: they are not kept. The provider outlives it.
  Staples(std::optional<std::filesystem::path> directory, crypto::Provider& provider);

  /// The response to staple now; empty: there is none that is good.
  std::vector<std::uint8_t> find(const StapleSubject& subject, WallTime now);
  /// It is time to ask for one, or another one.
  bool is_due(const StapleSubject& subject, WallTime now);
  /// Asks the responder, and takes what it says.
  net::Awaitable<Result<void>> ask(StapleSubject subject);
  /// Takes a response if it says that the certificate is good; else what is there stays. What went wrong is tried again
  /// later and later. Errors: those of ocsp.h, `rules::no_staple`.
  Result<void> take(const StapleSubject& subject, Bytes response, WallTime now);
  Result<void> failed(const StapleSubject& subject, Error error, WallTime now);
  /// Why the last try came to nothing; null: it came to something, or there was none.
  const Error* trouble(const StapleSubject& subject) const;

 private:
  struct Kept {
    std::vector<std::uint8_t> response;  ///< empty: none
    WallTime next_update{}, due{};
    unsigned failures = 0;  ///< in a row
    std::optional<Error> trouble;
  };
  Kept& kept(const StapleSubject& subject, WallTime now);
  Result<void> judge(const StapleSubject& subject, Bytes response, WallTime now, Kept& kept);
  Result<void> store(const StapleSubject& subject, Bytes response) const;
  std::filesystem::path file_of(const StapleSubject& subject) const;

  std::optional<std::filesystem::path> directory_;
  crypto::Provider* provider_;
  std::map<std::vector<std::uint8_t>, Kept> kept_;  ///< by the certificate's DER
};

}  // namespace padlock::cli
