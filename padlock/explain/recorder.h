#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>

#include "padlock/client/observer.h"
#include "padlock/explain/packet_tap.h"
#include "padlock/explain/trace.h"

namespace padlock::explain {

/// A reading of both clocks, finer than Instant: packets are stamped by the civil one.
struct Moment {
  std::chrono::nanoseconds monotonic{};
  std::chrono::sys_time<std::chrono::nanoseconds> civil{};
};
using Clock = std::function<Moment()>;

/// Reads the system's clocks.
Moment moment_now();

/// Writes down what it hears of one fetch, within the bounds of limits.h. Give it to client::FetchOptions::observer.
class Recorder final : public client::FetchObserver, public net::Observer, public tls::Observer {
 public:
  /// `tap`: captures packets; null: nobody does.
  explicit Recorder(Clock clock = moment_now, PacketTap* tap = nullptr) : clock_(std::move(clock)), tap_(tap) {}
  /// Ends the trace and hands it over.
  trace::Trace take();

  net::Observer* net() override { return this; }
  tls::Observer* tls() override { return this; }

  void request_sent(const http::Request& request, const client::FieldsOnStream& place) override;
  void response_head(const http::Response& response, const client::FieldsOnStream& place) override;
  void trailers(const http::Fields& fields, const client::FieldsOnStream& place) override;
  void http2_frame(const client::Http2Frame& frame) override;
  void sent_again(std::string_view why) override;
  void body(std::size_t bytes) override;
  void response_end() override;
  void verdict(const x509::Verdict& verdict) override;

  void resolved(std::string_view host, std::span<const net::Endpoint> addresses) override;
  void connecting(const net::Endpoint& remote) override;
  void connect_failed(const net::Endpoint& remote, std::string_view reason) override;
  void connected(const net::Endpoint& local, const net::Endpoint& remote, const net::TcpInfo& info) override;
  void wire(net::Sender sender, Bytes bytes) override;
  void closed(net::CloseKind how) override;

  void handshake_message(tls::Sender sender, tls::EncryptionLevel level, Bytes message) override;
  void record(tls::Sender sender, tls::EncryptionLevel level, tls::ContentType outer, tls::ContentType inner,
              std::size_t wire_length, std::size_t plaintext_length) override;
  void key_derived(std::string_view label, std::size_t length) override;
  void chosen(std::string_view what, std::string_view value, std::string_view reason) override;
  void alert(tls::Sender sender, tls::EncryptionLevel level, AlertDescription description) override;

 private:
  /// Data records of one direction: after limits.h the next are added to the last one.
  struct DataRecords {
    std::size_t seen = 0;
    std::optional<std::size_t> last_record;  ///< of any type, an index into the events
  };

  /// What one side has said of HTTP over this connection.
  struct Said {
    std::size_t bytes = 0;
    std::optional<std::size_t> last_frames;  ///< if the last of it were such: an index into the events
  };
  Said& said_by(tls::Sender sender) { return said_.at(sender == tls::Sender::client ? 0 : 1); }
  /// Counts what is told next, and gives where it begins.
  std::size_t say(tls::Sender sender, std::size_t bytes);
  trace::Body* current_body();

  std::chrono::nanoseconds now();
  /// Something that a peer can repeat without end: dropped when the trace is full.
  template <class What>
  void add(What what);
  /// Something that comes a bounded number of times a connection: never dropped, so that the story has its corners.
  template <class What>
  void add_always(What what);
  http::Fields kept(const http::Fields& fields);
  void collect_packets();

  Clock clock_;
  PacketTap* tap_;
  std::optional<Moment> began_;
  trace::Trace trace_;
  std::array<DataRecords, 2> data_records_;  // of the client, of the server
  std::array<Said, 2> said_;                 // likewise
  std::optional<std::size_t> body_;          // the event of the body that is coming
  bool body_seen_ = false;                   // over this connection
  std::size_t message_bytes_ = 0;
  std::size_t head_bytes_ = 0;
};

}  // namespace padlock::explain
