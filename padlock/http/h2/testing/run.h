#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/http/h2/connection.h"

/// For tests: runs a connection over pieces of input and writes down what happens, one line an event.
namespace padlock::http::h2::testing {

inline constexpr Instant noon{.monotonic = std::chrono::hours(1), .wall = WallTime(std::chrono::seconds(784111777))};

inline Instant after_noon(std::chrono::milliseconds time) { return {noon.monotonic + time, noon.wall}; }

/// "1 request GET /path of host", "1 body ...", "1 end", "1 reset CANCEL", "failed <code>".
inline std::string describe(const Event& event) {
  struct Describe {
    static std::string on(StreamId stream) { return std::to_string(stream) + " "; }
    std::string operator()(const RequestHead& head) const {
      return on(head.stream) + "request " + head.request.method + " " + head.request.target + " of " +
             head.request.authority + (head.protocol.empty() ? "" : " for " + head.protocol) +
             (head.has_body ? " with body" : "") + (head.expects_continue ? " expecting" : "");
    }
    std::string operator()(const ResponseHead& head) const {
      return on(head.stream) + (head.interim ? "interim " : "response ") + std::to_string(head.response.status);
    }
    std::string operator()(const BodyData& data) const {
      return on(data.stream) + "body " + std::string(as_text(data.bytes));
    }
    std::string operator()(const MessageEnd& end) const {
      std::string text = on(end.stream) + "end";
      for (const FieldView& field : end.trailers.all())
        text.append(" ").append(field.name).append("=").append(field.value);
      return text;
    }
    std::string operator()(const Writable& writable) const { return on(writable.stream) + "writable"; }
    std::string operator()(const MessageSent& sent) const { return on(sent.stream) + "sent"; }
    std::string operator()(const StreamReset& reset) const {
      return on(reset.stream) + "reset " + std::string(name_of(reset.code)) +
             (reset.error ? " " + std::string(reset.error->rule->code) : "");
    }
    std::string operator()(const StreamRefused& refused) const {
      return on(refused.stream) + "refused " + std::string(refused.error.rule->code);
    }
    std::string operator()(const GoAway& going) const {
      return "goaway " + std::to_string(going.last_stream) + " " + std::string(name_of(going.code)) + " " +
             going.debug_data;
    }
    std::string operator()(const Closed&) const { return "closed"; }
    std::string operator()(const Failed& failed) const { return "failed " + std::string(failed.error.rule->code); }
  };
  return std::visit(Describe{}, event);
}

/// What happens on a connection, event by event; pieces of one body are put together.
struct Record {
  std::vector<std::string> events;
  std::string output;
  std::size_t fed = 0;  ///< calls of `feed`

  void add(const std::string& line) {
    const std::size_t body = line.find(" body ");
    const std::string_view start = std::string_view(line).substr(0, body == std::string::npos ? 0 : body + 6);
    const bool continues = !start.empty() && !events.empty() && events.back().starts_with(start);
    if (continues)
      events.back() += line.substr(start.size());
    else
      events.push_back(line);
  }
  bool has(std::string_view line) const {
    return std::ranges::any_of(events, [&](const std::string& event) { return event == line; });
  }
};

inline void take_output(Connection& connection, Record& record) {
  record.output += as_text(connection.output());
  connection.output_sent(connection.output().size());
}

template <class OnEvent>
bool take_events(Connection& connection, Record& record, OnEvent&& on_event) {
  bool any = false;
  while (auto event = connection.next_event()) {
    any = true;
    record.add(describe(*event));
    on_event(*event);
  }
  return any;
}

/// Feeds `pieces`, each until it is taken or the connection takes nothing more; `on_event` is the application. Takes
/// the output after each step. Fails the law of progress by adding `stalled` as an event.
template <class OnEvent>
void run(Connection& connection, const std::vector<std::string>& pieces, Record& record, OnEvent&& on_event,
         Instant now = noon) {
  std::string waiting;
  for (const std::string& piece : pieces) {
    waiting += piece;
    for (bool progress = true; progress;) {
      const auto taken = connection.feed(as_bytes(waiting), now);
      ++record.fed;
      progress = taken.value_or(0) > 0;
      progress = take_events(connection, record, on_event) || progress;
      take_output(connection, record);
      progress = take_events(connection, record, on_event) || progress;
      waiting.erase(0, taken.value_or(0));
      if (!progress && !waiting.empty() && connection.waiting_for() == Waiting::peer_bytes) record.add("stalled");
    }
  }
}

inline std::vector<std::string> cut(std::string_view whole, std::size_t step) {
  std::vector<std::string> pieces;
  for (std::size_t at = 0; at < whole.size(); at += step) pieces.emplace_back(whole.substr(at, step));
  return pieces;
}

/// A server's application that takes bodies and answers each request with 204 once its body has come.
class Answering {
 public:
  explicit Answering(Connection& connection) : connection_(connection) {}

  void operator()(const Event& event) {
    if (const auto* data = std::get_if<BodyData>(&event)) connection_.consumed(data->stream, data->bytes.size());
    if (const auto* end = std::get_if<MessageEnd>(&event)) {
      (void)connection_.send_response(end->stream, Response{204, {}}, NoBody{});
      connection_.released(end->stream);
    }
    if (const auto* reset = std::get_if<StreamReset>(&event)) connection_.released(reset->stream);
  }

 private:
  Connection& connection_;
};

inline Record serve(const std::vector<std::string>& pieces, Limits limits = Limits::for_server()) {
  Connection connection = Connection::server("https", limits);
  Record record;
  run(connection, pieces, record, Answering(connection));
  return record;
}

/// A client that has asked for `method` / on stream 1 and / on stream 3, and now gets `pieces`; then the transport
/// ends.
inline Record receive(const std::vector<std::string>& pieces, std::string_view method = "GET") {
  Connection connection = Connection::client();
  Record record;
  (void)connection.send_request(Request{std::string(method), "https", "localhost", "/", {}}, NoBody{});
  (void)connection.send_request(Request{"GET", "https", "localhost", "/", {}}, NoBody{});
  take_output(connection, record);
  const auto consume = [&](const Event& event) {
    if (const auto* data = std::get_if<BodyData>(&event)) connection.consumed(data->stream, data->bytes.size());
  };
  run(connection, pieces, record, consume);
  connection.input_ended();
  take_events(connection, record, consume);
  return record;
}

}  // namespace padlock::http::h2::testing
