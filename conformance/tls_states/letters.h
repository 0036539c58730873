#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "padlock/tls/testing/scripted_peer.h"
#include "padlock/tls/types.h"

/// What any peer can say, whatever it knows.
namespace padlock::tls_states {

/// A record that is no handshake message: its type and its bytes.
struct Content {
  tls::ContentType type;
  std::vector<std::uint8_t> bytes;
};
Content content_of(const std::string& row);

/// A message of this row's type, good where that takes no knowledge of the connection.
tls::testing::Message message_without_context(const std::string& row);

/// A message of this type whose body is one zero.
tls::testing::Message garbage(std::uint8_t type);

}  // namespace padlock::tls_states
