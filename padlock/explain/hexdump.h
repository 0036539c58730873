#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "padlock/base/text.h"

namespace padlock::explain {

/// "16 03 01".
std::string spaced_hex(Bytes bytes);
/// Printable ASCII as it is, everything else as a dot.
std::string printable(Bytes bytes);

/// How many bytes of a hex dump fit into a row of `width` characters: 16, 8 or 4.
std::size_t dump_columns(std::size_t width);
/// Rows of offset, hex and text: "0010  48 54 54 50  HTTP", each with `per_row` bytes.
std::vector<std::string> hexdump(Bytes bytes, std::size_t per_row);

}  // namespace padlock::explain
