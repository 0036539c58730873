#pragma once

#include <optional>
#include <string>
#include <vector>

#include "padlock/http/h1/body_reader.h"
#include "padlock/http/h1/body_writer.h"
#include "padlock/http/h1/connection.h"
#include "padlock/http/h1/head_reader.h"
#include "padlock/http/outbox.h"

namespace padlock::http::h1 {

/// What both roles of a connection share: the way of bytes in and out, events, and how it ends.
class Engine {
 public:
  explicit Engine(Limits limits) : limits_(limits) {}
  virtual ~Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  Result<std::size_t> feed(Bytes input, Instant now);
  std::optional<Event> next_event();
  Outbox& outbox() { return outbox_; }
  const Outbox& outbox() const { return outbox_; }
  virtual Waiting waiting_for() const = 0;
  virtual void input_ended(Ending ending) = 0;

  virtual Result<void> send_request(const Request& request, const BodyFraming& framing, std::string_view protocol);
  virtual Result<void> send_response(const Response& response, const BodyFraming& framing);
  virtual Result<void> switch_protocols(const Fields& fields);
  virtual Result<void> send_continue();
  Result<void> send_body(Bytes piece);
  Result<void> announce_piece(std::uint64_t size);
  Result<void> piece_sent_elsewhere(std::uint64_t size);
  Result<void> end_message(const Fields& trailers);
  virtual void close_after_response() = 0;
  void fail(Error error);
  void release_buffers();
  virtual bool between_messages() const = 0;
  virtual bool receiving_body() const = 0;
  bool finished() const { return finished_; }

 protected:
  /// Whether another byte may be taken now.
  virtual bool takes_input() const = 0;
  /// Takes at least one byte from `in`, which has some.
  virtual Result<void> step(Bytes& in) = 0;
  /// A message that we sent is whole.
  virtual void message_sent() = 0;
  /// Last words after a failure.
  virtual void say_failure(const Rule& rule) = 0;

  bool has_events() const { return !events_.empty(); }
  template <class Kind>
  void yield(Kind event) {
    events_.emplace_back(std::in_place_type<Kind>, std::move(event));
  }
  void drop_events() { events_.clear(); }
  void finish() { finished_ = true; }
  FieldLimits field_limits() const { return {limits_.fields_bytes, limits_.field_count}; }
  const Limits& limits() const { return limits_; }
  Instant now() const { return now_; }
  /// After a head is written: a body follows, or the message is whole.
  void begin_body(const BodyFraming& framing, bool until_close, bool suppressed);

 private:
  void end_with(Error error, bool say);
  Result<BodyWriter*> writer();

  Limits limits_;
  Instant now_{};
  std::vector<Event> events_;  ///< at most a head with its end, or a last piece with its end
  Outbox outbox_;
  std::optional<BodyWriter> writer_;  ///< while the body of a message is being sent
  bool finished_ = false;
};

std::unique_ptr<Engine> make_server_engine(std::string_view scheme, Limits limits);
std::unique_ptr<Engine> make_client_engine(Limits limits);

/// Whether the fields hold `Connection: close` (nothing else is let through by the head writer).
bool asks_to_close(const Fields& fields);

}  // namespace padlock::http::h1
