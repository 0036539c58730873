// A whole client against a server of TLS 1.2 whose flight the input changes. The signature covers what the server
// meant, Finished what was said, and what follows change_cipher_spec is sealed with the keys that the client reads
// with. A flight that was not changed must complete.
#include "fuzz/mutations.h"
#include "padlock/tls/testing/scripted_peer12.h"

namespace {

using namespace padlock;
using namespace padlock::tls;
using fuzz::Mutations;
using testing::Message;
using testing::ScriptedServer12;

constexpr std::uint8_t has_status = 1;
constexpr std::uint8_t requests = 2;
constexpr std::uint8_t cuts = 4;          // each message comes in two records
constexpr std::uint8_t offers_13 = 8;     // the client could do better
constexpr std::uint8_t keeps_quiet = 16;  // no change_cipher_spec

/// Sends the message as the input wants it.
void say(ScriptedServer12& server, const Message& good, Mutations& mutations, std::uint8_t shape) {
  const Message message = mutations.change(good);
  if ((shape & cuts) == 0) return server.send(message);
  server.send_cut(message, 1 + mutations.next() % message.size());
}

void say_flight(ScriptedServer12& server, Mutations& mutations, std::uint8_t shape) {
  say(server, server.server_hello((shape & has_status) != 0), mutations, shape);
  say(server, server.certificate(), mutations, shape);
  if ((shape & has_status) != 0) say(server, ScriptedServer12::certificate_status(), mutations, shape);
  say(server, server.server_key_exchange(), mutations, shape);
  if ((shape & requests) != 0) say(server, ScriptedServer12::certificate_request(), mutations, shape);
  say(server, ScriptedServer12::server_hello_done(), mutations, shape);
}

void say_more(ScriptedServer12& server, Mutations& mutations) {
  while (!mutations.empty() && !server.failed()) {
    const std::uint8_t kind = mutations.next();
    const Message hello_request = compose(HandshakeType::hello_request, [](Writer&) {});
    if (kind % 4 == 0) server.send_record(ContentType::handshake, mutations.change(hello_request), true);
    if (kind % 4 == 1) server.send_record(ContentType::application_data, mutations.change({'d', 'a', 't', 'a'}), true);
    if (kind % 4 == 2) server.send_bytes(mutations.rest());
    if (kind % 4 == 3) server.send_record(ContentType::alert, mutations.change({1, 100}), true);
  }
}

void play(testing::End& client, Mutations& mutations, std::uint8_t shape) {
  ScriptedServer12 server(client);
  say_flight(server, mutations, shape);
  server.read();
  if (!server.has_keys()) {
    if (!mutations.changed()) std::abort();
    return;
  }
  if ((shape & keeps_quiet) == 0) server.send_change_cipher_spec();
  say(server, server.finished(), mutations, shape);
  const bool is_good = (shape & keeps_quiet) == 0;
  if (!mutations.changed() && client.complete != is_good) std::abort();
  if (client.complete) say_more(server, mutations);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // libFuzzer hands out one buffer
  const Bytes input(data, size);
  PADLOCK_UNSAFE_BUFFERS_END
  const auto config_up_to = [](ProtocolVersion most) {
    return std::make_shared<const ClientConfig>(ClientConfig{.policy = Policy::intermediate,
                                                             .max_version = most,
                                                             .groups = {NamedGroup::x25519, NamedGroup::secp256r1},
                                                             .key_share_count = 1});
  };
  static const auto old = config_up_to(ProtocolVersion::TLS_1_2);
  static const auto both = config_up_to(ProtocolVersion::TLS_1_3);
  Mutations mutations(input);
  const std::uint8_t shape = mutations.next();
  testing::End client = testing::End::client((shape & offers_13) != 0 ? both : old);
  play(client, mutations, shape);
  fuzz::check_end(client);
  return 0;
}
