// The identity of an imported external key (RFC 9258, section 5.1): whatever it is, reading it ends well, what was read
// is written again byte for byte, and it names a key of ours only if it is the identity that this key was given.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "padlock/base/text.h"
#include "padlock/base/unsafe.h"
#include "padlock/tls/session/external_psk.h"

namespace {

using namespace padlock;
using namespace padlock::tls;

std::shared_ptr<const ExternalPsk> key_for(std::string_view identity, std::string_view context) {
  return ExternalPsk::make(as_bytes(identity), SecretBytes(std::vector<std::uint8_t>(32, 7)), as_bytes(context))
      .value();
}

void check_read(Bytes input) {
  const auto identity = parse_imported_identity(Reader(input, "ImportedIdentity"));
  if (!identity) return;
  std::vector<std::uint8_t> written;
  Writer out(written);
  write_imported_identity(out, *identity);
  if (!std::ranges::equal(written, input)) std::abort();
}

void check_found(Bytes input, crypto::HashAlgorithm hash) {
  static const ExternalPsks keys = {key_for("id", ""), key_for("id", "here"), key_for("other", "here")};
  const auto is_named = [&](const auto& key) { return std::ranges::equal(key->imported(hash).identity, input); };
  const auto named = std::ranges::find_if(keys, is_named);
  const auto found = find_by_identity(keys, input, hash);
  if (!found && (found.error().what.empty() || named != keys.end())) std::abort();
  if (found && *found != (named == keys.end() ? nullptr : *named)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // libFuzzer hands out one buffer
  const Bytes input(data, size);
  PADLOCK_UNSAFE_BUFFERS_END
  check_read(input);
  check_found(input, crypto::HashAlgorithm::sha256);
  check_found(input, crypto::HashAlgorithm::sha384);
  return 0;
}
