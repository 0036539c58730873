#include "padlock/http/h1/line_reader.h"

#include <utility>

#include "padlock/http/message/syntax.h"
#include "padlock/http/rules.h"

namespace padlock::http::h1 {
namespace {

std::unexpected<Error> unexpected_control(char c, std::string_view line) {
  const std::string where = " after " + std::to_string(line.size()) + " bytes of a line";
  if (c == '\n') return broken(rules::bare_line_feed, "LF without CR" + where);
  return broken(rules::control_character, "the byte " + escaped(std::string_view(&c, 1)) + where);
}

}  // namespace

Result<std::optional<std::string_view>> LineReader::take(Bytes& in, std::size_t limit, const Rule& too_long) {
  if (in.empty()) return std::nullopt;
  if (carriage_return_) {
    carriage_return_ = false;
    handed_ = std::exchange(kept_, {});
    return after_carriage_return(in, handed_);
  }
  const std::string_view text = as_text(in);
  const std::size_t end = find_control(text);
  if (kept_.size() + end > limit)
    return broken(too_long, "a line is longer than the " + std::to_string(limit) + " bytes that are left for it");
  if (end == text.size() || text[end] != '\r') {
    kept_ += text.substr(0, end);
    in = in.subspan(end);
    if (in.empty()) return std::nullopt;
    return unexpected_control(text[end], kept_);
  }
  in = in.subspan(end + 1);
  if (in.empty() || !kept_.empty()) {
    kept_ += text.substr(0, end);
    carriage_return_ = true;
    return take(in, limit, too_long);
  }
  return after_carriage_return(in, text.substr(0, end));
}

Result<std::optional<std::string_view>> LineReader::after_carriage_return(Bytes& in, std::string_view line) {
  if (in.front() != '\n')
    return broken(rules::bare_carriage_return,
                  "CR without LF after " + std::to_string(line.size()) + " bytes of a line");
  in = in.subspan(1);
  return line;
}

}  // namespace padlock::http::h1
