#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "padlock/acme/challenge.h"
#include "padlock/base/result.h"
#include "padlock/crypto/provider.h"
#include "padlock/net/address.h"
#include "padlock/net/awaitable.h"

namespace padlock::cli {

/// Where our ACME server looks when somebody says that he holds a name.
struct ValidationPlaces {
  std::uint16_t http_port = 80;             ///< http-01 (RFC 8555, section 8.3)
  std::uint16_t https_port = 443;           ///< tls-alpn-01 (RFC 8737, section 3)
  std::optional<net::Endpoint> resolver{};  ///< asked for all names; nothing: the system's
};

/// Looks once whether what a challenge wants is seen: http-01 by our client, with redirects to these two ports alone;
/// tls-alpn-01 by our engine; dns-01 and dns-persist-01 from the resolver. `provider`: this thread's; it outlives the
/// call. Errors: those of acme::server_rules on validation.
net::Awaitable<Result<void>> validate(acme::ChallengeAnswer wanted, ValidationPlaces places,
                                      crypto::Provider& provider);

}  // namespace padlock::cli
