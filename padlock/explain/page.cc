#include "padlock/explain/page.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "padlock/explain/wrap.h"

namespace padlock::explain {
namespace {

constexpr std::size_t narrowest_with_lanes = 60;  // below it, lanes would leave less than 50 characters for the text
constexpr std::size_t widest = 100;               // longer lines are harder to read
constexpr std::size_t narrowest = 32;
constexpr std::size_t margins = 2;  // one space inside each lane

Role role_of(Party party) { return party == Party::client ? Role::client : Role::server; }

Role role_of(Marker::Kind kind) {
  switch (kind) {
    case Marker::Kind::encrypted: return Role::locked;
    case Marker::Kind::open: return Role::open;
    case Marker::Kind::stopped: return Role::alarm;
  }
  return Role::plain;
}

/// Where the value begins in "  next     check the port": lines of a verdict keep their two columns when they wrap.
std::size_t value_column(std::string_view text, std::size_t columns) {
  const std::size_t label = text.find_first_not_of(' ');
  const std::size_t gap = label == std::string_view::npos ? label : text.find("  ", label);
  if (label == 0 || gap == std::string_view::npos) return 0;
  const std::size_t value = text.find_first_not_of(' ', gap);
  return value <= columns / 4 ? value : 0;
}

std::string measures(const Step& step, std::string_view between) {
  std::string text = milliseconds(step.at);
  if (step.wire_bytes) text += std::string(between) + bytes_text(*step.wire_bytes);
  return text;
}

}  // namespace

std::string milliseconds(std::chrono::nanoseconds time) {
  const double value = std::chrono::duration<double, std::milli>(time).count();
  return value < 100 ? fmt::format("{:.3f} ms", value) : fmt::format("{:.1f} ms", value);
}

Page::Page(const TerminalStyle& style)
    : ink_(style), columns_(std::clamp(style.columns, narrowest, widest)), wide_(columns_ >= narrowest_with_lanes) {
  // Wide: number, space, lane, space, text, space, lane. Narrow: number, space, text.
  number_width_ = wide_ ? 3 : 2;
  content_width_ = columns_ - number_width_ - 1 - (wide_ ? 2 + margins : 0);
}

void Page::text(std::string_view text, Role role, std::size_t hanging) {
  if (text.size() <= columns_) {  // as it is, columns within it too
    ink_.write(out_, text, role);
    out_ += '\n';
    return;
  }
  const std::size_t first = std::min({text.find_first_not_of(' '), text.size(), columns_ / 4});
  const std::size_t value = value_column(text, columns_);
  const std::size_t later = value > 0 ? value : first + hanging;
  std::string start(value > 0 ? text.substr(0, value) : std::string_view());
  if (value == 0) start.assign(first, ' ');
  for (const std::string& line : wrap(text.substr(value), columns_ - later)) {
    out_ += std::exchange(start, std::string(later, ' '));
    ink_.write(out_, line, role);
    out_ += '\n';
  }
}

void Page::heads(std::string_view client, std::string_view server) {
  if (!wide_) return;
  const auto row = [this](std::string_view left, std::string_view right, Role left_role, Role right_role) {
    out_.append(number_width_ + 1, ' ');
    ink_.write(out_, left, left_role);
    const std::size_t used = number_width_ + 1 + left.size() + right.size();
    out_.append(used < columns_ ? columns_ - used : 1, ' ');
    ink_.write(out_, right, right_role);
    out_ += '\n';
  };
  row("CLIENT", "SERVER", Role::client, Role::server);
  if (client.empty() && server.empty()) return;
  if (client.size() + server.size() + 2 <= columns_ - number_width_ - 1) row(client, server, Role::faint, Role::faint);
}

void Page::gutter(std::size_t number) {
  out_ += number == 0 ? std::string(number_width_, ' ') : fmt::format("{:>{}}", number, number_width_);
  out_ += ' ';
}

void Page::left_lane() {
  const Glyphs& glyphs = ink_.glyphs();
  ink_.write(out_, locked_ ? glyphs.lane_locked : glyphs.lane, locked_ ? Role::locked : Role::faint);
}

void Page::right_lane() {
  left_lane();
  out_ += '\n';
}

void Page::line(const Line& content) {
  if (!wide_) {
    if (width_of(content) > 0) {
      gutter(0);
      ink_.write(out_, content);
    }
    out_ += '\n';
    return;
  }
  gutter(0);
  left_lane();
  out_ += ' ';
  ink_.write(out_, content);
  const std::size_t used = width_of(content);
  out_.append(used < content_width_ ? content_width_ - used + 1 : 1, ' ');
  right_lane();
}

void Page::wrapped(std::string_view text, Role role, std::size_t indent) {
  // The first line could be longer, but text that stands in one block reads better.
  const std::vector<std::string> lines = wrap(text, content_width_ - std::min(indent, content_width_ - 1));
  for (std::size_t i = 0; i < lines.size(); ++i) {
    line({{std::string(i == 0 ? 0 : indent, ' ') + lines[i], role}});
  }
}

void Page::right(std::string_view text, Role role) {
  if (!wide_ || text.size() > content_width_) return wrapped(text, role);
  line({{std::string(content_width_ - text.size(), ' '), Role::plain}, {std::string(text), role}});
}

void Page::step(std::size_t number, const Step& step) {
  locked_ = step.protection != Protection::none;
  if (wide_) line({});
  if (!wide_) out_ += '\n';
  if (!step.sender) return local_title(number, step);
  if (wide_) return arrow(number, step);
  narrow_arrow(number, step);
}

void Page::local_title(std::size_t number, const Step& step) {
  gutter(number);
  if (wide_) {
    left_lane();
    out_ += ' ';
  }
  const std::string time = milliseconds(step.at);
  const std::string title = step.title.substr(0, content_width_);
  ink_.write(out_, title, Role::strong);
  const bool one_line = wide_ && title.size() + 1 + time.size() <= content_width_;
  out_.append(one_line ? content_width_ - title.size() - time.size() : 0, ' ');
  if (one_line) ink_.write(out_, time, Role::faint);
  if (wide_ && !one_line) out_.append(content_width_ - title.size(), ' ');
  if (wide_) {
    out_ += ' ';
    right_lane();
  } else {
    out_ += '\n';
  }
  if (!one_line) wrapped(time, Role::faint);
}

void Page::arrow(std::size_t number, const Step& step) {
  const Glyphs& glyphs = ink_.glyphs();
  const std::string_view rule = locked_ ? glyphs.rule_locked : glyphs.rule;
  const bool from_client = step.sender == Party::client;
  const Role role = role_of(*step.sender);
  const std::string numbers = " " + measures(step, ", ") + " ";
  // Between the lanes: rule, title, shaft, measures, rule, head.
  const std::size_t room = content_width_ + margins - numbers.size() - 3;
  const std::string title = " " + step.title.substr(0, room - 3) + " ";
  const std::string shaft = repeated(rule, room - title.size());
  const Role lane_role = locked_ ? Role::locked : Role::faint;
  gutter(number);
  if (from_client) {
    ink_.write(out_, locked_ ? glyphs.from_left_locked : glyphs.from_left, lane_role);
    ink_.write(out_, rule, role);
    ink_.write(out_, title, role);
    ink_.write(out_, shaft, role);
    ink_.write(out_, numbers, Role::plain);
    ink_.write(out_, std::string(rule) + std::string(glyphs.head_right), role);
    right_lane();
    return;
  }
  left_lane();
  ink_.write(out_, std::string(glyphs.head_left) + std::string(rule), role);
  ink_.write(out_, numbers, Role::plain);
  ink_.write(out_, shaft, role);
  ink_.write(out_, title, role);
  ink_.write(out_, rule, role);
  ink_.write(out_, locked_ ? glyphs.from_right_locked : glyphs.from_right, lane_role);
  out_ += '\n';
}

void Page::narrow_arrow(std::size_t number, const Step& step) {
  const Glyphs& glyphs = ink_.glyphs();
  const std::string_view rule = locked_ ? glyphs.rule_locked : glyphs.rule;
  const bool from_client = step.sender == Party::client;
  gutter(number);
  ink_.write(out_, from_client ? "client " : "server ", role_of(*step.sender));
  ink_.write(out_, repeated(rule, 2) + std::string(glyphs.head_right), role_of(*step.sender));
  ink_.write(out_, from_client ? " server" : " client", role_of(from_client ? Party::server : Party::client));
  out_ += '\n';
  wrapped(step.title, Role::strong);
  wrapped(measures(step, ", "), Role::faint);
}

void Page::marker(const Marker& marker) {
  const Glyphs& glyphs = ink_.glyphs();
  const Role role = role_of(marker.kind);
  const std::size_t inner = wide_ ? content_width_ + margins : columns_;
  if (wide_) line({});
  if (!wide_) out_ += '\n';
  for (const std::string& part : wrap(marker.text, inner - 4)) {
    const std::size_t rest = inner - part.size() - 2;
    if (wide_) gutter(0);
    std::string text(wide_ ? glyphs.marker_left : std::string_view());
    text += repeated(glyphs.marker_rule, rest / 2) + " " + part + " " + repeated(glyphs.marker_rule, rest - rest / 2);
    if (wide_) text += glyphs.marker_right;
    ink_.write(out_, text, role);
    out_ += '\n';
  }
}

}  // namespace padlock::explain
