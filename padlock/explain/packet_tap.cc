#include "padlock/explain/packet_tap.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace padlock::explain {
namespace {

constexpr std::chrono::milliseconds patience{50};  // for the last packets; on loopback they are there at once
constexpr std::chrono::milliseconds pause{5};

}  // namespace

void CapturingTap::prepare(std::uint16_t port) {
  remote_.reset();
  if (capture_ && port_ == port) return;
  capture_.reset();
  auto started = net::Capture::start(port);
  if (!started) why_not_ = started.error().what;
  if (!started) return;
  capture_.emplace(std::move(*started));
  port_ = port;
}

void CapturingTap::connecting(const net::Endpoint& remote) {
  if (why_not_.empty()) prepare(remote.port);
}

void CapturingTap::connected(const net::Endpoint& local, const net::Endpoint& remote) {
  if (!capture_) return;
  const auto named = capture_->connected(local, remote);
  if (named) {
    remote_ = remote;
    return;
  }
  why_not_ = named.error().what;
  capture_.reset();
}

std::vector<net::Packet> CapturingTap::take() {
  if (!capture_ || !remote_) return {};
  const auto deadline = std::chrono::steady_clock::now() + patience;
  const auto ends = [&](const net::Packet& packet) {
    return packet.rst || (packet.fin && packet.source.port == remote_->port);
  };
  for (;;) {
    auto packets = capture_->packets();
    const bool ended = packets && std::ranges::any_of(*packets, ends);
    if (packets && !ended && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(pause);
      continue;
    }
    if (!packets) why_not_ = packets.error().what;
    capture_.reset();  // it knows one connection only
    return packets ? std::move(*packets) : std::vector<net::Packet>();
  }
}

}  // namespace padlock::explain
