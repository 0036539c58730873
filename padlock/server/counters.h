#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "padlock/base/rule.h"
#include "padlock/tls/events.h"

// What a server has done since its start. Each worker counts for itself, so that no request waits for another's; who
// wants to know adds the workers up.

namespace padlock::server {

/// A number that one thread changes and any thread may read at any time: neither waits for the other.
class Counter {
 public:
  void add(std::uint64_t count = 1) { value_.store(read() + count, std::memory_order_relaxed); }
  std::uint64_t read() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

/// A Counter for each key that was seen, up to `capacity` of them; what comes beyond is one number more. Keys are few
/// and the frequent ones come early, so they stand in a list in the order of their first use.
template <class Key, std::size_t capacity>
class KeyedCounters {
 public:
  void add(const Key& key) {
    const std::size_t used = used_.load(std::memory_order_relaxed);
    std::size_t at = 0;
    while (at < used && slots_[at].key != key) ++at;
    if (at == capacity) return others_.add();
    slots_[at].count.add();
    if (at < used) return;
    slots_[at].key = key;
    used_.store(used + 1, std::memory_order_release);  // from now on a reader may look at the key
  }
  /// `visit(key, count)` for each.
  template <class Visit>
  void for_each(const Visit& visit) const {
    const std::size_t used = used_.load(std::memory_order_acquire);
    for (std::size_t at = 0; at < used; ++at) visit(slots_[at].key, slots_[at].count.read());
  }
  std::uint64_t others() const { return others_.read(); }

 private:
  struct Slot {
    Key key{};
    Counter count;
  };
  std::array<Slot, capacity> slots_;
  std::atomic<std::size_t> used_ = 0;
  Counter others_;
};

/// What handshakes are counted by.
struct HandshakeKind {
  tls::ProtocolVersion version{};
  tls::CipherSuite cipher_suite{};
  std::optional<tls::NamedGroup> group;  ///< nothing: none was used
  bool resumed = false;
  friend auto operator<=>(const HandshakeKind&, const HandshakeKind&) = default;
};

enum class HttpVersion : std::uint8_t { http1, http2 };
/// "HTTP/1.1", "HTTP/2".
std::string_view name_of(HttpVersion version);

/// What requests are counted by.
struct RequestKind {
  HttpVersion version{};
  int status_class = 0;  ///< 2 for 200 to 299
  friend auto operator<=>(const RequestKind&, const RequestKind&) = default;
};

/// One worker's counts; its thread alone changes them. On cache lines of their own.
struct alignas(64) WorkerCounters {
  Counter connections_accepted, connections_closed, connections_refused, connections_shed;
  KeyedCounters<HandshakeKind, 128> handshakes;
  KeyedCounters<const Rule*, 256> handshake_failures;
  KeyedCounters<RequestKind, 16> requests;
  Counter body_bytes;
  KeyedCounters<const Rule*, 256> failures;
  Counter log_lines_suppressed;

  void handshake_done(const tls::ConnectionInfo& info);
  void request_answered(std::string_view version, int status, std::uint64_t body_bytes_sent);
};

/// The sum over workers, read at about one moment.
struct Counts {
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_open = 0;
  std::uint64_t connections_refused = 0;  ///< by the limits on connections
  std::uint64_t connections_shed = 0;     ///< in their handshakes, to make room for younger ones
  std::map<HandshakeKind, std::uint64_t> handshakes;
  std::map<std::string_view, std::uint64_t> handshake_failures;  ///< by the rule's code
  std::map<RequestKind, std::uint64_t> requests;
  std::uint64_t body_bytes = 0;                        ///< of responses, sent
  std::map<std::string_view, std::uint64_t> failures;  ///< of everything that the log names, by the rule's code
  std::uint64_t log_lines_suppressed = 0;              ///< failures of a kind that came too often

  void add(const WorkerCounters& worker);
};

}  // namespace padlock::server
