#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "padlock/http/h2/outgoing_body.h"

namespace padlock::http::h2 {

/// What we know of a stream beside nghttp2's states: two messages, and who still cares.
struct Stream {
  enum class Incoming : std::uint8_t { head, body, ended };

  StreamId id = 0;
  std::string method{};

  Incoming incoming = Incoming::head;
  std::optional<std::uint64_t> content_length{};
  std::uint64_t received = 0;  ///< bytes of body
  std::size_t unconsumed = 0;  ///< of them, that the application has not taken
  std::size_t interim_responses = 0;
  bool expects_continue = false;

  bool head_sent = false;
  bool response_sent = false;  ///< server: with END_STREAM
  OutgoingBody outgoing{};
  std::uint64_t sent = 0;  ///< bytes of body

  bool open = true;    ///< nghttp2 knows it
  bool known = false;  ///< to the application, which releases it
  bool released = false;
  bool silent = false;  ///< no more events of it
  bool own_reset = false;
};

/// The streams of a connection: a hundred at most, so that a search is quick. Each stays where it is.
class StreamTable {
 public:
  Stream& add(StreamId id) {
    streams_.push_back(std::make_unique<Stream>(Stream{.id = id}));
    return *streams_.back();
  }
  Stream* find(StreamId id) const {
    const auto found = std::ranges::find_if(streams_, [&](const auto& stream) { return stream->id == id; });
    return found == streams_.end() ? nullptr : found->get();
  }
  void remove(const Stream& stream) {
    const auto found = std::ranges::find_if(streams_, [&](const auto& other) { return other.get() == &stream; });
    std::swap(*found, streams_.back());
    streams_.pop_back();
    if (streams_.empty()) std::vector<std::unique_ptr<Stream>>().swap(streams_);
  }
  std::size_t size() const { return streams_.size(); }
  std::size_t open() const {
    return static_cast<std::size_t>(std::ranges::count_if(streams_, [](const auto& stream) { return stream->open; }));
  }
  bool empty() const { return streams_.empty(); }

 private:
  std::vector<std::unique_ptr<Stream>> streams_;
};

}  // namespace padlock::http::h2
