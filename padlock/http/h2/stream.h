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

/// The streams of a connection: a hundred at most, so that a search from the youngest is quick. Each stays where it is.
class StreamTable {
 public:
  Stream& add(StreamId id) {
    auto& entry = entries_.emplace_back(id, std::make_unique<Stream>());
    entry.stream->id = id;
    return *entry.stream;
  }
  Stream* find(StreamId id) const {
    const auto found = std::find_if(entries_.rbegin(), entries_.rend(), [&](const Entry& one) { return one.id == id; });
    return found == entries_.rend() ? nullptr : found->stream.get();
  }
  void remove(StreamId id) {
    std::erase_if(entries_, [&](const Entry& entry) { return entry.id == id; });
    if (entries_.empty()) std::vector<Entry>().swap(entries_);
  }
  std::size_t size() const { return entries_.size(); }
  std::size_t open() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(entries_, [](const Entry& entry) { return entry.stream->open; }));
  }
  bool empty() const { return entries_.empty(); }

 private:
  struct Entry {
    Entry(StreamId number, std::unique_ptr<Stream> of) : id(number), stream(std::move(of)) {}
    StreamId id;  ///< beside the pointer, so that a search stays in one place
    std::unique_ptr<Stream> stream;
  };
  std::vector<Entry> entries_;
};

}  // namespace padlock::http::h2
