// A whole client against a server whose flight the input changes. Transcript, signature and Finished are made over the
// changed messages, so that a change reaches as deep as its message is accepted.
#include "fuzz/mutations.h"

namespace {

using namespace padlock;
using namespace padlock::tls;
using fuzz::Mutations;
using testing::to_message;

void play(testing::End& client, Mutations& mutations) {
  testing::ScriptedServer server(client);
  const std::uint8_t shape = mutations.next();
  if ((shape & 1) != 0) {
    server.send(mutations.change(to_message(server.hello_retry_request(NamedGroup::secp256r1))));
    return;
  }
  server.send(mutations.change(to_message(server.server_hello())));
  if (client.failed) return;
  server.use_handshake_keys();
  server.send(mutations.change(to_message(server.encrypted_extensions())));
  if ((shape & 2) != 0) {
    server.send(mutations.change(to_message(CertificateRequest{{}, list_of(default_signature_schemes()), {}})));
  }
  server.send(mutations.change(to_message(server.certificate())));
  server.send(mutations.change(server.certificate_verify()));
  server.send(mutations.change(server.finished()));
  if (!client.complete) return;
  server.use_application_keys();
  while (!mutations.empty() && !client.failed) {
    const std::uint8_t kind = mutations.next();
    if (kind % 3 == 0) server.send(mutations.change(testing::new_session_ticket()));
    if (kind % 3 == 1) server.send_inner(mutations.change({'d', 'a', 't', 'a', 23}));
    if (kind % 3 == 2) server.send_bytes(mutations.rest());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // libFuzzer hands out one buffer
  const Bytes input(data, size);
  PADLOCK_UNSAFE_BUFFERS_END
  static const auto config = std::make_shared<const ClientConfig>(ClientConfig{.alpn = {"http/1.1"}});
  Mutations mutations(input);
  testing::End client = testing::End::client(config);
  play(client, mutations);
  fuzz::check_end(client);
  return 0;
}
