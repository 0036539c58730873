#pragma once

#include <cstdint>
#include <vector>

#include "padlock/base/text.h"
#include "padlock/http/message/content_coding.h"

namespace padlock::http {

/// A content in another coding; empty if the coding is identity or its library fails. Calculation only. The levels are
/// those where more time stops to pay: each takes about 30 ns a byte, so that 256 KiB hold a worker up for 8 ms.
std::vector<std::uint8_t> compress(ContentCoding coding, Bytes content);

}  // namespace padlock::http
