// Handshake messages: whatever the bytes are, parsers stay inside them; and what was understood is written and read
// back as the same.
#include <cstdlib>
#include <span>

#include "padlock/tls/observer.h"
#include "padlock/tls/testing/scripted_peer.h"
#include "padlock/tls/wire/certificate.h"
#include "padlock/tls/wire/client_hello.h"
#include "padlock/tls/wire/encrypted_extensions.h"
#include "padlock/tls/wire/handshake_message.h"
#include "padlock/tls/wire/server_hello.h"

namespace {

using namespace padlock;
using namespace padlock::tls;

/// Every field lies inside the message.
struct Fence : AnnotationSink {
  explicit Fence(std::size_t message_size) : size(message_size) {}
  void field(const Annotation& annotation) override {
    if (annotation.offset > size || annotation.length > size - annotation.offset) std::abort();
  }
  void meaning(std::string_view) override {}
  std::size_t size;
};

Reader body_of(const testing::Message& message) {
  return Reader(Bytes(message).subspan(handshake_header_length), "Message");
}

void check(bool good) {
  if (!good) std::abort();
}

void check_round_trip(const HandshakeMessage& message) {
  const Reader body(message.body, "Message");
  if (message.type == HandshakeType::client_hello) {
    auto first = parse_client_hello(body);
    if (!first) return;
    auto second = parse_client_hello(body_of(testing::to_message(*first)));
    check(second.has_value());
    first->extension_types = second->extension_types;  // those that nobody reads are not written
    check(*first == *second);
  } else if (message.type == HandshakeType::server_hello) {
    auto first = parse_server_hello(body);
    if (!first || !std::holds_alternative<ServerHello>(*first)) return;
    auto& hello = std::get<ServerHello>(*first);
    auto second = parse_server_hello(body_of(testing::to_message(hello)));
    check(second.has_value());
    hello.extension_types = std::get<ServerHello>(*second).extension_types;
    check(hello == std::get<ServerHello>(*second));
  } else if (message.type == HandshakeType::encrypted_extensions) {
    auto first = parse_encrypted_extensions(body);
    if (!first) return;
    auto second = parse_encrypted_extensions(body_of(testing::to_message(*first)));
    check(second.has_value());
    first->extension_types = second->extension_types;
    check(*first == *second);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // libFuzzer hands out one buffer
  const Bytes input(data, size);
  PADLOCK_UNSAFE_BUFFERS_END
  Fence fence(size);
  (void)annotate(input, fence);
  if (const auto message = parse_handshake_message(input)) check_round_trip(*message);
  return 0;
}
