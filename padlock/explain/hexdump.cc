#include "padlock/explain/hexdump.h"

#include <algorithm>

#include <fmt/format.h>

namespace padlock::explain {

std::string spaced_hex(Bytes bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) text += fmt::format("{}{:02x}", text.empty() ? "" : " ", byte);
  return text;
}

std::string printable(Bytes bytes) {
  std::string text(as_text(bytes));
  std::ranges::replace_if(text, [](char c) { return c < 0x20 || c > 0x7e; }, '.');
  return text;
}

namespace {
std::size_t gap(std::size_t per_row) { return per_row < 16 ? 1 : 2; }
}  // namespace

std::size_t dump_columns(std::size_t width) {
  for (const std::size_t count : {std::size_t{16}, std::size_t{8}}) {
    if (4 + 3 * count + gap(count) + count <= width) return count;  // offset, bytes with a space in front, text
  }
  return 4;
}

std::vector<std::string> hexdump(Bytes bytes, std::size_t per_row) {
  std::vector<std::string> rows;
  for (std::size_t at = 0; at < bytes.size(); at += per_row) {
    const Bytes row = bytes.subspan(at, std::min(per_row, bytes.size() - at));
    rows.push_back(fmt::format("{:04x} {:<{}}{}", at, spaced_hex(row), 3 * per_row - 1 + gap(per_row), printable(row)));
  }
  return rows;
}

}  // namespace padlock::explain
