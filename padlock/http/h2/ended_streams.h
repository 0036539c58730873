#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "padlock/http/h2/frame.h"
#include "padlock/http/limits.h"

namespace padlock::http::h2 {

/// How the latest streams of a connection ended, which says what more frames on them mean (RFC 9113, section 5.1).
class EndedStreams {
 public:
  enum class Way : std::uint8_t {
    finished,       ///< both messages are whole
    reset_by_peer,  ///< nothing more should come
    reset_here,     ///< the peer may not know yet
  };

  void add(StreamId id, Way way) {
    if (streams_.size() < limits::h2_ended_streams)
      streams_.push_back({id, way});
    else
      streams_[oldest_++ % limits::h2_ended_streams] = {id, way};
  }
  std::optional<Way> find(StreamId id) const {
    const auto found = std::ranges::find_if(streams_, [&](const Ended& ended) { return ended.id == id; });
    return found == streams_.end() ? std::nullopt : std::optional(found->way);
  }

 private:
  struct Ended {
    StreamId id;
    Way way;
  };
  std::vector<Ended> streams_;
  std::size_t oldest_ = 0;
};

}  // namespace padlock::http::h2
