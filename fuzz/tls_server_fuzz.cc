// A whole server against a client whose messages the input changes.
#include "fuzz/mutations.h"

namespace {

using namespace padlock;
using namespace padlock::tls;
using fuzz::Mutations;
using testing::to_message;

void play(testing::End& server, Mutations& mutations) {
  testing::ScriptedClient client(server);
  const std::uint8_t shape = mutations.next();
  if ((shape & 1) != 0) {
    server.deliver(mutations.rest());
    return;
  }
  const ClientHello hello = client.client_hello((shape & 2) != 0    ? NamedGroup::secp521r1  // which means a retry
                                                : (shape & 16) != 0 ? NamedGroup::X25519MLKEM768
                                                                    : NamedGroup::x25519);
  const testing::Message changed = mutations.change(to_message(hello));
  if (mutations.changed() || (shape & 2) != 0) {
    client.send(changed);
    client.send(mutations.change(changed));
    return;
  }
  client.send(hello);
  client.read_flight();
  if ((shape & 4) != 0) client.send_change_cipher_spec();
  const testing::Message finished = client.finished();
  if ((shape & 8) == 0) return client.send(mutations.change(finished));
  client.derive_application_keys();
  client.send(finished);
  client.use_application_keys();
  while (!mutations.empty() && !server.failed) {
    const std::uint8_t kind = mutations.next();
    if (kind % 3 == 0) {
      client.send(mutations.change(testing::key_update(kind & 1)));
      client.next_write_key();
    }
    if (kind % 3 == 1) client.send_inner(mutations.change({'d', 'a', 't', 'a', 23}));
    if (kind % 3 == 2) client.send_bytes(mutations.rest());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // libFuzzer hands out one buffer
  const Bytes input(data, size);
  PADLOCK_UNSAFE_BUFFERS_END
  static const auto config = std::make_shared<const ServerConfig>(ServerConfig{.alpn = {"http/1.1"}});
  Mutations mutations(input);
  testing::End server = testing::End::server(config);
  play(server, mutations);
  fuzz::check_end(server);
  return 0;
}
