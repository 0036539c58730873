#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/net/address.h"

namespace padlock::net {

/// The TCP options of a packet (RFC 9293, section 3.2; RFC 7323; RFC 2018).
struct TcpOptions {
  std::optional<std::uint16_t> mss;
  std::optional<std::uint8_t> window_scale;
  bool sack_permitted = false;
  bool timestamps = false;
};

/// One TCP segment as it was on the wire: its header, not its payload.
struct Packet {
  std::chrono::sys_time<std::chrono::nanoseconds> time;  ///< of the civil clock, by the kernel
  Endpoint source;
  Endpoint destination;
  bool syn = false, ack = false, fin = false, rst = false, psh = false;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgement = 0;
  std::uint16_t window = 0;
  TcpOptions options;
  std::size_t payload_bytes = 0;
  std::size_t packet_bytes = 0;  ///< IP header and all
};

/// Packets of TCP connections to one port, from all interfaces (AF_PACKET through libpcap). Needs CAP_NET_RAW.
/// Start it before the connection, call `connected` after it, read the rest at the end:
///
///   auto capture = Capture::start(port);          // rules::capture_not_permitted for ordinary users
///   ... connect ...
///   capture->connected(local, remote);            // keeps SYN, SYN-ACK and ACK; from now on only SYN, FIN and RST
///   ... talk, close ...
///   for (const Packet& packet : capture->packets())
class Capture {
 public:
  static Result<Capture> start(std::uint16_t port);
  Capture(Capture&&) noexcept;
  Capture& operator=(Capture&&) noexcept;
  ~Capture();

  /// Names the connection: packets of others are dropped, and from now on only those with SYN, FIN or RST are kept.
  Result<void> connected(const Endpoint& local, const Endpoint& remote);
  /// All packets of the connection so far, in the order of their times.
  Result<std::vector<Packet>> packets();

 private:
  struct Impl;
  explicit Capture(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace padlock::net
