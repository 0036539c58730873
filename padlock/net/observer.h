#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>

#include "padlock/base/text.h"
#include "padlock/net/address.h"
#include "padlock/tls/observer.h"

namespace padlock::net {

using tls::Sender;

/// What the kernel knows of a TCP connection (TCP_INFO): what remains when packets may not be captured.
struct TcpInfo {
  std::chrono::microseconds rtt{};  ///< smoothed round trip; right after connect: SYN to SYN-ACK
  std::chrono::microseconds rtt_variance{};
  std::uint32_t send_mss = 0;  ///< bytes of payload a segment that we send
  std::uint32_t receive_mss = 0;
  std::uint32_t path_mtu = 0;
  std::uint32_t congestion_window = 0;     ///< segments
  std::uint32_t retransmissions = 0;       ///< since the first SYN
  std::uint8_t send_window_scale = 0;      ///< the shift that the peer announced (RFC 7323, section 2)
  std::uint8_t receive_window_scale = 0;   ///< the shift that we announced
  bool timestamps = false;                 ///< RFC 7323, section 3
  bool selective_acknowledgement = false;  ///< RFC 2018
  bool window_scaling = false;
};

/// How a connection came to its end.
enum class CloseKind : std::uint8_t {
  fin_by_peer,  ///< the peer's FIN came first
  fin_by_us,    ///< we sent our FIN first
  reset,        ///< cut by a RST, from either side
};

/// Hears what happens on the network while it happens: the explainer's source. A connection without one pays a branch
/// a call. All views live only during the call; whoever wants the time reads the clock.
class Observer {
 public:
  virtual ~Observer() = default;
  /// A name was resolved, or told by the user; empty: it was not found.
  virtual void resolved(std::string_view host, std::span<const Endpoint> addresses) = 0;
  /// A SYN is about to leave. With several addresses more than one attempt may run (RFC 8305).
  virtual void connecting(const Endpoint& remote) = 0;
  /// An attempt ended without a connection.
  virtual void connect_failed(const Endpoint& remote, std::string_view reason) = 0;
  /// The connection that will be used is there.
  virtual void connected(const Endpoint& local, const Endpoint& remote, const TcpInfo& info) = 0;
  /// Bytes of one read or write of the socket, as a listener on the wire has them.
  virtual void wire(Sender sender, Bytes bytes) = 0;
  /// The transport has ended; called once.
  virtual void closed(CloseKind how) = 0;
};

}  // namespace padlock::net
