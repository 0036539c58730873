#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/tls/config.h"
#include "padlock/tls/handshake/negotiated.h"
#include "padlock/tls/handshake/outbox.h"
#include "padlock/tls/session/session.h"
#include "padlock/tls/wire/client_hello.h"

/// How a server goes on from an earlier connection, and how it gives the means for it.
namespace padlock::tls {

/// What a session must have in common with this connection, beside its suite (docs/threats.md, T26).
struct SessionTerms {
  ProtocolVersion version;
  const std::optional<std::string>& server_name;
  const std::optional<std::string>& alpn;
};

/// The session in a ticket. Nothing: it is forged, too old, or was made under other terms; then there is a full
/// handshake, and never an alert (docs/threats.md, T25).
std::optional<Session> open_ticket(Bytes ticket, const SessionTerms& terms, const ServerConfig& config,
                                   const Outbox& out);

/// What a session is bound to of the site's policy; empty: it asks nothing of its clients.
std::string binding_of(const Credential& credential);
/// False if the client's certificates are too many for a ticket.
bool fits_into_ticket(const ConnectionInfo& info);

/// A ticket that holds the session. `config.ticket_keys` is there.
List<std::uint8_t> seal_session(const Session& session, const ServerConfig& config, const Outbox& out);

/// The tickets that a connection may give, and how old its authentication is.
struct TicketTerms {
  std::size_t count = 0;
  WallTime authenticated{};
  std::string client_authentication{};
};

}  // namespace padlock::tls

namespace padlock::tls::server13 {

/// A pre-shared key that the client knows.
struct ChosenPsk {
  std::uint16_t selected_identity = 0;
  std::chrono::milliseconds ticket_age{};         ///< as the client has it
  Session session{};                              ///< of an external key: its secret, and what tickets will be bound to
  std::shared_ptr<const ExternalPsk> external{};  ///< by which both ends know each other; null: by certificates
  bool resumed = true;                            ///< false: it is the external key itself
  crypto::HashSecret early_secret{};
};

/// True if the client takes PSKs with (EC)DHE, the only way that this server has (RFC 8446, section 4.2.9).
bool takes_psk_dhe_ke(const ClientHello& hello);

/// The first of the client's identities that is a session or an external key of ours, if its binder is right.
/// `message`: the hello, header and body; `before`: the transcript without it. Errors: `rules::psk_binder_wrong`,
/// `external_psk_of_other_roles`.
Result<std::optional<ChosenPsk>> choose_psk(const ClientHello& hello, Bytes message, Transcript before,
                                            CipherSuite suite, const ServerConfig& config, const Outbox& out);

/// Why the early data that this hello announces cannot be taken, whoever sent it (RFC 8446, sections 4.2.10 and 8.2);
/// empty: it can, if the ticket is used for the first time.
std::string_view obstacle_to_early_data(const std::optional<ChosenPsk>& psk, CipherSuite suite,
                                        const ServerConfig& config, WallTime now);

/// Says NewSessionTicket (RFC 8446, section 4.6.1), `terms.count` times. `negotiated.transcript` is at the client's
/// Finished.
Result<void> send_tickets(const Negotiated& negotiated, const TicketTerms& terms, const ServerConfig& config,
                          Outbox& out);

}  // namespace padlock::tls::server13

namespace padlock::tls::server12 {

/// The session of the hello's ticket or session ID, if it can go on (RFC 5077, section 3.1; RFC 5246, section 7.4.1.2).
std::optional<Session> find_session(const ClientHello& hello, const ServerConfig& config, const Outbox& out);

}  // namespace padlock::tls::server12
