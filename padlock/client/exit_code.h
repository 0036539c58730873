#pragma once

#include <cstdint>

#include "padlock/base/result.h"

namespace padlock::client {

/// How far a fetch had come: what breaks the connection is 35 during the handshake and 56 after it.
enum class Stage : std::uint8_t { before_connected, connected };

/// curl's number for what went wrong in a fetch: 6 name, 7 connect, 16 HTTP/2 framing, 18 partial body, 22 HTTP error
/// with -f, 23 write, 28 timeout, 35 handshake, 47 redirects, 52 empty answer, 56 receive, 60 certificate, 92 HTTP/2
/// stream; 2 for wrong URLs and trust
/// files (ours), 1 for anything else.
int exit_code_of(const Error& error, Stage stage = Stage::before_connected);

}  // namespace padlock::client
