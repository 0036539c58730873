#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "padlock/tls/handshake/client_states.h"
#include "padlock/tls/handshake/outbox.h"

/// A client's ClientHello: what its configuration offers.
namespace padlock::tls::client {

/// The groups of the first ClientHello's shares: none if TLS 1.3 is not offered.
std::span<const NamedGroup> shared_groups(const ClientConfig& config);
/// One X25519 key makes both the hybrid's share and X25519's own: RFC 9954, section 3.2 allows shares of one
/// ClientHello to have a part in common, and it saves a key generation.
bool comes_with_hybrid(NamedGroup group, std::span<const NamedGroup> groups);

/// Shares in the order of the configuration's groups, whatever order they were made in.
List<KeyShareEntry> entries_of(const KeyShares& keys, std::span<const NamedGroup> groups, Arena arena);

Result<ClientHello> make_client_hello(const Client& client, const KeyShares& keys, Outbox& out);

/// The hello names the offer's pre-shared keys, which prove themselves by the binders that `send_client_hello` adds.
void add_psks(Offer& offer, const Outbox& out);

/// Sends the offer's hello and keeps the message. `before`: the transcript that it joins, if there is one, for binders.
void send_client_hello(Offer& offer, const std::optional<Transcript>& before, Outbox& out);

/// The server takes no early data (RFC 8446, section 4.2.10): our caller is told, for nothing is sent again by itself.
/// What follows is unprotected again, until there are other keys.
void end_early_data_in_vain(ClientHello& hello, std::string_view reason, Outbox& out);

/// Makes the first hello with these keys and sends it.
Result<ClientState> send_offer(KeyShares keys, const Client& client, Outbox& out);

}  // namespace padlock::tls::client
