// Two texts, cut at the first NUL: what `--cert` and `--key` would read. A chain that is taken is not empty.
#include <algorithm>
#include <cstdlib>

#include "padlock/crypto/provider.h"
#include "padlock/tls/credential.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto provider = padlock::crypto::make_provider();
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // libFuzzer hands out one buffer
  const padlock::Bytes input(data, size);
  PADLOCK_UNSAFE_BUFFERS_END
  const auto text = padlock::as_text(input);
  const auto cut = std::min(text.find('\0'), text.size());
  const auto credential = padlock::tls::load_credential(text.substr(0, cut), text.substr(cut), *provider);
  if (credential && (credential->chain.empty() || !credential->key)) std::abort();
  return 0;
}
