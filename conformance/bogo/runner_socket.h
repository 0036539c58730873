#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "padlock/base/text.h"

namespace padlock::bogo {

/// The blocking connection to the runner, which listens on the loopback address for client and server alike.
class RunnerSocket {
 public:
  /// Connects and says which shim this is: its number, 64 bits, little-endian. Nothing: the runner is not there.
  static std::optional<RunnerSocket> connect(std::uint64_t port, bool ipv6, std::uint64_t shim_id);
  RunnerSocket(RunnerSocket&& other) noexcept;
  RunnerSocket& operator=(RunnerSocket&&) = delete;
  /// Says that nothing more will come, and reads what the runner still sends, so that a reset does not take away from
  /// it what it has not read yet.
  ~RunnerSocket();

  /// Waits for bytes and gives how many there were; 0: the runner has ended the connection.
  std::size_t receive(std::span<std::uint8_t> into);
  /// False: the runner is gone.
  bool send(Bytes bytes);

 private:
  explicit RunnerSocket(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace padlock::bogo
