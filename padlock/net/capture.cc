#include "padlock/net/capture.h"

#include <pcap/pcap.h>

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <utility>

#include "padlock/base/text.h"
#include "padlock/base/unsafe.h"
#include "padlock/net/limits.h"
#include "padlock/net/packet.h"
#include "padlock/net/rules.h"

namespace padlock::net {
namespace {

struct ClosePcap {
  void operator()(pcap_t* handle) const { pcap_close(handle); }
};
using Pcap = std::unique_ptr<pcap_t, ClosePcap>;

constexpr int snapshot_bytes = 160;              // link, IP and TCP headers with all their options
constexpr int kernel_buffer_bytes = 1 << 21;     // what may arrive before the handshake's packets are taken out
constexpr std::size_t cooked_header_bytes = 16;  // LINKTYPE_LINUX_SLL

std::unexpected<Error> failed(pcap_t* handle, int status) {
  std::string reason = pcap_statustostr(status);
  if (handle != nullptr && !std::string_view(pcap_geterr(handle)).empty()) reason = pcap_geterr(handle);
  const bool denied = status == PCAP_ERROR_PERM_DENIED;
  return broken(denied ? rules::capture_not_permitted : rules::capture_failed, "cannot capture packets: " + reason);
}

Result<void> set_filter(pcap_t* handle, const std::string& text) {
  bpf_program program{};
  if (pcap_compile(handle, &program, text.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0) return failed(handle, PCAP_ERROR);
  const int status = pcap_setfilter(handle, &program);
  pcap_freecode(&program);
  if (status != 0) return failed(handle, status);
  return {};
}

PADLOCK_UNSAFE_BUFFERS_BEGIN  // pointer and size are libpcap's for one packet
Bytes captured_bytes(const pcap_pkthdr& header, const u_char* data) { return {data, header.caplen}; }
PADLOCK_UNSAFE_BUFFERS_END

}  // namespace

struct Capture::Impl {
  Pcap handle;
  std::uint16_t port;
  std::optional<std::pair<Endpoint, Endpoint>> connection;
  std::vector<Packet> kept;

  bool belongs(const Packet& packet) const {
    if (!connection) return true;
    // A link-local address's scope is ours alone and not in the packet.
    const auto same = [](const Endpoint& a, const Endpoint& b) { return a.address == b.address && a.port == b.port; };
    const auto& [local, remote] = *connection;
    return (same(packet.source, local) && same(packet.destination, remote)) ||
           (same(packet.source, remote) && same(packet.destination, local));
  }
  Result<void> take();
  void keep(const pcap_pkthdr& header, Bytes bytes);
};

/// Takes out what the kernel holds.
Result<void> Capture::Impl::take() {
  for (;;) {
    pcap_pkthdr* header = nullptr;
    const u_char* data = nullptr;
    const int status = pcap_next_ex(handle.get(), &header, &data);
    if (status == 0) return {};
    if (status < 0) return failed(handle.get(), status);
    keep(*header, captured_bytes(*header, data));
  }
}

void Capture::Impl::keep(const pcap_pkthdr& header, Bytes bytes) {
  if (bytes.size() < cooked_header_bytes || kept.size() >= limits::captured_packets) return;
  auto packet = parse_packet(bytes.subspan(cooked_header_bytes), header.len - cooked_header_bytes);
  if (!packet || !belongs(*packet)) return;
  // With nanosecond precision tv_usec holds nanoseconds (pcap_set_tstamp_precision).
  packet->time =
      decltype(packet->time)(std::chrono::seconds(header.ts.tv_sec) + std::chrono::nanoseconds(header.ts.tv_usec));
  kept.push_back(*packet);
}

Capture::Capture(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Capture::Capture(Capture&&) noexcept = default;
Capture& Capture::operator=(Capture&&) noexcept = default;
Capture::~Capture() = default;

Result<Capture> Capture::start(std::uint16_t port) {
  std::array<char, PCAP_ERRBUF_SIZE> message{};
  Pcap handle(pcap_create("any", message.data()));
  if (!handle) return broken(rules::capture_failed, std::string("cannot capture packets: ") + message.data());
  pcap_set_snaplen(handle.get(), snapshot_bytes);
  pcap_set_immediate_mode(handle.get(), 1);
  pcap_set_buffer_size(handle.get(), kernel_buffer_bytes);
  pcap_set_tstamp_precision(handle.get(), PCAP_TSTAMP_PRECISION_NANO);
  const int status = pcap_activate(handle.get());
  if (status < 0) return failed(handle.get(), status);
  if (pcap_datalink(handle.get()) != DLT_LINUX_SLL) {
    return broken(rules::capture_failed, "cannot capture packets: link type without a cooked header");
  }
  if (pcap_setnonblock(handle.get(), 1, message.data()) != 0) {
    return broken(rules::capture_failed, std::string("cannot capture packets: ") + message.data());
  }
  PADLOCK_TRY(set_filter(handle.get(), "tcp port " + std::to_string(port)));
  return Capture(std::make_unique<Impl>(Impl{std::move(handle), port, std::nullopt, {}}));
}

Result<void> Capture::connected(const Endpoint& local, const Endpoint& remote) {
  impl_->connection.emplace(local, remote);
  const auto taken = impl_->take();
  if (!taken) return std::unexpected(taken.error());
  std::erase_if(impl_->kept, [&](const Packet& packet) { return !impl_->belongs(packet); });
  // BPF does not look into IPv6's TCP header by name: its flags are byte 13 after 40 bytes.
  return set_filter(impl_->handle.get(), "tcp port " + std::to_string(impl_->port) +
                                             " and ((ip and tcp[13] & 7 != 0) or (ip6 and ip6[53] & 7 != 0))");
}

Result<std::vector<Packet>> Capture::packets() {
  const auto taken = impl_->take();
  if (!taken) return std::unexpected(taken.error());
  std::ranges::stable_sort(impl_->kept, {}, &Packet::time);
  return impl_->kept;
}

}  // namespace padlock::net
