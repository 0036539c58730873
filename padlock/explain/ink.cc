#include "padlock/explain/ink.h"

#include <numeric>

namespace padlock::explain {
namespace {

constexpr Glyphs ascii{.lane = "|",
                       .lane_locked = "#",
                       .rule = "-",
                       .rule_locked = "=",
                       .from_left = "|",
                       .from_left_locked = "#",
                       .from_right = "|",
                       .from_right_locked = "#",
                       .head_right = ">",
                       .head_left = "<",
                       .marker_left = "#",
                       .marker_rule = "=",
                       .marker_right = "#",
                       .bullet = "*",
                       .more = "..."};

constexpr Glyphs unicode{.lane = "│",
                         .lane_locked = "║",
                         .rule = "─",
                         .rule_locked = "═",
                         .from_left = "├",
                         .from_left_locked = "╠",
                         .from_right = "┤",
                         .from_right_locked = "╣",
                         .head_right = "▶",
                         .head_left = "◀",
                         .marker_left = "╠",
                         .marker_rule = "═",
                         .marker_right = "╣",
                         .bullet = "•",
                         .more = "..."};

/// The eight colours that every terminal has, in a tone that reads on light and dark.
std::string_view escape_of(Role role) {
  switch (role) {
    case Role::plain: return "";
    case Role::faint: return "\x1b[2m";
    case Role::strong: return "\x1b[1m";
    case Role::client: return "\x1b[1;36m";
    case Role::server: return "\x1b[1;35m";
    case Role::locked: return "\x1b[32m";
    case Role::open: return "\x1b[33m";
    case Role::alarm: return "\x1b[1;31m";
  }
  return "";
}

}  // namespace

std::size_t width_of(const Line& line) {
  return std::accumulate(line.begin(), line.end(), std::size_t{0},
                         [](std::size_t sum, const Piece& piece) { return sum + piece.text.size(); });
}

void Ink::write(std::string& out, std::string_view text, Role role) const {
  const std::string_view escape = style_.colour && !text.empty() ? escape_of(role) : std::string_view();
  out += escape;
  out += text;
  if (!escape.empty()) out += "\x1b[0m";
}

void Ink::write(std::string& out, const Line& line) const {
  for (const Piece& piece : line) write(out, piece.text, piece.role);
}

const Glyphs& Ink::glyphs() const { return style_.utf8 ? unicode : ascii; }

std::string repeated(std::string_view glyph, std::size_t count) {
  std::string text;
  text.reserve(glyph.size() * count);
  for (std::size_t i = 0; i < count; ++i) text += glyph;
  return text;
}

}  // namespace padlock::explain
