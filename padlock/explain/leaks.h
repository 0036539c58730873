#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "padlock/explain/ladder.h"

namespace padlock::explain {

/// What passed by a listener, collected while a ladder is made.
struct Seen {
  bool tls = false;
  std::optional<std::string> server_name;
  std::string alpn;
  std::string looked_up;     ///< a name that was asked of the network; empty: none
  std::string target;        ///< of the last request
  std::string plain_target;  ///< of a request that went before it over plain http, and led to TLS; empty: none did
  std::vector<std::string> addresses;
  std::size_t client_records = 0;
  std::size_t server_records = 0;
  std::size_t body_bytes = 0;
};

/// Fills `leaks` and `unreadable` of a ladder whose steps stand.
void list_leaks(Ladder& ladder, const Seen& seen);

}  // namespace padlock::explain
