#include "padlock/explain/testing/recording.h"

#include <fstream>
#include <map>

#include "padlock/base/text.h"

namespace padlock::explain::testing {
namespace {

using tls::ContentType;
using tls::EncryptionLevel;
using tls::Sender;

constexpr std::size_t header_length = 5;
constexpr std::size_t tag_length = 16;
/// 2026-03-01 12:00 UTC.
constexpr std::chrono::sys_seconds civil_start{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} +
                                               std::chrono::hours(12)};

/// A file of names, each with lines of hex below it.
std::map<std::string, Octets> read_values(const std::string& path) {
  std::ifstream in(path);
  std::map<std::string, std::string> hex;
  std::string line, name;
  while (std::getline(in, line)) {
    if (line.starts_with('#')) continue;
    if (!line.starts_with(' ')) name = line;
    if (line.starts_with(' ')) hex[name] += line.substr(1);
  }
  std::map<std::string, Octets> values;
  for (const auto& [key, digits] : hex) values[key] = from_hex(digits).value();
  return values;
}

}  // namespace

Recording::Recording(PacketTap* tap)
    : recorder(
          [this] {
            now_ += std::chrono::microseconds(100);
            return Moment{now_, civil_start + now_};
          },
          tap) {}

void Recording::connect(const std::string& host) {
  recorder.resolved(host, std::span(&server_end, 1));
  recorder.connecting(server_end);
  recorder.connected(
      client_end, server_end,
      {.rtt = std::chrono::microseconds(80), .send_mss = 1460, .timestamps = true, .selective_acknowledgement = true});
}

void Recording::plain_record(Sender sender, ContentType type, Bytes content) {
  Octets wire{static_cast<std::uint8_t>(type), 3, 3, static_cast<std::uint8_t>(content.size() >> 8U),
              static_cast<std::uint8_t>(content.size())};
  wire.insert(wire.end(), content.begin(), content.end());
  recorder.wire(sender, wire);
  recorder.record(sender, EncryptionLevel::plaintext, type, type, wire.size(), content.size());
}

void Recording::sealed_record(Sender sender, EncryptionLevel level, ContentType inner, std::size_t plaintext_length) {
  const std::size_t length = plaintext_length + 1 + tag_length;
  Octets wire{23, 3, 3, static_cast<std::uint8_t>(length >> 8U), static_cast<std::uint8_t>(length)};
  wire.resize(header_length + length, 0xc5);
  recorder.wire(sender, wire);
  recorder.record(sender, level, ContentType::application_data, inner, wire.size(), plaintext_length);
}

void Recording::plain_message(Sender sender, const Octets& message) {
  recorder.handshake_message(sender, EncryptionLevel::plaintext, message);
  plain_record(sender, ContentType::handshake, message);
}

void Recording::request(const std::string& target, std::size_t bytes) {
  http::Request request{"GET", "https", "server", target, {}};
  request.fields.add("Accept", "*/*");
  recorder.request_sent(request, {.bytes = bytes});
}

void Recording::response(int status, std::size_t bytes) {
  http::Response response{status, {}};
  response.fields.add("Content-Type", "text/plain");
  recorder.response_head(response, {.bytes = bytes});
}

void Recording::frame(Sender sender, http::h2::FrameType type, std::uint8_t flags, http::h2::StreamId stream,
                      const Octets& payload, std::size_t before) {
  const std::size_t bytes = before + http::h2::FrameHeader::size + payload.size();
  const http::h2::FrameHeader header{static_cast<std::uint32_t>(payload.size()), type, flags, stream};
  sealed_record(sender, EncryptionLevel::application, ContentType::application_data, bytes);
  recorder.http2_frame({.sender = sender, .header = header, .payload = payload, .bytes = bytes});
}

client::FieldsOnStream Recording::fields(Sender sender, std::size_t bytes, bool ends_stream) {
  sealed_record(sender, EncryptionLevel::application, ContentType::application_data, bytes);
  return {.version = client::HttpVersion::HTTP_2, .bytes = bytes, .stream = 1, .ends_stream = ends_stream};
}

namespace {

/// What the client says over HTTP/2.
void tell_http2_request(Recording& told) {
  using http::h2::FrameType;
  told.frame(Sender::client, FrameType::SETTINGS, 0, 0, {0, 2, 0, 0, 0, 0, 0, 4, 0, 0x10, 0, 0},
             http::h2::connection_preface.size());
  told.frame(Sender::client, FrameType::WINDOW_UPDATE, 0, 0, {0, 0x3f, 0, 1});
  http::Request request{"POST", "https", "server", "/form", {}};
  request.fields.add("Content-Type", "text/plain");
  request.fields.add("Cookie", "secret=1");
  told.recorder.request_sent(request, told.fields(Sender::client, 60));
  for (const bool last : {false, true})
    told.frame(Sender::client, FrameType::DATA, static_cast<std::uint8_t>(last ? 1 : 0), 1, Octets(700, 'u'));
}

/// And what the server does.
void tell_http2_response(Recording& told) {
  using http::h2::FrameType;
  Recorder& to = told.recorder;
  constexpr auto server = Sender::server;
  constexpr std::uint8_t ack = http::h2::flags::ACK;
  told.frame(server, FrameType::SETTINGS, 0, 0, {0, 3, 0, 0, 0, 100, 0xfa, 0xce, 0, 0, 0, 7});
  told.frame(server, FrameType::SETTINGS, ack, 0);
  told.frame(Sender::client, FrameType::SETTINGS, ack, 0);
  told.frame(server, FrameType::PING, 0, 0, Octets(8, 'p'));
  told.frame(Sender::client, FrameType::PING, ack, 0, Octets(8, 'p'));
  told.frame(server, FrameType::WINDOW_UPDATE, 0, 1, {0, 0, 2, 0xbc});
  told.frame(server, FrameType::WINDOW_UPDATE, 0, 0, {0, 0, 2, 0xbc});
  told.frame(server, FrameType::PUSH_PROMISE, 4, 1, {0, 0, 0, 2});
  told.frame(server, FrameType{0x42}, 0, 1, {1, 2, 3});
  http::Response response{103, {}};
  response.fields.add("link", "</style.css>");
  to.response_head(response, told.fields(server, 30));
  response = {200, {}};
  response.fields.add("content-type", "text/plain");
  to.response_head(response, told.fields(server, 40));
  for (int i = 0; i < 3; ++i) {
    to.body(100);
    told.frame(server, FrameType::DATA, 0, 1, Octets(100, 'd'));
  }
  http::Fields trailers;
  trailers.add("x-sum", "1");
  to.trailers(trailers, told.fields(server, 20, true));
  to.response_end();
  told.frame(server, FrameType::RST_STREAM, 0, 1, {0, 0, 0, 0});
  told.frame(server, FrameType::GOAWAY, 0, 0, {0, 0, 0, 1, 0, 0, 0, 0xb, 'b', 'y', 'e', 7});
}

}  // namespace

trace::Trace http2_trace() {
  const auto values = read_values("padlock/tls/testdata/rfc8448/section3.txt");
  Recording told;
  told.connect();
  told.plain_message(Sender::client, values.at("client_hello"));
  told.plain_message(Sender::server, values.at("server_hello"));
  tell_http2_request(told);
  tell_http2_response(told);
  told.recorder.closed(net::CloseKind::fin_by_us);
  return told.take();
}

trace::Trace rfc8448_trace() {
  const auto values = read_values("padlock/tls/testdata/rfc8448/section3.txt");
  Recording told;
  Recorder& to = told.recorder;
  constexpr auto handshake = EncryptionLevel::handshake;
  constexpr auto application = EncryptionLevel::application;
  told.connect();
  told.plain_message(Sender::client, values.at("client_hello"));
  told.plain_message(Sender::server, values.at("server_hello"));
  to.chosen("cipher_suite", "TLS_AES_128_GCM_SHA256", "the server chose it from what this client offered");
  to.key_derived("client_handshake_traffic_secret", 32);
  to.key_derived("server_handshake_traffic_secret", 32);
  const Octets& flight = values.at("server_flight_record");
  to.wire(Sender::server, flight);
  to.record(Sender::server, handshake, ContentType::application_data, ContentType::handshake, flight.size(),
            flight.size() - header_length - tag_length - 1);
  for (const auto* name : {"encrypted_extensions", "certificate", "certificate_verify", "finished"}) {
    to.handshake_message(Sender::server, handshake, values.at(name));
  }
  to.key_derived("client_application_traffic_secret_0", 32);
  Octets client_finished{20, 0, 0, 32};
  const Octets& verify_data = values.at("client_finished_verify_data");
  client_finished.insert(client_finished.end(), verify_data.begin(), verify_data.end());
  to.handshake_message(Sender::client, handshake, client_finished);
  told.sealed_record(Sender::client, handshake, ContentType::handshake, client_finished.size());
  told.request("/", 40);
  told.sealed_record(Sender::client, application, ContentType::application_data, 40);
  const Octets& data = values.at("server_data_record");
  to.wire(Sender::server, data);
  to.record(Sender::server, application, ContentType::application_data, ContentType::application_data, data.size(), 50);
  told.response(200, 30);
  to.body(20);
  to.response_end();
  const Octets& close = values.at("server_close_record");
  to.wire(Sender::server, close);
  to.record(Sender::server, application, ContentType::application_data, ContentType::alert, close.size(), 2);
  to.alert(Sender::server, application, AlertDescription::close_notify);
  to.closed(net::CloseKind::fin_by_peer);
  return told.take();
}

trace::Trace tls12_trace() {
  constexpr auto sealed = EncryptionLevel::application;
  constexpr std::size_t framing = 5 + 8 + 16;  // header, explicit nonce, tag
  const auto values = read_values("padlock/explain/testdata/tls12.txt");
  Recording told;
  Recorder& to = told.recorder;
  const auto record = [&](Sender sender, ContentType type, const std::string& name) {
    const Octets& wire = values.at(name);
    to.wire(sender, wire);
    to.record(sender, sealed, type, type, wire.size(), wire.size() - framing);
  };
  told.connect();
  told.plain_message(Sender::client, values.at("client_hello"));
  told.plain_message(Sender::server, values.at("server_hello"));
  constexpr std::string_view reason = "the server chose it from what this client offered";
  to.chosen("version", "TLS 1.2", reason);
  to.chosen("cipher_suite", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", reason);
  for (const auto* name : {"certificate", "server_key_exchange", "server_hello_done"}) {
    told.plain_message(Sender::server, values.at(name));
  }
  told.plain_message(Sender::client, values.at("client_key_exchange"));
  to.key_derived("pre_master_secret", 32);
  to.key_derived("master_secret", 48);
  to.key_derived("client_write_key", 16);
  to.key_derived("server_write_key", 16);
  for (const auto sender : {Sender::client, Sender::server}) {
    const std::string name = sender == Sender::client ? "client_finished" : "server_finished";
    told.plain_record(sender, ContentType::change_cipher_spec, Octets{1});
    to.handshake_message(sender, sealed, values.at(name));
    record(sender, ContentType::handshake, name + "_record");
  }
  told.request("/secret.txt", 76);
  record(Sender::client, ContentType::application_data, "request_record");
  record(Sender::server, ContentType::application_data, "response_record");
  told.response(200, 64);
  to.body(7);
  to.response_end();
  to.alert(Sender::client, sealed, AlertDescription::close_notify);
  record(Sender::client, ContentType::alert, "client_close_record");
  to.closed(net::CloseKind::fin_by_us);
  return told.take();
}

}  // namespace padlock::explain::testing
