// A whole server against a client of TLS 1.2 whose messages the input changes: until change_cipher_spec in the clear,
// what follows sealed with the keys that the server reads with. A flight that was not changed must complete.
#include "fuzz/mutations.h"
#include "padlock/tls/testing/scripted_peer12.h"

namespace {

using namespace padlock;
using namespace padlock::tls;
using fuzz::Mutations;
using testing::Message;
using testing::ScriptedClient12;

constexpr std::uint8_t is_raw = 1;       // the input is what the client says
constexpr std::uint8_t cuts = 2;         // each message comes in two records
constexpr std::uint8_t keeps_quiet = 4;  // no change_cipher_spec
constexpr std::uint8_t speaks_13 = 8;    // the server could do better

/// Sends the message as the input wants it.
void say(ScriptedClient12& client, const Message& good, Mutations& mutations, std::uint8_t shape) {
  const Message message = mutations.change(good);
  if ((shape & cuts) == 0) return client.send(message);
  client.send_cut(message, 1 + mutations.next() % message.size());
}

void say_more(ScriptedClient12& client, Mutations& mutations) {
  while (!mutations.empty() && !client.failed()) {
    const std::uint8_t kind = mutations.next();
    if (kind % 4 == 0) client.send_record(ContentType::handshake, mutations.change(client.client_hello()), true);
    if (kind % 4 == 1) client.send_record(ContentType::application_data, mutations.change({'d', 'a', 't', 'a'}), true);
    if (kind % 4 == 2) client.send_bytes(mutations.rest());
    if (kind % 4 == 3) client.send_record(ContentType::alert, mutations.change({1, 100}), true);
  }
}

void play(testing::End& server, Mutations& mutations, std::uint8_t shape) {
  if ((shape & is_raw) != 0) return server.deliver(mutations.rest());
  ScriptedClient12 client(server);
  say(client, client.client_hello(), mutations, shape);
  if (!mutations.changed()) client.read();  // of a changed hello nobody knows what the server makes
  say(client, client.client_key_exchange(), mutations, shape);
  if ((shape & keeps_quiet) == 0) client.send_change_cipher_spec();
  say(client, client.finished(), mutations, shape);
  const bool is_good = (shape & keeps_quiet) == 0;
  if (!mutations.changed() && server.complete != is_good) std::abort();
  if (server.complete) say_more(client, mutations);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // libFuzzer hands out one buffer
  const Bytes input(data, size);
  PADLOCK_UNSAFE_BUFFERS_END
  const auto config_up_to = [](ProtocolVersion most) {
    return std::make_shared<const ServerConfig>(
        ServerConfig{.policy = Policy::intermediate, .max_version = most, .alpn = {"http/1.1"}});
  };
  static const auto old = config_up_to(ProtocolVersion::TLS_1_2);
  static const auto both = config_up_to(ProtocolVersion::TLS_1_3);
  Mutations mutations(input);
  const std::uint8_t shape = mutations.next();
  testing::End server = testing::End::server((shape & speaks_13) != 0 ? both : old);
  play(server, mutations, shape);
  fuzz::check_end(server);
  return 0;
}
