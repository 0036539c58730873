#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "padlock/client/observer.h"
#include "padlock/http/message/message.h"
#include "padlock/net/capture.h"
#include "padlock/net/observer.h"
#include "padlock/tls/observer.h"
#include "padlock/x509/verify.h"

/// What was heard of a running fetch, as values: the calls of the observers of net, tls and client.
namespace padlock::explain::trace {

struct Resolved {
  std::string host;
  std::vector<net::Endpoint> addresses;
};
struct Connecting {
  net::Endpoint remote;
};
struct ConnectFailed {
  net::Endpoint remote;
  std::string reason;
};
struct Connected {
  net::Endpoint local;
  net::Endpoint remote;
  net::TcpInfo info;
};
/// One record, or many of application data in a row that were added up.
struct Record {
  tls::Sender sender;
  tls::EncryptionLevel level;
  tls::ContentType outer;
  tls::ContentType inner;
  std::size_t wire_length;
  std::size_t plaintext_length;
  std::size_t count = 1;
};
struct HandshakeMessage {
  tls::Sender sender;
  tls::EncryptionLevel level;
  std::size_t length;
  std::vector<std::uint8_t> bytes{};  ///< empty if it was too much to keep
};
struct KeyDerived {
  std::string label;
  std::size_t length;
};
struct Chosen {
  std::string what, value, reason;
};
struct Alert {
  tls::Sender sender;
  AlertDescription description;
};
// ---- HTTP. `begin`: which byte of what its side says within TLS is the first.
struct RequestSent {
  http::Request request;
  client::FieldsOnStream place;
  std::size_t begin = 0;
};
struct ResponseHead {
  http::Response response;
  client::FieldsOnStream place;
  std::size_t begin = 0;
};
/// Fields behind the body, of HTTP/2.
struct Trailers {
  http::Fields fields;
  client::FieldsOnStream place;
  std::size_t begin = 0;
};
/// A frame of HTTP/2, or several of the same type in a row that were added up. DATA is the client's alone.
struct Http2Frames {
  tls::Sender sender;
  http::h2::FrameHeader header;         ///< of the first
  std::vector<std::uint8_t> payload{};  ///< of the first, its beginning
  std::size_t bytes = 0;                ///< of all, with their headers
  std::size_t payload_bytes = 0;        ///< of all
  std::size_t count = 1;
  std::size_t begin = 0;
};
/// Of the response before it, all its pieces that stand in a row.
struct Body {
  std::size_t bytes;
  std::chrono::nanoseconds last{};  ///< when its last piece came
  std::size_t framed = 0;           ///< HTTP/2: bytes of the DATA frames; 0: not known
  std::size_t begin = 0;
};
/// The server did nothing with the request: it goes once more.
struct SentAgain {
  std::string why;
};
struct ResponseEnd {};
struct Judged {
  x509::Verdict verdict;
};
struct Closed {
  net::CloseKind how;
};

struct Event {
  std::chrono::nanoseconds at;  ///< since the first event
  std::variant<Resolved, Connecting, ConnectFailed, Connected, Record, HandshakeMessage, KeyDerived, Chosen, Alert,
               RequestSent, ResponseHead, Trailers, Http2Frames, Body, SentAgain, ResponseEnd, Judged, Closed>
      what;
};

/// What one side sent over a connection.
struct Stream {
  std::vector<std::uint8_t> kept{};  ///< the beginning, up to limits.h
  std::size_t length = 0;            ///< the whole
  std::chrono::nanoseconds last{};   ///< when its last byte passed
};

/// What passed over one connection, beside its events.
struct Connection {
  Stream client;
  Stream server;
  std::vector<net::Packet> packets{};  ///< empty unless they could be captured
  const Stream& of(tls::Sender sender) const { return sender == tls::Sender::client ? client : server; }
};

/// A whole fetch. The n-th Connected of `events` begins `connections[n]`.
struct Trace {
  std::chrono::sys_time<std::chrono::nanoseconds> began{};  ///< civil time of the first event
  std::vector<Event> events{};
  std::vector<Connection> connections{};
  std::size_t events_left_out = 0;  ///< beyond limits.h
  std::string not_captured{};       ///< why packets are missing; empty: they were captured, or nothing was tried
};

}  // namespace padlock::explain::trace
