#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "padlock/http/message/message.h"
#include "padlock/net/address.h"
#include "padlock/net/address_range.h"
#include "padlock/tls/certificate_chain.h"

/// What a gateway changes in messages that it passes on (RFC 9110, sections 7.6 and 7.7; RFC 7239). All of it is
/// calculation; heads are built anew, never copied as bytes (docs/threats.md, H12 to H14, rule 10).
namespace padlock::server {

/// How the request came.
struct Arrival {
  net::Endpoint client;
  net::Endpoint local;
  std::string_view version;                            ///< "1.1", "2.0"
  std::span<const net::AddressRange> trusted_proxies;  ///< whose fields about the client are believed
  tls::CertificateChain client_certificates{};         ///< that the client has proved to be its own; none: none
  bool with_chain = false;                             ///< the upstream learns all of them
  bool early = false;                                  ///< it may be a copy of another (RFC 8470)
  std::string_view prefix{};                           ///< of its path, that the upstream does not see
};

/// The request for the upstream: without what is meant for this hop alone, with who asks (Forwarded, X-Forwarded-*,
/// X-Real-IP: a client's own are believed from trusted proxies only; Client-Cert and Client-Cert-Chain, RFC 9440:
/// never) and Via. `host`: in place of the client's. `websocket`: it asks to go on with that. Framing is the
/// connection's to write.
http::Request upstream_request(const http::Request& request, const Arrival& arrival,
                               const std::optional<std::string>& host, bool websocket);

/// The trailers for the upstream: what says nothing of this hop or of the client, and is no field of `head`.
http::Fields upstream_trailers(const http::Fields& trailers, const http::Fields& head);

/// The response for the client, without what is meant for this hop alone.
http::Response client_response(http::Response response);

/// How many gateways of ours the request has passed (Via): one that has passed many runs in a circle.
std::size_t passages(const http::Request& request);

}  // namespace padlock::server
