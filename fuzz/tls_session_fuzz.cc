// A ticket's content: whatever it is, reading it ends well, and what was read is written again as it was. And a ticket
// itself: nothing that keys did not seal opens.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "padlock/base/unsafe.h"
#include "padlock/tls/session/session.h"
#include "padlock/tls/testing/sessions.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace padlock;
  using namespace padlock::tls;
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // libFuzzer hands out one buffer
  const Bytes input(data, size);
  PADLOCK_UNSAFE_BUFFERS_END
  static const auto keys = testing::ticket_keys();
  std::vector<std::uint8_t> ticket(input.begin(), input.end());
  if (keys->open(ticket, testing::beginning)) std::abort();
  const auto session = parse_session(Reader(input, "Session"));
  if (!session) return 0;
  std::vector<std::uint8_t> written;
  Writer out(written);
  write_session(out, *session);
  const auto again = parse_session(Reader(written, "Session"));
  if (!again || again->server_name != session->server_name || again->peer_chain != session->peer_chain) std::abort();
  return 0;
}
