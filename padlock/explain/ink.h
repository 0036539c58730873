#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace padlock::explain {

/// What a terminal can show. Plain ASCII without colour at 80 columns is what a file or a pipe gets.
struct TerminalStyle {
  std::size_t columns = 80;
  bool colour = false;
  bool utf8 = false;
};

/// Roles, not colours: the ink decides what a role looks like.
enum class Role : std::uint8_t { plain, faint, strong, client, server, locked, open, alarm };

/// A text in one role. Widths are counted in bytes: texts of the model are ASCII.
struct Piece {
  std::string text;
  Role role = Role::plain;
};
using Line = std::vector<Piece>;

std::size_t width_of(const Line& line);

/// The characters that lanes and arrows are drawn with; each is one cell wide.
struct Glyphs {
  std::string_view lane, lane_locked;            // the sides
  std::string_view rule, rule_locked;            // an arrow's shaft
  std::string_view from_left, from_left_locked;  // where an arrow leaves
  std::string_view from_right, from_right_locked;
  std::string_view head_right, head_left;
  std::string_view marker_left, marker_rule, marker_right;
  std::string_view bullet, more;
};

/// Writes pieces with or without colour, and hands out the glyphs that the terminal has.
class Ink {
 public:
  explicit Ink(const TerminalStyle& style) : style_(style) {}
  void write(std::string& out, std::string_view text, Role role) const;
  void write(std::string& out, const Line& line) const;
  const Glyphs& glyphs() const;
  const TerminalStyle& style() const { return style_; }

 private:
  TerminalStyle style_;
};

/// A glyph, `count` times.
std::string repeated(std::string_view glyph, std::size_t count);

}  // namespace padlock::explain
