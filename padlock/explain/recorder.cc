#include "padlock/explain/recorder.h"

#include <algorithm>
#include <utility>

#include "padlock/explain/limits.h"

namespace padlock::explain {

Moment moment_now() { return {std::chrono::steady_clock::now().time_since_epoch(), std::chrono::system_clock::now()}; }

std::chrono::nanoseconds Recorder::now() {
  const Moment moment = clock_();
  if (!began_) {
    began_ = moment;
    trace_.began = moment.civil;
  }
  return moment.monotonic - began_->monotonic;
}

template <class What>
void Recorder::add(What what) {
  if (trace_.events.size() >= limits::events) {
    ++trace_.events_left_out;
    return;
  }
  add_always(std::move(what));
}

template <class What>
void Recorder::add_always(What what) {
  trace_.events.push_back({now(), std::move(what)});
}

trace::Trace Recorder::take() {
  collect_packets();
  if (tap_ != nullptr) trace_.not_captured = tap_->why_not();
  return std::move(trace_);
}

// ---- the network

void Recorder::resolved(std::string_view host, std::span<const net::Endpoint> addresses) {
  add_always(trace::Resolved{std::string(host), {addresses.begin(), addresses.end()}});
}

void Recorder::connecting(const net::Endpoint& remote) {
  collect_packets();  // of the connection before, after a redirect
  if (tap_ != nullptr) tap_->connecting(remote);
  add_always(trace::Connecting{remote});
}

void Recorder::connect_failed(const net::Endpoint& remote, std::string_view reason) {
  add_always(trace::ConnectFailed{remote, std::string(reason)});
}

void Recorder::connected(const net::Endpoint& local, const net::Endpoint& remote, const net::TcpInfo& info) {
  add_always(trace::Connected{local, remote, info});
  if (tap_ != nullptr) tap_->connected(local, remote);
  trace_.connections.emplace_back();
  data_records_ = {};
  said_ = {};
  body_.reset();
  body_seen_ = false;
}

void Recorder::wire(net::Sender sender, Bytes bytes) {
  if (trace_.connections.empty()) return;
  trace::Connection& connection = trace_.connections.back();
  trace::Stream& stream = sender == net::Sender::client ? connection.client : connection.server;
  const Bytes room = bytes.first(std::min(bytes.size(), limits::stream_bytes_kept - stream.kept.size()));
  stream.kept.insert(stream.kept.end(), room.begin(), room.end());
  stream.length += bytes.size();
  stream.last = now();
}

void Recorder::closed(net::CloseKind how) { add_always(trace::Closed{how}); }

void Recorder::collect_packets() {
  if (tap_ == nullptr || trace_.connections.empty() || !trace_.connections.back().packets.empty()) return;
  trace_.connections.back().packets = tap_->take();
}

// ---- TLS

void Recorder::handshake_message(tls::Sender sender, tls::EncryptionLevel level, Bytes message) {
  trace::HandshakeMessage kept{sender, level, message.size()};
  if (message.size() <= limits::message_bytes_kept - message_bytes_) kept.bytes.assign(message.begin(), message.end());
  message_bytes_ += kept.bytes.size();
  add(std::move(kept));
}

void Recorder::record(tls::Sender sender, tls::EncryptionLevel level, tls::ContentType outer, tls::ContentType inner,
                      std::size_t wire_length, std::size_t plaintext_length) {
  DataRecords& records = data_records_.at(sender == tls::Sender::client ? 0 : 1);
  const bool data = inner == tls::ContentType::application_data;
  if (data && ++records.seen > limits::data_records_kept && records.last_record) {
    auto& last = std::get<trace::Record>(trace_.events[*records.last_record].what);
    if (last.inner == inner) {
      last.wire_length += wire_length;
      last.plaintext_length += plaintext_length;
      ++last.count;
      return;
    }
  }
  if (trace_.events.size() < limits::events) records.last_record = trace_.events.size();
  add(trace::Record{sender, level, outer, inner, wire_length, plaintext_length});
}

void Recorder::key_derived(std::string_view label, std::size_t length) {
  add(trace::KeyDerived{std::string(label), length});
}

void Recorder::chosen(std::string_view what, std::string_view value, std::string_view reason) {
  add(trace::Chosen{std::string(what), std::string(value), std::string(reason)});
}

void Recorder::alert(tls::Sender sender, tls::EncryptionLevel, AlertDescription description) {
  add_always(trace::Alert{sender, description});  // tls/limits.h bounds those that end nothing
}

void Recorder::verdict(const x509::Verdict& verdict) { add_always(trace::Judged{verdict}); }

// ---- HTTP

http::Fields Recorder::kept(const http::Fields& fields) {
  http::Fields some;
  for (const http::FieldView& field : fields.all()) {
    const std::string_view value = field.value.substr(0, limits::value_characters);
    head_bytes_ += field.name.size() + value.size();
    if (head_bytes_ > limits::head_bytes_kept) break;
    some.add(field.name, value);
  }
  return some;
}

std::size_t Recorder::say(tls::Sender sender, std::size_t bytes) {
  if (sender == tls::Sender::server) body_.reset();
  Said& said = said_by(sender);
  said.last_frames.reset();
  return std::exchange(said.bytes, said.bytes + bytes);
}

void Recorder::request_sent(const http::Request& request, const client::FieldsOnStream& place) {
  const std::size_t begin = say(tls::Sender::client, place.bytes);
  http::Request head{request.method, request.scheme, request.authority, request.target, kept(request.fields)};
  add_always(trace::RequestSent{std::move(head), place, begin});
}

void Recorder::response_head(const http::Response& response, const client::FieldsOnStream& place) {
  const std::size_t begin = say(tls::Sender::server, place.bytes);
  add_always(trace::ResponseHead{{response.status, kept(response.fields)}, place, begin});  // http/limits.h bounds 1xx
}

void Recorder::trailers(const http::Fields& fields, const client::FieldsOnStream& place) {
  if (place.version == client::HttpVersion::HTTP_1_1) return;  // they are among the body's bytes
  const std::size_t begin = say(tls::Sender::server, place.bytes);
  add_always(trace::Trailers{kept(fields), place, begin});
}

/// The body that is coming; null: the trace is full, and some of this one is in it already.
trace::Body* Recorder::current_body() {
  if (!body_) {
    if (body_seen_ && trace_.events.size() >= limits::events) {
      ++trace_.events_left_out;
      return nullptr;
    }
    body_ = trace_.events.size();
    body_seen_ = true;
    add_always(trace::Body{.bytes = 0, .begin = said_by(tls::Sender::server).bytes});
  }
  auto& body = std::get<trace::Body>(trace_.events[*body_].what);
  body.last = now();
  return &body;
}

void Recorder::body(std::size_t bytes) {
  if (trace::Body* const body = current_body()) body->bytes += bytes;
}

/// What comes in numbers (the body's frames, windows that are opened for them) is added up while nothing else of that
/// side stands between.
void Recorder::http2_frame(const client::Http2Frame& frame) {
  using http::h2::FrameType;
  Said& said = said_by(frame.sender);
  if (frame.header.type == FrameType::DATA && frame.sender == tls::Sender::server) {
    if (trace::Body* const body = current_body()) body->framed += frame.bytes;
    said.bytes += frame.bytes;
    return;
  }
  const bool adds_up = frame.header.type == FrameType::DATA || frame.header.type == FrameType::WINDOW_UPDATE;
  if (adds_up && said.last_frames) {
    auto& last = std::get<trace::Http2Frames>(trace_.events[*said.last_frames].what);
    if (last.header.type == frame.header.type) {
      last.bytes += frame.bytes;
      last.payload_bytes += frame.header.length;
      ++last.count;
      said.bytes += frame.bytes;
      return;
    }
  }
  const std::size_t begin = say(frame.sender, frame.bytes);
  if (trace_.events.size() < limits::events) said.last_frames = trace_.events.size();
  add(trace::Http2Frames{.sender = frame.sender,
                         .header = frame.header,
                         .payload = {frame.payload.begin(), frame.payload.end()},
                         .bytes = frame.bytes,
                         .payload_bytes = frame.header.length,
                         .begin = begin});
}

void Recorder::sent_again(std::string_view why) { add_always(trace::SentAgain{std::string(why)}); }

void Recorder::response_end() { add_always(trace::ResponseEnd{}); }

}  // namespace padlock::explain
