#include "padlock/http/h1/field_reader.h"

#include "padlock/http/message/syntax.h"
#include "padlock/http/rules.h"

namespace padlock::http::h1 {

Result<std::optional<Fields>> FieldReader::take(Bytes& in) {
  constexpr std::size_t line_end = 2;  // CR LF count too
  while (!in.empty()) {
    const std::size_t left = limits_.bytes - std::min(limits_.bytes, used_ + line_end);
    const auto line = PADLOCK_TRY(lines_.take(in, left, rules::fields_too_large));
    if (!line) return std::nullopt;
    if (line->empty()) return std::move(fields_);
    used_ += line->size() + line_end;
    PADLOCK_TRY(add(*line));
  }
  return std::nullopt;
}

Result<void> FieldReader::add(std::string_view line) {
  if (line.front() == ' ' || line.front() == '\t')
    return broken(rules::obsolete_folding, "a field line begins with white space");
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos)
    return broken(rules::field_line_malformed, "the field line \"" + escaped(line.substr(0, 64)) + "\" has no colon");
  const std::string_view name = line.substr(0, colon);
  if (!is_token(name))
    return broken(rules::field_name_malformed, "the field name is \"" + escaped(name.substr(0, 64)) + "\"");
  if (fields_.size() == limits_.count)
    return broken(rules::too_many_fields, "more than " + std::to_string(limits_.count) + " field lines");
  fields_.add(name, trimmed(line.substr(colon + 1)));
  return {};
}

}  // namespace padlock::http::h1
