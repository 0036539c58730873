// A whole client against a server whose flight the input changes. Transcript, signature and Finished are made over the
// changed messages and all are sealed with the keys that the client reads with, so that a change reaches as deep as its
// message is accepted. A flight that was not changed must complete.
#include <chrono>

#include "fuzz/mutations.h"
#include "padlock/tls/testing/sessions.h"

namespace {

using namespace padlock;
using namespace padlock::tls;
using fuzz::Mutations;
using testing::Message;
using testing::ScriptedServer;
using testing::to_message;

constexpr std::uint8_t retries = 1;
constexpr std::uint8_t requests = 2;
constexpr std::uint8_t says_all = 4;  // every extension that an answer may have
constexpr std::uint8_t cuts = 8;      // each message comes in two records
constexpr std::uint8_t is_hybrid = 16;
constexpr std::uint8_t resumes = 32;  // goes on from a session that the client offers

const testing::SessionPtr& session() {
  static const auto kept =
      testing::resume({.alpn = {"http/1.1"}, .resumption = true},
                      {.alpn = {"http/1.1"}, .ticket_keys = testing::ticket_keys(), .max_early_data_size = 1000},
                      nullptr, testing::later(std::chrono::seconds(0)))
          .client.sessions.at(0);
  return kept;
}

/// Sends the message as the input wants it.
void say(ScriptedServer& server, const Message& good, Mutations& mutations, std::uint8_t shape) {
  const Message message = mutations.change(good);
  if ((shape & cuts) == 0) return server.send(message);
  server.send_cut(message, 1 + mutations.next() % message.size());
}

EncryptedExtensions extensions_of(const ScriptedServer& server, std::uint8_t shape) {
  if ((shape & says_all) == 0) return server.encrypted_extensions();
  EncryptedExtensions extensions;
  extensions.server_name = true;
  extensions.supported_groups = list_of(default_groups());
  extensions.application_layer_protocol_negotiation = {{"http/1.1"}};
  extensions.record_size_limit = limits::inner_plaintext;
  extensions.early_data = server.hello.early_data;
  return extensions;
}

Certificate certificate_of(const ScriptedServer& server, std::uint8_t shape) {
  Certificate certificate = server.certificate();
  if ((shape & says_all) == 0) return certificate;
  certificate.certificate_list.front().ocsp_response = {0x30, 0x00};
  certificate.certificate_list.front().signed_certificate_timestamps = {0, 4, 0, 2, 7, 7};
  return certificate;
}

/// False: the connection is over, or will never have the keys.
bool say_hello(ScriptedServer& server, Mutations& mutations, std::uint8_t shape) {
  if ((shape & retries) != 0) {
    const HelloRetryRequest retry = server.hello_retry_request(NamedGroup::secp256r1);
    const Message message = mutations.change(to_message(retry));
    if (mutations.changed()) {
      server.send(message);
      return false;
    }
    server.send(retry);
  }
  ServerHello hello = server.server_hello();
  if ((shape & resumes) != 0) {
    hello.pre_shared_key = 0;
    server.use_psk(session()->secret.reveal());
  }
  say(server, to_message(hello), mutations, shape);
  if (server.failed()) return false;
  server.use_handshake_keys();
  return true;
}

void say_flight(ScriptedServer& server, Mutations& mutations, std::uint8_t shape) {
  say(server, to_message(extensions_of(server, shape)), mutations, shape);
  if ((shape & resumes) != 0) return say(server, server.finished(), mutations, shape);
  if ((shape & requests) != 0) {
    say(server, to_message(CertificateRequest{{}, list_of(default_signature_schemes()), {}}), mutations, shape);
  }
  say(server, to_message(certificate_of(server, shape)), mutations, shape);
  say(server, server.certificate_verify(), mutations, shape);
  say(server, server.finished(), mutations, shape);
}

void say_more(ScriptedServer& server, Mutations& mutations) {
  server.use_application_keys();
  while (!mutations.empty() && !server.failed()) {
    const std::uint8_t kind = mutations.next();
    if (kind % 4 == 0) server.send(mutations.change(testing::new_session_ticket()));
    if (kind % 4 == 1) server.send_inner(mutations.change({'d', 'a', 't', 'a', 23}));
    if (kind % 4 == 2) server.send_bytes(mutations.rest());
    if (kind % 4 == 3) {
      server.send(mutations.change(testing::key_update(kind >> 2 & 1)));
      server.next_write_key();
    }
  }
}

void play(testing::End& client, Mutations& mutations) {
  if (client.connection.early_data_room() > 0 && !client.connection.send(as_bytes("early"))) std::abort();
  ScriptedServer server(client);
  const std::uint8_t shape = mutations.next();
  if (!say_hello(server, mutations, shape)) return;
  say_flight(server, mutations, shape);
  if (!mutations.changed() && !client.complete) std::abort();
  if (client.complete) say_more(server, mutations);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // libFuzzer hands out one buffer
  const Bytes input(data, size);
  PADLOCK_UNSAFE_BUFFERS_END
  // Mostly without ML-KEM, which has a target of its own and takes most of a handshake's time here.
  static const auto plain =
      std::make_shared<const ClientConfig>(ClientConfig{.groups = {NamedGroup::x25519, NamedGroup::secp256r1},
                                                        .key_share_count = 1,
                                                        .alpn = {"http/1.1"},
                                                        .certificates = true,
                                                        .resumption = true,
                                                        .early_data = true});
  static const auto hybrid = std::make_shared<const ClientConfig>(
      ClientConfig{.alpn = {"http/1.1"}, .certificates = true, .resumption = true, .early_data = true});
  Mutations mutations(input);
  const std::uint8_t shape = input.empty() ? 0 : input[0];
  Resumption resumption{nullptr, testing::later(std::chrono::seconds(1))};
  if ((shape & resumes) != 0) resumption.session = session();
  testing::End client = testing::End::client((shape & is_hybrid) != 0 ? hybrid : plain, nullptr, nullptr, "server.test",
                                             std::move(resumption));
  play(client, mutations);
  fuzz::check_end(client);
  return 0;
}
