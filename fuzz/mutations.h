#pragma once

#include <cstdint>
#include <cstdlib>
#include <span>
#include <utility>
#include <vector>

#include "padlock/tls/testing/scripted_peer.h"

namespace padlock::fuzz {

/// Reads from the input how to change the messages of a flight, so that what reaches the connection is well sealed and
/// nearly right. Per message: one byte that says how many changes, then place (two bytes) and new value of each.
class Mutations {
 public:
  explicit Mutations(Bytes input) : left_(input) {}

  std::uint8_t next() {
    if (left_.empty()) return 0;
    const std::uint8_t byte = left_.front();
    left_ = left_.subspan(1);
    return byte;
  }
  tls::testing::Message change(tls::testing::Message message) {
    const std::uint8_t plan = next();
    for (int i = plan % 4; i > 0; --i) {
      const std::size_t place = static_cast<std::size_t>(next()) << 8 | next();
      message[place % message.size()] = next();
      changed_ = true;
    }
    if ((plan & 0x80) != 0) {
      message.resize(1 + next() % message.size());
      changed_ = true;
    }
    return message;
  }
  bool changed() const { return changed_; }
  bool empty() const { return left_.empty(); }
  Bytes rest() { return std::exchange(left_, {}); }

 private:
  Bytes left_;
  bool changed_ = false;
};

/// What holds for every connection, whatever the peer says.
inline void check_end(const tls::testing::End& end) {
  if (!end.complete && !end.received.empty()) std::abort();  // no byte before Finished
  if (end.failed && end.connection.waiting_for() == tls::Waiting::peer_bytes) std::abort();
  if (end.failed && end.failed->error.what.empty()) std::abort();
}

}  // namespace padlock::fuzz
