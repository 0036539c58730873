#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "padlock/explain/ink.h"
#include "padlock/explain/ladder.h"

namespace padlock::explain {

/// Draws the frame of a ladder: the client's lane on the left, the server's on the right and the text between them;
/// on a narrow terminal one indented column. Everything is written through it, so no line is ever too long.
class Page {
 public:
  explicit Page(const TerminalStyle& style);

  /// Room between the lanes, in characters.
  std::size_t content_width() const { return content_width_; }
  std::size_t columns() const { return columns_; }
  bool wide() const { return wide_; }
  std::string_view bullet() const { return ink_.glyphs().bullet; }

  /// Outside the lanes; wrapped, with the spaces it begins with, and later lines indented by `hanging` more.
  void text(std::string_view text, Role role = Role::plain, std::size_t hanging = 0);
  void blank() { out_ += '\n'; }
  /// Names both ends.
  void heads(std::string_view client, std::string_view server);
  /// The arrow with which a step begins; sets how its lanes look.
  void step(std::size_t number, const Step& step);
  /// One line between the lanes; the caller keeps it within content_width().
  void line(const Line& content);
  /// Text between the lanes, wrapped; later lines indented by `indent`.
  void wrapped(std::string_view text, Role role = Role::plain, std::size_t indent = 0);
  /// Text between the lanes, at the right end.
  void right(std::string_view text, Role role);
  void marker(const Marker& marker);
  std::string take() { return std::move(out_); }

 private:
  void arrow(std::size_t number, const Step& step);
  void narrow_arrow(std::size_t number, const Step& step);
  void local_title(std::size_t number, const Step& step);
  void gutter(std::size_t number);
  void left_lane();
  void right_lane();

  Ink ink_;
  std::size_t columns_;
  bool wide_;
  std::size_t number_width_;
  std::size_t content_width_;
  bool locked_ = false;
  std::string out_;
};

/// "0.412 ms".
std::string milliseconds(std::chrono::nanoseconds time);

}  // namespace padlock::explain
