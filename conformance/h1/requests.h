#pragma once

#include <random>
#include <string>

// Requests that are good or almost good, for readers of HTTP/1.1 to disagree on.

namespace padlock::differential {

/// What a client sends on one connection.
struct Sent {
  std::string bytes;
  std::string what;  ///< what was changed, in words; empty: nothing
};

/// One to three requests by the grammar of RFC 9112, with every framing, then mostly changed at one to three of the
/// places that request smuggling uses. The same generator sends the same.
Sent make_requests(std::mt19937_64& random);

}  // namespace padlock::differential
