#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "padlock/explain/leaks.h"
#include "padlock/explain/make_ladder.h"
#include "padlock/explain/settled.h"
#include "padlock/explain/tcp_steps.h"
#include "padlock/explain/wire_index.h"

namespace padlock::explain {

/// Walks once along the events of a trace and adds the steps that they are.
class LadderMaker {
 public:
  LadderMaker(const trace::Trace& trace, const FetchStory& story) : trace_(trace), story_(story) {}
  /// Steps, addresses, sizes and leaks; not the outcome.
  Ladder make();

 private:
  using Time = std::chrono::nanoseconds;

  // ---- the network
  void on(Time at, const trace::Resolved& resolved);
  void on(Time at, const trace::Connecting& connecting);
  void on(Time at, const trace::ConnectFailed& failed);
  void on(Time at, const trace::Connected& connected);
  void on(Time at, const trace::Closed& closed);
  // ---- TLS
  void on(Time at, const trace::Record& record);
  void on(Time at, const trace::HandshakeMessage& message);
  void on(Time at, const trace::KeyDerived& key);
  void on(Time at, const trace::Chosen& chosen);
  void on(Time at, const trace::Alert& alert);
  void on(Time at, const trace::Judged& judged);
  // ---- HTTP
  void on(Time at, const trace::RequestSent& sent);
  void on(Time at, const trace::ResponseHead& head);
  void on(Time at, const trace::Trailers& trailers);
  void on(Time at, const trace::Http2Frames& frames);
  void on(Time at, const trace::Body& body);
  void on(Time at, const trace::SentAgain& again);
  void on(Time at, const trace::ResponseEnd& end);

  /// A step of HTTP: these bytes of what its side says within TLS.
  void add_data(Step step, tls::Sender sender, std::size_t begin, std::size_t length);
  /// Adds a step, and marks the place before it where the protection of what follows begins.
  Step& add(Step step);
  void mark(Protection next);
  /// `type`: of the records; nothing: it is not known.
  void say_what_a_listener_reads(Step& step, const Placement& placement, std::optional<tls::ContentType> type);
  void add_leftovers();
  void note_hello(const Step& hello);
  void end_connection();
  std::string tcp_note() const;

  /// What is known of the connection that the events belong to.
  struct Current {
    const trace::Connected& connected;
    const trace::Connection& connection;
    Time syn_at;
    Time at;
    Settled settled;
    WireIndex wire;
  };

  const trace::Trace& trace_;
  const FetchStory& story_;
  Ladder ladder_{};
  Seen seen_{};
  std::size_t event_ = 0;        // the one that is told
  std::size_t connections_ = 0;  // so far
  std::optional<Current> current_;
  std::vector<std::pair<net::Endpoint, Time>> attempts_;  // several may run side by side (RFC 8305)
  Protection marked_ = Protection::none;
  bool open_marked_ = false;
  bool second_hello_ = false;
  bool sent_again_ = false;
  std::optional<std::size_t> last_message_;  // the step that keys and choices belong to
  std::optional<std::size_t> certificate_;
};

}  // namespace padlock::explain
