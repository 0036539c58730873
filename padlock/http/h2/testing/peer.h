#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/http/h2/testing/frames.h"

/// For tests: nghttp2 as a stranger, and as a reader of what we send.
namespace padlock::http::h2::testing {

/// The frames of `output` in words, with decoded fields, one a line: "HEADERS 1 END_STREAM :status=204", "DATA 1 5",
/// "RST_STREAM 1 CANCEL", "GOAWAY 0 NO_ERROR", "SETTINGS", "SETTINGS ACK", "PING ACK", "WINDOW_UPDATE 0 100".
/// A client's preface is skipped.
std::vector<std::string> frames_of(std::string_view output);
/// Whether one of them begins like this.
bool has_frame(std::string_view output, std::string_view start);
std::size_t count_frames(std::string_view output, std::string_view start);

/// One end that is nghttp2's own, with its own checks of messages and windows.
class Peer {
 public:
  static Peer client(const std::vector<Setting>& settings = {});
  static Peer server(const std::vector<Setting>& settings = {});
  Peer(Peer&&) noexcept;
  ~Peer();

  /// Takes all; false if it finds fault with it.
  bool feed(std::string_view input);
  std::string output();
  /// What has happened since the last call: "1 :status=200 a=b", "1 data hello", "1 end", "1 reset CANCEL",
  /// "goaway NO_ERROR".
  std::vector<std::string> events();

  StreamId request(const FieldList& fields, std::string_view body = "", const FieldList& trailers = {});
  void respond(StreamId stream, const FieldList& fields, std::string_view body = "", const FieldList& trailers = {});
  void interim(StreamId stream, const FieldList& fields);
  void reset(StreamId stream, ErrorCode code);
  void goaway();
  /// No windows are opened any more but by `consume`.
  void hold_windows();
  void consume(StreamId stream, std::size_t bytes);

 private:
  struct State;
  explicit Peer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace padlock::http::h2::testing
