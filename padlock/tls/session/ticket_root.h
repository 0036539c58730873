#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/base/secret.h"
#include "padlock/base/text.h"
#include "padlock/crypto/provider.h"

namespace padlock::tls {

/// What the nodes of a fleet seal tickets under (TicketKeys): the root of one period, from which those of all later
/// ones follow, and none of those before.
struct TicketRoot {
  std::array<std::uint8_t, 8> family{};  ///< drawn with the first root: who has another opens no ticket of ours
  WallTime since{};                      ///< the beginning of period 0
  std::uint32_t period = 0;              ///< this root's
  Secret<32> root{};

  TicketRoot duplicate() const { return {family, since, period, root.duplicate()}; }
};

/// A new family. Error: that of randomness.
Result<TicketRoot> make_ticket_root(crypto::Provider& provider, WallTime now);

/// The period that a moment is in. A clock that stands before `since` is in the first.
std::uint32_t ticket_period_of(WallTime since, WallTime now);

/// What nodes need that start now: tickets of the period before this one still open. The same root, if it is that.
TicketRoot advanced_to(TicketRoot root, WallTime now);

/// As bytes, and back; nothing: they are none.
///
///     family[8] since[8] period[4] root[32]
SecretBytes write_ticket_root(const TicketRoot& root);
std::optional<TicketRoot> parse_ticket_root(Bytes bytes);

}  // namespace padlock::tls
