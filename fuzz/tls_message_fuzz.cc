// One handshake message, PADLOCK_MESSAGE of PADLOCK_VERSION, whose body is the input: its parser stays inside it and
// tells of no field outside; what was understood is written and read back as the same. Built once for each message.
#include <algorithm>
#include <cstdlib>
#include <span>
#include <variant>
#include <vector>

#include "padlock/tls/handshake/certificate_message.h"
#include "padlock/tls/limits.h"
#include "padlock/tls/observer.h"
#include "padlock/tls/wire/certificate.h"
#include "padlock/tls/wire/client_hello.h"
#include "padlock/tls/wire/compressed_certificate.h"
#include "padlock/tls/wire/encrypted_extensions.h"
#include "padlock/tls/wire/handshake_message.h"
#include "padlock/tls/wire/post_handshake.h"
#include "padlock/tls/wire/server_hello.h"
#include "padlock/tls/wire/tls12.h"

namespace {

using namespace padlock;
using namespace padlock::tls;

void check(bool good) {
  if (!good) std::abort();
}

/// Every field lies inside the message.
struct Fence : AnnotationSink {
  explicit Fence(std::size_t message_size) : size(message_size) {}
  void field(const Annotation& annotation) override {
    check(annotation.offset <= size && annotation.length <= size - annotation.offset);
  }
  void meaning(std::string_view) override {}
  std::size_t size;
};

template <class Write>
std::vector<std::uint8_t> written(Write&& write) {
  std::vector<std::uint8_t> bytes;
  Writer out(bytes);
  write(out);
  return bytes;
}

/// Types that nobody reads are not written, so they do not count.
template <class Message>
Message without_types(Message message) {
  message.extension_types.clear();
  return message;
}
Certificate without_types(Certificate message) {
  for (CertificateEntry& entry : message.certificate_list) entry.extension_types.clear();
  return message;
}

template <class Message, class Write, class Parse>
void check_round_trip(const Message& first, Write&& write, Parse&& parse) {
  const auto bytes = written([&](Writer& out) { write(out, first); });
  const auto second = parse(Reader(bytes, "Message"));
  check(second.has_value());
  check(without_types(first) == without_types(*second));
}

[[maybe_unused]] void read_server_hello(Reader body) {
  const auto parsed = parse_server_hello(body);
  if (!parsed) return;
  const auto again = [](Reader in) { return parse_server_hello(in).value(); };
  if (const auto* hello = std::get_if<ServerHello>(&*parsed)) {
    check_round_trip(*hello, write_server_hello,
                     [&](Reader in) { return Result<ServerHello>(std::get<ServerHello>(again(in))); });
  } else {
    check_round_trip(std::get<HelloRetryRequest>(*parsed), write_hello_retry_request,
                     [&](Reader in) { return Result<HelloRetryRequest>(std::get<HelloRetryRequest>(again(in))); });
  }
}

[[maybe_unused]] void read_certificate(Reader body) {
  const auto parsed = parse_certificate(body);
  if (!parsed) return;
  check(parsed->certificate_list.size() <= limits::certificates);
  check_round_trip(
      *parsed, [](Writer& out, const Certificate& message) { write_certificate(out, message); }, parse_certificate);
}

/// What comes out is a Certificate as any other.
[[maybe_unused]] void read_compressed_certificate(Bytes input) {
  const HandshakeMessage message{HandshakeType::compressed_certificate, input, {}};
  const auto taken = take_certificate(message, default_certificate_compression());
  if (taken) check(taken->certificate_list.size() <= limits::certificates);
}

/// Messages without extensions are written as the very bytes that were read.
template <class Parsed, class Write>
void check_same_bytes(const Parsed& parsed, Bytes input, Write&& write) {
  if (parsed) check(std::ranges::equal(written([&](Writer& out) { write(out, *parsed); }), input));
}

constexpr HandshakeType type = HandshakeType::PADLOCK_MESSAGE;
constexpr ProtocolVersion version = ProtocolVersion::PADLOCK_VERSION;

[[maybe_unused]] void read_server_key_exchange(Reader body, Bytes input, KeyExchange key_exchange) {
  const auto parsed = tls12::parse_server_key_exchange(body, key_exchange);
  if (!parsed) return;
  if (const auto* ecdh = std::get_if<tls12::ServerECDHParams>(&parsed->params)) {
    const auto params = written([&](Writer& out) { tls12::write_server_ecdh_params(out, ecdh->group, ecdh->point); });
    check(std::ranges::equal(params, parsed->signed_params));
  }
  check_same_bytes(parsed, input, [](Writer& out, const tls12::ServerKeyExchange& exchange) {
    tls12::write_server_key_exchange(out, exchange.signed_params, exchange.algorithm, exchange.signature);
  });
}

/// Of TLS 1.2; its hellos are among the others.
[[maybe_unused]] void read_body12(Bytes input) {
  const Reader body(input, "Message");
  if constexpr (type == HandshakeType::certificate) {
    const auto parsed = tls12::parse_certificate(body);
    if (parsed) check(parsed->size() <= limits::certificates);
    check_same_bytes(parsed, input, [](Writer& out, const auto& chain) { tls12::write_certificate(out, chain); });
  } else if constexpr (type == HandshakeType::certificate_status) {
    check_same_bytes(tls12::parse_certificate_status(body), input,
                     [](Writer& out, const auto& response) { tls12::write_certificate_status(out, response); });
  } else if constexpr (type == HandshakeType::server_key_exchange) {
    read_server_key_exchange(body, input, KeyExchange::ecdhe);
    read_server_key_exchange(body, input, KeyExchange::dhe);
  } else if constexpr (type == HandshakeType::client_key_exchange) {
    for (const KeyExchange key_exchange : {KeyExchange::ecdhe, KeyExchange::dhe, KeyExchange::rsa}) {
      check_same_bytes(tls12::parse_client_key_exchange(body, key_exchange), input, [&](Writer& out, const auto& keys) {
        tls12::write_client_key_exchange(out, key_exchange, keys);
      });
    }
  } else if constexpr (type == HandshakeType::certificate_request) {
    const auto parsed = tls12::parse_certificate_request(body);  // nobody writes it
    if (parsed) check(2 * parsed->signature_algorithms.size() <= input.size());
  }
}

[[maybe_unused]] void read_body13(Bytes input) {
  const Reader body(input, "Message");
  if constexpr (type == HandshakeType::client_hello) {
    const auto parsed = parse_client_hello(body);
    if (!parsed) return;
    check(!parsed->key_share || parsed->key_share->size() <= limits::key_shares);
    check(parsed->extension_types.size() <= limits::extensions);
    check_round_trip(*parsed, write_client_hello, [](Reader in) { return parse_client_hello(in); });
  } else if constexpr (type == HandshakeType::server_hello) {
    read_server_hello(body);
  } else if constexpr (type == HandshakeType::encrypted_extensions) {
    const auto parsed = parse_encrypted_extensions(body);
    if (parsed)
      check_round_trip(*parsed, write_encrypted_extensions, [](Reader in) { return parse_encrypted_extensions(in); });
  } else if constexpr (type == HandshakeType::certificate) {
    read_certificate(body);
  } else if constexpr (type == HandshakeType::certificate_request) {
    const auto parsed = parse_certificate_request(body);
    // Without signature_algorithms it cannot be written: its block of extensions is never empty.
    if (parsed && parsed->signature_algorithms)
      check_round_trip(*parsed, write_certificate_request, parse_certificate_request);
  } else if constexpr (type == HandshakeType::compressed_certificate) {
    check_same_bytes(parse_compressed_certificate(body), input, write_compressed_certificate);
    read_compressed_certificate(input);
  } else if constexpr (type == HandshakeType::certificate_verify) {
    check_same_bytes(parse_certificate_verify(body), input, write_certificate_verify);
  } else if constexpr (type == HandshakeType::finished) {
    check_same_bytes(parse_finished(body), input, write_finished);
  } else if constexpr (type == HandshakeType::key_update) {
    check_same_bytes(parse_key_update(body), input, write_key_update);
  } else if constexpr (type == HandshakeType::new_session_ticket) {
    const auto parsed = parse_new_session_ticket(body);
    if (parsed) check_round_trip(*parsed, write_new_session_ticket, parse_new_session_ticket);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // libFuzzer hands out one buffer
  const Bytes input(data, size);
  PADLOCK_UNSAFE_BUFFERS_END
  if (size > limits::handshake_message) return 0;
  version == ProtocolVersion::TLS_1_2 ? read_body12(input) : read_body13(input);
  const auto message =
      written([&](Writer& out) { write_handshake_message(out, type, [&](Writer& body) { body.bytes(input); }); });
  Fence fence(message.size());
  (void)annotate(message, version, fence);
  return 0;
}
