#include "padlock/http/message/path.h"

#include <algorithm>
#include <optional>

#include "padlock/base/text.h"
#include "padlock/http/message/syntax.h"
#include "padlock/http/rules.h"

namespace padlock::http {
namespace {

std::unexpected<Error> refuse(const Rule& rule, std::string_view path) {
  return broken(rule, "the path is \"" + escaped(path.substr(0, 256)) + "\"");
}

unsigned hex_value(char c) { return static_cast<unsigned>(is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10); }

/// How many continuation bytes follow `first`, and the least code point that needs so many.
struct Sequence {
  unsigned continuation;
  char32_t least;
};

std::optional<Sequence> sequence_after(unsigned char first) {
  if (first >= 0xc2 && first < 0xe0) return Sequence{1, 0x80};
  if (first >= 0xe0 && first < 0xf0) return Sequence{2, 0x800};
  if (first >= 0xf0 && first < 0xf5) return Sequence{3, 0x10000};
  return std::nullopt;
}

/// The length of what is left of a path without its last segment.
std::size_t parent_size(std::string_view relative) {
  const std::size_t slash = relative.rfind('/');
  return slash == std::string_view::npos ? 0 : slash;
}

/// False, and what is behind `out` means nothing: a percent sign without two digits.
bool append_decoded(std::string& out, std::string_view text) {
  for (;;) {
    const std::size_t percent = std::min(text.find('%'), text.size());
    out.append(text.substr(0, percent));
    text.remove_prefix(percent);
    if (text.empty()) return true;
    if (text.size() < 3 || !is_hex_digit(text[1]) || !is_hex_digit(text[2])) return false;
    out += static_cast<char>(hex_value(text[1]) * 16 + hex_value(text[2]));
    text.remove_prefix(3);
  }
}

}  // namespace

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  if (!append_decoded(out, text)) return std::nullopt;
  return out;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto first = static_cast<unsigned char>(text.front());
    if (first < 0x80) {
      text.remove_prefix(1);
      continue;
    }
    const auto sequence = sequence_after(first);
    if (!sequence || text.size() <= sequence->continuation) return false;
    char32_t point = first & (0x3fU >> sequence->continuation);
    for (const char c : text.substr(1, sequence->continuation)) {
      if ((static_cast<unsigned char>(c) & 0xc0U) != 0x80) return false;
      point = point << 6 | (static_cast<unsigned char>(c) & 0x3fU);
    }
    const bool surrogate = point >= 0xd800 && point < 0xe000;
    if (point < sequence->least || point > 0x10ffff || surrogate) return false;
    text.remove_prefix(sequence->continuation + 1);
  }
  return true;
}

Result<FilePath> parse_file_path(std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  if (!path.starts_with('/')) return refuse(rules::path_malformed, path);
  FilePath result;
  std::string& relative = result.relative;
  relative.reserve(path.size());
  std::string_view rest = path;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::size_t end = std::min(rest.find('/'), rest.size());
    const std::size_t before = relative.size();
    if (before > 0) relative += '/';
    const std::size_t begin = relative.size();
    const bool decoded = append_decoded(relative, rest.substr(0, end));
    rest.remove_prefix(end);
    const std::string_view segment = std::string_view(relative).substr(begin);
    if (!decoded || !is_utf8(segment)) return refuse(rules::path_malformed, path);
    if (segment.find_first_of(std::string_view("\0/\\", 3)) != std::string::npos)
      return refuse(rules::path_forbidden, path);
    const bool up = segment == "..";
    if (up && before == 0) return refuse(rules::path_outside, path);
    result.trailing_slash = up || segment.empty() || segment == ".";
    if (!result.trailing_slash) continue;
    relative.resize(before);
    if (up) relative.resize(parent_size(relative));
  }
  result.hidden = relative.starts_with('.') || relative.find("/.") != std::string::npos;
  return result;
}

std::string encode_path(std::string_view path) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr std::string_view kept = "-._~/!$&'()*+,;=:@";  // RFC 3986, section 3.3: pchar and "/"
  std::string out;
  for (const char c : path) {
    if (is_alpha(c) || is_digit(c) || kept.find(c) != std::string_view::npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', digits[byte >> 4], digits[byte & 15U]};
  }
  return out;
}

}  // namespace padlock::http
