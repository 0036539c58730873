// A whole server against a client whose messages the input changes: hellos in the clear, what follows sealed with the
// keys that the server reads with. A flight that was not changed must complete.
#include "fuzz/mutations.h"

namespace {

using namespace padlock;
using namespace padlock::tls;
using fuzz::Mutations;
using testing::Message;
using testing::ScriptedClient;
using testing::to_message;

constexpr std::uint8_t is_raw = 1;  // the input is what the client says
constexpr std::uint8_t retries = 2;
constexpr std::uint8_t compatible = 4;
constexpr std::uint8_t finishes = 8;  // its Finished is not changed
constexpr std::uint8_t is_hybrid = 16;
constexpr std::uint8_t cuts = 32;  // hellos come in two records

NamedGroup group_of(std::uint8_t shape) {
  if ((shape & retries) != 0) return NamedGroup::secp521r1;  // which the server has not got
  return (shape & is_hybrid) != 0 ? NamedGroup::X25519MLKEM768 : NamedGroup::x25519;
}

/// Sends the hello; false: it was changed, so nobody knows what the server makes of it.
bool say_hello(ScriptedClient& client, const ClientHello& hello, Mutations& mutations, std::uint8_t shape) {
  const Message message = mutations.change(to_message(hello));
  if (mutations.changed()) {
    client.send(message);
    if (!client.failed()) client.send(mutations.change(message));  // perhaps the server has asked for a second one
    return false;
  }
  client.remember(hello);
  if ((shape & cuts) != 0) {
    client.send_cut(message, 1 + mutations.next() % message.size());
  } else {
    client.send(message);
  }
  client.read_flight();
  return true;
}

void say_more(ScriptedClient& client, Mutations& mutations) {
  client.use_application_keys();
  while (!mutations.empty() && !client.failed()) {
    const std::uint8_t kind = mutations.next();
    if (kind % 3 == 0) {
      client.send(mutations.change(testing::key_update(kind & 1)));
      client.next_write_key();
    }
    if (kind % 3 == 1) client.send_inner(mutations.change({'d', 'a', 't', 'a', 23}));
    if (kind % 3 == 2) client.send_bytes(mutations.rest());
  }
}

void play(testing::End& server, Mutations& mutations) {
  ScriptedClient client(server);
  const std::uint8_t shape = mutations.next();
  if ((shape & is_raw) != 0) return server.deliver(mutations.rest());
  ClientHello hello = client.client_hello(group_of(shape));
  if (!say_hello(client, hello, mutations, shape)) return;
  if ((shape & retries) != 0) {
    hello.key_share = {client.make_share(NamedGroup::x25519)};
    if (!say_hello(client, hello, mutations, shape)) return;
  }
  if ((shape & compatible) != 0) client.send_change_cipher_spec();
  const Message finished = client.finished();
  if ((shape & finishes) == 0) return client.send(mutations.change(finished));
  client.derive_application_keys();
  client.send(finished);
  if (!server.complete) std::abort();
  say_more(client, mutations);
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
