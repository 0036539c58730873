#pragma once

#include <chrono>
#include <cstddef>

/// What a name server can make grow, and how far (docs/threats.md, A14).
namespace padlock::dns::limits {

/// RFC 1035, section 2.3.4.
inline constexpr std::size_t label_bytes = 63;
inline constexpr std::size_t name_bytes = 255;
/// What a message over TCP can be (RFC 1035, section 4.2.2).
inline constexpr std::size_t message_bytes = 65'535;
/// What is taken over UDP: without EDNS a server sends 512 (section 4.2.1), and some send what they have.
inline constexpr std::size_t udp_message_bytes = 4'096;
/// Records of a section: a zone's servers, a host's addresses and its TXT records are a few dozen.
inline constexpr std::size_t records = 1'000;
/// Compression pointers of one name: a server needs one; each must lead backwards in any case.
inline constexpr std::size_t pointers = 16;
/// How far two clocks may differ (RFC 8945, section 10: recommended).
inline constexpr std::chrono::seconds fudge{300};

}  // namespace padlock::dns::limits
