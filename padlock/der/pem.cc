#include "padlock/der/pem.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "padlock/der/rules.h"

namespace padlock::der {
namespace {

constexpr std::string_view begin_mark = "-----BEGIN ";
constexpr std::string_view end_mark = "-----END ";
constexpr std::string_view dashes = "-----";
constexpr std::size_t octets_per_line = 48;  // 64 characters (RFC 7468, section 2)
constexpr std::size_t octets_at_a_time = 9;  // 12 characters: short enough for a string without heap

/// Takes the next line off `text`, without its end and without white space before it.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
  return line;
}

/// The label of an encapsulation boundary, "-----BEGIN label-----".
std::optional<std::string_view> boundary_label(std::string_view line, std::string_view mark) {
  if (!line.starts_with(mark) || !line.ends_with(dashes) || line.size() < mark.size() + dashes.size()) return {};
  return line.substr(mark.size(), line.size() - mark.size() - dashes.size());
}

/// "line 12 of the text", for errors.
std::string place(std::size_t line) { return "the block that begins in line " + std::to_string(line); }

/// Walks the lines of a text, counting them.
struct Lines {
  std::string_view rest;
  std::size_t number = 0;
  bool empty() const { return rest.empty(); }
  std::string_view next() {
    ++number;
    return take_line(rest);
  }
};

/// The lines of a block, up to and without its END line.
Result<std::string_view> take_block(Lines& lines, std::string_view label) {
  const std::string_view text = lines.rest;
  const std::size_t first_line = lines.number;
  while (!lines.empty()) {
    const std::size_t length = text.size() - lines.rest.size();
    const std::string_view line = lines.next();
    if (boundary_label(line, end_mark) == label) return text.substr(0, length);
    if (line.starts_with(dashes)) break;
  }
  return broken(rules::pem_unterminated, place(first_line) + " (" + escaped(label) + ") has no end");
}

/// The octets of a block. The base64 between is wiped: it may be a private key's.
Result<std::vector<std::uint8_t>> decode(std::string_view body, std::size_t first_line) {
  std::vector<std::uint8_t> base64;
  base64.reserve(body.size());
  while (!body.empty()) {
    const Bytes line = as_bytes(take_line(body));
    base64.insert(base64.end(), line.begin(), line.end());
  }
  auto bytes = from_base64(as_text(base64));
  wipe(base64);
  if (!bytes || bytes->empty()) return broken(rules::pem_malformed, place(first_line) + " holds no strict base64");
  return *std::move(bytes);
}

/// Appends the block. A private key's base64 is on no heap but `out`'s.
void append_pem(std::vector<std::uint8_t>& out, std::string_view label, Bytes bytes) {
  const auto append = [&](std::string_view text) { std::ranges::copy(as_bytes(text), std::back_inserter(out)); };
  out.reserve(2 * (begin_mark.size() + label.size() + dashes.size() + 1) + bytes.size() * 3 / 2 + 8);
  append(begin_mark), append(label), append(dashes), append("\n");
  for (Bytes rest = bytes; !rest.empty();) {
    const Bytes line = rest.first(std::min(octets_per_line, rest.size()));
    rest = rest.subspan(line.size());
    for (std::size_t at = 0; at < line.size(); at += octets_at_a_time)
      append(to_base64(line.subspan(at, std::min(octets_at_a_time, line.size() - at))));
    append("\n");
  }
  append(end_mark), append(label), append(dashes), append("\n");
}

}  // namespace

Result<std::vector<PemBlock>> find_all(std::string_view text, std::string_view label) {
  std::vector<PemBlock> blocks;
  std::string_view between = text;
  for (Lines lines{text}; !lines.empty();) {
    const std::size_t begin = between.size() - lines.rest.size();
    const auto found = boundary_label(lines.next(), begin_mark);
    if (!found) continue;
    const std::string_view explanatory_text = between.substr(0, begin);
    const std::size_t first_line = lines.number;
    const std::string_view body = PADLOCK_TRY(take_block(lines, *found));
    between = lines.rest;
    if (!label.empty() && *found != label) continue;
    blocks.push_back({std::string(*found), PADLOCK_TRY(decode(body, first_line)), explanatory_text});
  }
  return blocks;
}

std::string write_pem(std::string_view label, Bytes bytes) {
  std::vector<std::uint8_t> text;
  append_pem(text, label, bytes);
  return std::string(as_text(text));
}

SecretBytes write_secret_pem(std::string_view label, Bytes bytes) {
  std::vector<std::uint8_t> text;
  append_pem(text, label, bytes);
  return SecretBytes(std::move(text));
}

}  // namespace padlock::der
