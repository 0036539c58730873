#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "padlock/net/capture.h"

namespace padlock::explain {

/// Listens for the packets of a fetch's connections, one after the other.
class PacketTap {
 public:
  virtual ~PacketTap() = default;
  /// A SYN to there is about to leave.
  virtual void connecting(const net::Endpoint& remote) = 0;
  /// This is the connection whose packets are wanted.
  virtual void connected(const net::Endpoint& local, const net::Endpoint& remote) = 0;
  /// The packets of the last connection, once it is closed.
  virtual std::vector<net::Packet> take() = 0;
  /// Why there are none; empty if there can be some.
  virtual std::string why_not() const = 0;
};

/// Captures where that is permitted (net::Capture); elsewhere remembers why not.
class CapturingTap final : public PacketTap {
 public:
  /// Starts to listen before the fetch begins, since that takes a while which would else be seen in its times.
  void prepare(std::uint16_t port);
  void connecting(const net::Endpoint& remote) override;
  void connected(const net::Endpoint& local, const net::Endpoint& remote) override;
  /// Waits a moment for the server's FIN, which may come after ours.
  std::vector<net::Packet> take() override;
  std::string why_not() const override { return why_not_; }

 private:
  std::optional<net::Capture> capture_;
  std::uint16_t port_ = 0;
  std::optional<net::Endpoint> remote_;  // of the connection; nothing: not yet connected
  std::string why_not_;
};

}  // namespace padlock::explain
