#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/crypto/provider.h"
#include "padlock/dns/message.h"
#include "padlock/net/address.h"
#include "padlock/net/awaitable.h"
#include "padlock/net/clock.h"

// Name servers, asked by ourselves: where the system's resolver does not say what is wanted (CAA, TXT, one server's own
// view).

namespace padlock::net {

inline constexpr std::uint16_t dns_port = 53;

/// Sends a message over TCP and gives the answer (RFC 7766; RFC 1035, section 4.2.2). Errors: those of `connect` and of
/// streams, `closed_early`.
Awaitable<Result<std::vector<std::uint8_t>>> exchange_by_tcp(Endpoint server, std::vector<std::uint8_t> message,
                                                             Deadline deadline);

/// The answer of a name server to a question, whatever its code: by UDP, which is tried again each second, and by TCP
/// where that was too short. `recursion`: it shall ask others for us. `provider`: of the message's number; it outlives
/// the call. Errors: those of sockets, `deadline_passed`, those of dns.
Awaitable<Result<dns::Message>> ask_name_server(Endpoint server, dns::Question question, bool recursion,
                                                crypto::Provider& provider, Deadline deadline);

/// The name servers of /etc/resolv.conf (resolv.conf(5)), or of a text like it; none there: 127.0.0.1.
std::vector<Endpoint> system_name_servers();
std::vector<Endpoint> name_servers_in(std::string_view text);

/// A host and a port: "ns.example.com", "192.0.2.1:5353", "[2001:db8::1]:53".
struct HostAndPort {
  std::string host;
  std::uint16_t port = dns_port;
  friend bool operator==(const HostAndPort&, const HostAndPort&) = default;
};
/// Nothing: it is none.
std::optional<HostAndPort> parse_host_and_port(std::string_view text, std::uint16_t port_if_none);

}  // namespace padlock::net
