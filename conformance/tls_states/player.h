#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "conformance/tls_states/table.h"
#include "padlock/tls/testing/end.h"

namespace padlock::tls_states {

/// An alert as it stood on the wire, opened with the key that its sender must have used.
struct HeardAlert {
  std::uint8_t level;
  std::uint8_t description;
};

/// The peer of the tested end: says letters, right or wrong, and hears what comes back.
class Player {
 public:
  Player() = default;
  Player(const Player&) = delete;
  Player& operator=(const Player&) = delete;
  virtual ~Player() = default;

  virtual void say(const Letter& letter) = 0;
  const std::vector<HeardAlert>& alerts() const { return alerts_; }
  /// What it heard and could not read: a record under another key than the sender must have, or nonsense.
  bool understood_all() const { return understood_all_; }

 protected:
  std::vector<HeardAlert> alerts_;
  bool understood_all_ = true;
};

/// Plays the peer of `tested`, which is a client that has sent its hello or a fresh server.
std::unique_ptr<Player> make_player13(const Tested& tested, tls::testing::End& end);
std::unique_ptr<Player> make_player12(const Tested& tested, tls::testing::End& end);

}  // namespace padlock::tls_states
