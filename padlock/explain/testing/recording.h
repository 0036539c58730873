#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "padlock/explain/recorder.h"

namespace padlock::explain::testing {

using Octets = std::vector<std::uint8_t>;

inline const net::Endpoint client_end{.address = *x509::parse_ip_address("192.0.2.1"), .port = 50000};
inline const net::Endpoint server_end{.address = *x509::parse_ip_address("192.0.2.7"), .port = 443};

/// A recorder under a clock that moves on by 0.1 ms at each reading, and short ways to tell it things.
class Recording {
 public:
  explicit Recording(PacketTap* tap = nullptr);
  Recorder recorder;
  trace::Trace take() { return recorder.take(); }

  /// From the look-up to the connection.
  void connect(const std::string& host = "server");
  /// A record with this content in the clear.
  void plain_record(tls::Sender sender, tls::ContentType type, Bytes content);
  /// A record that stands for `plaintext_length` sealed bytes.
  void sealed_record(tls::Sender sender, tls::EncryptionLevel level, tls::ContentType inner,
                     std::size_t plaintext_length);
  /// A handshake message in a plain record of its own.
  void plain_message(tls::Sender sender, const Octets& message);
  void request(const std::string& target, std::size_t bytes);
  void response(int status, std::size_t bytes);
  /// A frame of HTTP/2 in a sealed record of its own. `before`: bytes of a preface.
  void frame(tls::Sender sender, http::h2::FrameType type, std::uint8_t flags, http::h2::StreamId stream,
             const Octets& payload = {}, std::size_t before = 0);
  /// A block of fields, likewise; gives its place.
  client::FieldsOnStream fields(tls::Sender sender, std::size_t bytes, bool ends_stream = false);

 private:
  std::chrono::nanoseconds now_{};
};

/// The fetch of https://server/ whose handshake is RFC 8448, section 3: its messages and the server's records are those
/// printed there. The client's sealed records and HTTP are made up.
trace::Trace rfc8448_trace();

/// A POST to https://server/form over HTTP/2, with a frame of every kind: hellos of RFC 8448, the rest made up.
trace::Trace http2_trace();

/// The fetch of https://server/secret.txt over TLS 1.2 from OpenSSL's server, as it was recorded once.
trace::Trace tls12_trace();

}  // namespace padlock::explain::testing
