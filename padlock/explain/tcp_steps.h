#pragma once

#include <chrono>
#include <vector>

#include "padlock/explain/ladder.h"
#include "padlock/explain/trace.h"

namespace padlock::explain {

/// What the steps of TCP are made from, for one connection.
struct TcpEvidence {
  const trace::Connected& connected;
  const trace::Connection& connection;
  std::chrono::nanoseconds syn_at;                        ///< when we called connect
  std::chrono::nanoseconds connected_at;                  ///< when the kernel said that it is connected
  std::chrono::sys_time<std::chrono::nanoseconds> began;  ///< civil time of the trace's first event
};

/// SYN, SYN-ACK and ACK: the captured packets, else what TCP_INFO tells.
std::vector<Step> opening_steps(const TcpEvidence& evidence);

/// FIN or RST: the captured packets, else what the socket saw (`how`, at that time).
std::vector<Step> closing_steps(const TcpEvidence& evidence, net::CloseKind how, std::chrono::nanoseconds at);

}  // namespace padlock::explain
