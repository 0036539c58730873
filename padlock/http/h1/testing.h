#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "padlock/http/h1/connection.h"

/// For tests: runs a connection over pieces of input and writes down what happens, one line an event.
namespace padlock::http::h1::testing {

inline constexpr Instant noon{.monotonic = std::chrono::hours(1), .wall = WallTime(std::chrono::seconds(784111777))};

/// "request GET /path of host", "response 200", "body ...", "end", "closed", "failed <code>".
inline std::string describe(const Event& event) {
  struct Describe {
    std::string operator()(const RequestHead& head) const {
      return "request " + head.request.method + " " + head.request.target + " of " + head.request.authority +
             (head.has_body ? " with body" : "") + (head.expects_continue ? " expecting" : "");
    }
    std::string operator()(const ResponseHead& head) const {
      return (head.interim ? "interim " : "response ") + std::to_string(head.response.status);
    }
    std::string operator()(const BodyData& data) const { return "body " + std::string(as_text(data.bytes)); }
    std::string operator()(const MessageEnd& end) const {
      std::string text = "end";
      for (const FieldView& field : end.trailers.all())
        text.append(" ").append(field.name).append("=").append(field.value);
      return text;
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

  void add(const std::string& line) {
    const bool continues = line.starts_with("body ") && !events.empty() && events.back().starts_with("body ");
    if (continues)
      events.back() += line.substr(5);
    else
      events.push_back(line);
  }
};

inline void take_output(Connection& connection, Record& record) {
  record.output += as_text(connection.output());
  connection.output_sent(connection.output().size());
}

/// Feeds `pieces`, each until it is taken or the connection takes nothing more; `on_event` is the application.
/// Fails the law of progress by ending the loop with `stalled` as its last event.
template <class OnEvent>
void run(Connection& connection, const std::vector<std::string>& pieces, Record& record, OnEvent&& on_event) {
  std::string waiting;
  for (const std::string& piece : pieces) {
    waiting += piece;
    for (bool progress = true; progress;) {
      const auto taken = connection.feed(as_bytes(waiting), noon);
      progress = taken.value_or(0) > 0;
      while (auto event = connection.next_event()) {
        progress = true;
        record.add(describe(*event));
        on_event(*event);
      }
      take_output(connection, record);
      waiting.erase(0, taken.value_or(0));
      if (!progress && !waiting.empty() && connection.waiting_for() == Waiting::peer_bytes) record.add("stalled");
    }
  }
}

/// A server that answers each request with 204 once its body has come.
inline Record serve(const std::vector<std::string>& pieces, Limits limits = Limits::for_server()) {
  Connection connection = Connection::server("https", limits);
  Record record;
  run(connection, pieces, record, [&](const Event& event) {
    if (std::holds_alternative<MessageEnd>(event)) (void)connection.send_response(Response{204, {}}, NoBody{});
  });
  return record;
}

/// A client that has asked for `method` / and now gets `pieces`; then the transport ends.
inline Record receive(const std::vector<std::string>& pieces, std::string_view method = "GET",
                      Ending ending = Ending::clean) {
  Connection connection = Connection::client();
  Record record;
  (void)connection.send_request(Request{std::string(method), "https", "localhost", "/", {}}, NoBody{});
  take_output(connection, record);
  run(connection, pieces, record, [](const Event&) {});
  connection.input_ended(ending);
  run(connection, {""}, record, [](const Event&) {});
  return record;
}

/// The rule that broke the connection, by its code; empty if none did.
inline std::string failure_of(const Record& record) {
  if (record.events.empty() || !record.events.back().starts_with("failed ")) return {};
  return record.events.back().substr(7);
}

/// The status of the last response that the server wrote.
inline int last_status(const Record& record) {
  const std::size_t line = record.output.rfind("HTTP/1.1 ");
  return line == std::string::npos ? 0 : static_cast<int>(parse_decimal(record.output.substr(line + 9, 3)).value_or(0));
}

}  // namespace padlock::http::h1::testing
