// A whole server against a client whose messages the input changes: hellos in the clear, what follows sealed with the
// keys that the server reads with. A flight that was not changed must complete.
#include <chrono>

#include "fuzz/mutations.h"
#include "padlock/tls/testing/sessions.h"

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
constexpr std::uint8_t cuts = 32;                       // hellos come in two records
constexpr std::uint8_t resumes = 64;                    // goes on from a session
constexpr std::uint8_t is_asked = 128;                  // for its certificate, which it shows
constexpr std::uint8_t is_early = resumes | is_hybrid;  // with early data

/// One for all inputs: whatever a client says, its keys and clock stay as they are.
const std::shared_ptr<const ServerConfig>& config() {
  static const auto made = std::make_shared<const ServerConfig>(
      ServerConfig{.alpn = {"http/1.1"}, .ticket_keys = testing::ticket_keys(), .max_early_data_size = 1000});
  return made;
}

const testing::SessionPtr& session() {
  static const auto kept =
      testing::resume({.resumption = true}, *config(), nullptr, testing::later(std::chrono::seconds(0)))
          .client.sessions.at(0);
  return kept;
}

void offer_session(ScriptedClient& client, ClientHello& hello, std::uint8_t shape) {
  hello.early_data = (shape & is_early) == is_early;
  hello.psk_key_exchange_modes = {{psk_dhe_ke}};
  hello.pre_shared_key.emplace();
  const std::uint32_t age = 1000 + session()->ticket_age_add;  // a second old
  hello.pre_shared_key->identities.push_back({{session()->ticket.begin(), session()->ticket.end()}, age});
  hello.pre_shared_key->binders.emplace_back(std::size_t{32}, std::uint8_t{0});
  client.put_binder(hello, 0, session()->secret.reveal());
  client.use_psk(session()->secret.reveal());
}

/// Certificate and CertificateVerify.
void show_certificate(ScriptedClient& client, Mutations& mutations) {
  const auto credential = testing::credential();
  Certificate certificate;
  for (const auto& der : credential->chain) certificate.certificate_list.push_back({.cert_data = der});
  client.send(mutations.change(to_message(certificate)));
  const SignatureScheme scheme = credential->key->schemes().front();
  auto content = certificate_verify_content(Sender::client, client.negotiated().transcript.digest());
  client.send(mutations.change(to_message(CertificateVerify{scheme, credential->key->sign(scheme, content).value()})));
}

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

/// Early data and its end.
void say_early(ScriptedClient& client, Mutations& mutations) {
  client.use_early_key();
  client.send_inner(mutations.change({'e', 'a', 'r', 'l', 'y', 23}));
  client.send(mutations.change(compose(HandshakeType::end_of_early_data, [](Writer&) {})));
  client.use_handshake_key();
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
  const bool offers = (shape & resumes) != 0 && (shape & (retries | is_asked)) == 0;
  if (offers) offer_session(client, hello, shape);
  if (!say_hello(client, hello, mutations, shape)) return;
  if ((shape & retries) != 0) {
    hello.key_share = {client.make_share(NamedGroup::x25519)};
    if (!say_hello(client, hello, mutations, shape)) return;
  }
  if ((shape & compatible) != 0) client.send_change_cipher_spec();
  client.derive_application_keys();  // they cover no message of the client's flight
  if (hello.early_data) say_early(client, mutations);
  if ((shape & is_asked) != 0) show_certificate(client, mutations);
  if (mutations.changed()) return client.send(client.finished());
  const Message finished = client.finished();
  if ((shape & finishes) == 0) return client.send(mutations.change(finished));
  client.send(finished);
  if (!server.complete) std::abort();
  say_more(client, mutations);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // libFuzzer hands out one buffer
  const Bytes input(data, size);
  PADLOCK_UNSAFE_BUFFERS_END
  Mutations mutations(input);
  testing::End server = testing::End::server(config());
  server.now = testing::later(std::chrono::seconds(1));
  if (!input.empty() && (input[0] & is_asked) != 0) server.credential = testing::asking_credential();
  play(server, mutations);
  fuzz::check_end(server);
  return 0;
}
