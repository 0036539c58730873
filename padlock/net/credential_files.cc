#include "padlock/net/credential_files.h"

#include <string>
#include <utility>

#include "padlock/base/secret.h"
#include "padlock/net/atomic_file.h"
#include "padlock/net/limits.h"
#include "padlock/tls/credential.h"

namespace padlock::net {

namespace {

/// The error of a file's content, with the file's name in front.
template <class T>
Result<T> of_file(Result<T> result, const std::filesystem::path& file) {
  if (result) return result;
  return broken(*result.error().rule, file.string() + ": " + result.error().what);
}

}  // namespace

Result<LoadedCredential> load_credential(const std::filesystem::path& certificate_file,
                                         const std::filesystem::path& key_file, crypto::Provider& provider) {
  const auto text = PADLOCK_TRY(read_file(certificate_file, limits::certificate_file_bytes));
  const auto chain = PADLOCK_TRY(of_file(tls::parse_chain(as_text(text)), certificate_file));
  const SecretBytes key_text = PADLOCK_TRY(read_private_file(key_file, limits::certificate_file_bytes));
  auto key = PADLOCK_TRY(of_file(tls::parse_private_key(as_text(key_text.reveal()), provider), key_file));
  return LoadedCredential{chain.front(), PADLOCK_TRY(of_file(tls::make_credential(chain, std::move(key)), key_file))};
}

}  // namespace padlock::net
