#include "padlock/explain/terminal.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "padlock/base/text.h"
#include "padlock/explain/byte_rows.h"
#include "padlock/explain/hexdump.h"
#include "padlock/explain/limits.h"
#include "padlock/explain/page.h"
#include "padlock/explain/wrap.h"

namespace padlock::explain {
namespace {

class Terminal {
 public:
  Terminal(const Ladder& ladder, const ViewOptions& options, const TerminalStyle& style)
      : ladder_(ladder), options_(options), page_(style) {}

  std::string draw() {
    head();
    std::size_t number = 0;
    for (const Step& step : ladder_.steps) draw_step(++number, step);
    if (!ladder_.stopped.empty()) page_.marker({Marker::Kind::stopped, ladder_.stopped});
    ending();
    if (options_.wiretap) leaks();
    outcome();
    return page_.take();
  }

 private:
  void head() {
    page_.text("How " + ladder_.url + " was fetched, step by step", Role::strong);
    if (!ladder_.tcp_note.empty()) page_.text(ladder_.tcp_note, Role::faint);
    page_.blank();
    page_.heads(ladder_.client_address, ladder_.server_address);
  }

  void draw_step(std::size_t number, const Step& step) {
    page_.step(number, step);
    explain(step);
    for (const Fact& fact : step.facts) row(fact.name, fact.value, Role::plain);
    choices(step);
    keys(step);
    if (options_.bytes) bytes(step);
    if (options_.wiretap) wiretap(step);
    if (step.marker) page_.marker(*step.marker);
  }

  /// The plain sentence; the RFC's section stands at its end, on the last line if there is room.
  void explain(const Step& step) {
    std::vector<std::string> lines = wrap(step.words, page_.content_width());
    const std::string last = lines.back();
    if (!page_.wide() || last.size() + 2 + step.source.size() > page_.content_width()) {
      page_.wrapped(step.words);
      return page_.right(step.source, Role::faint);
    }
    lines.pop_back();
    for (const std::string& line : lines) page_.line({{line}});
    const std::size_t gap = page_.content_width() - last.size() - step.source.size();
    page_.line({{last}, {std::string(gap, ' ')}, {step.source, Role::faint}});
  }

  /// A name and its value: beside each other, or below each other where the terminal is narrow.
  void row(std::string_view name, std::string_view value, Role role) {
    constexpr std::size_t name_width = 24;
    if (!page_.wide()) {
      const std::vector<std::string> lines = wrap(value, page_.content_width() - 2);
      const bool one_line = lines.size() == 1 && name.size() + 2 + value.size() <= page_.content_width();
      if (one_line) return page_.line({{std::string(name) + ": ", Role::faint}, {std::string(value), role}});
      page_.wrapped(std::string(name) + ":", Role::faint);
      for (const std::string& line : lines) page_.line({{"  "}, {line, role}});
      return;
    }
    const std::vector<std::string> lines = wrap(value, page_.content_width() - name_width - 2);
    const std::string empty_label(name_width + 2, ' ');
    std::string label = fmt::format("  {:<{}}", name, name_width);
    if (name.size() >= name_width) {  // a peer's field can have a name of any length
      for (const std::string& line : wrap(name, page_.content_width() - 2)) page_.line({{"  " + line, Role::faint}});
      label = empty_label;
    }
    for (const std::string& line : lines) {
      page_.line({{std::exchange(label, empty_label), Role::faint}, {line, role}});
    }
  }

  /// What was chosen; a reason that several choices in a row share is said once, below them.
  void choices(const Step& step) {
    for (std::size_t i = 0; i < step.choices.size(); ++i) {
      const Choice& choice = step.choices[i];
      row("chosen " + choice.what, choice.value, Role::plain);
      const bool shared = i + 1 < step.choices.size() && step.choices[i + 1].reason == choice.reason;
      if (!shared && !choice.reason.empty()) row("because", choice.reason, Role::faint);
    }
  }

  void keys(const Step& step) {
    for (const DerivedKey& key : step.keys) {
      row("new key", fmt::format("{} ({})", key.label, bytes_text(key.length)), Role::locked);
    }
  }

  void bytes(const Step& step) {
    if (step.message.empty()) return;
    page_.line({});
    page_.wrapped(fmt::format("the message, {}:", bytes_text(step.message.size())), Role::faint);
    if (!step.fields_missing.empty()) page_.wrapped("it cannot be read: " + step.fields_missing, Role::alarm);
    for (const ByteRow& field : byte_rows(step.fields, step.message.size())) byte_row(step, field);
  }

  void byte_row(const Step& step, const ByteRow& field) {
    const std::string indent(std::min<std::size_t>(field.depth, 6), ' ');
    const std::string label = indent + field.name + (field.meaning.empty() ? "" : " = " + field.meaning);
    if (field.length == 0) return hex_row("", "", label);
    const Bytes all = Bytes(step.message).subspan(field.offset, field.length);
    const Bytes shown = all.first(std::min(all.size(), limits::field_hex_bytes));
    const std::size_t per_row = hex_per_row();
    std::string text = label;
    for (std::size_t at = 0; at < shown.size(); at += per_row) {
      const Bytes part = shown.subspan(at, std::min(per_row, shown.size() - at));
      hex_row(fmt::format("{:4}", field.offset + at), spaced_hex(part), std::exchange(text, ""));
    }
    if (shown.size() < all.size()) hex_row("", "", fmt::format("{}({} more)", indent, all.size() - shown.size()));
  }

  std::size_t hex_per_row() const { return page_.wide() ? 8 : 4; }

  void hex_row(std::string_view offset, std::string_view hex, std::string_view label) {
    const std::size_t hex_width = 3 * hex_per_row() - 1;
    const std::size_t label_at = 4 + 1 + hex_width + 2;
    const std::vector<std::string> lines = wrap_keeping_indent(label, page_.content_width() - label_at);
    std::string left = fmt::format("{:>4} ", offset);
    std::string middle = fmt::format("{:<{}}  ", hex, hex_width);
    for (const std::string& line : lines) {
      page_.line({{std::exchange(left, "     "), Role::faint},
                  {std::exchange(middle, std::string(hex_width + 2, ' ')), Role::locked},
                  {line}});
    }
  }

  static std::vector<std::string> wrap_keeping_indent(std::string_view text, std::size_t width) {
    const std::size_t indent = std::min(text.find_first_not_of(' '), text.size());
    std::vector<std::string> lines = wrap(text.substr(indent), width - std::min(indent, width - 1));
    for (std::string& line : lines) line.insert(0, indent, ' ');
    return lines;
  }

  void wiretap(const Step& step) {
    if (!step.sender) return;
    const bool readable = step.protection == Protection::none;
    const Role role = readable ? Role::open : Role::locked;
    page_.line({});
    page_.wrapped("listener: " + step.listener, role);
    const std::size_t most = readable ? limits::readable_dump_bytes : limits::unreadable_dump_bytes;
    const Bytes shown = Bytes(step.wire).first(std::min(step.wire.size(), most));
    for (const std::string& line : hexdump(shown, dump_columns(page_.content_width()))) {
      page_.line({{line, readable ? Role::open : Role::faint}});
    }
    const std::size_t whole = step.wire_bytes.value_or(step.wire.size());
    if (!shown.empty() && shown.size() < whole) {
      page_.wrapped(fmt::format("({} more)", bytes_text(whole - shown.size())), Role::faint);
    }
  }

  void ending() {
    if (ladder_.client_bytes + ladder_.server_bytes == 0) return;
    page_.blank();
    page_.text(fmt::format("Over the connection, TCP and IP headers aside: client sent {}, server sent {}.",
                           bytes_text(ladder_.client_bytes), bytes_text(ladder_.server_bytes)),
               Role::faint);
  }

  void list(std::string_view title, std::span<const Leak> leaks, Role role) {
    if (leaks.empty()) return;
    page_.blank();
    page_.text(title, role);
    for (const Leak& leak : leaks) {
      page_.text(fmt::format("  - {}: {}", leak.what, leak.value), Role::plain, 2);
    }
  }

  void leaks() {
    list("What a listener on the way knows now:", ladder_.leaks, Role::open);
    list("What a listener does not know:", ladder_.unreadable, Role::locked);
  }

  void outcome() {
    const Outcome& outcome = ladder_.outcome;
    page_.blank();
    if (!options_.bytes && !options_.wiretap) {
      page_.text("More: --bytes shows every field with its bytes, --wiretap what a listener on the way sees.",
                 Role::faint);
    }
    if (!outcome.verdict.empty()) page_.text(outcome.verdict, outcome.secure ? Role::locked : Role::alarm, 2);
    std::string_view rest = outcome.explanation;
    while (!rest.empty()) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      page_.text(line, Role::plain, 2);
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    }
  }

  const Ladder& ladder_;
  ViewOptions options_;
  Page page_;
};

}  // namespace

std::string to_terminal(const Ladder& ladder, const ViewOptions& options, const TerminalStyle& style) {
  return Terminal(ladder, options, style).draw();
}

}  // namespace padlock::explain
