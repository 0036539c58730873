#include "padlock/server/route/paths.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "padlock/base/text.h"
#include "padlock/http/message/path.h"

namespace padlock::server {
namespace {

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }
std::string_view query_of(std::string_view target) {
  const std::size_t at = target.find('?');
  return at == std::string_view::npos ? std::string_view() : target.substr(at);
}

/// Calls `visit` for each segment of a path that begins with a slash.
template <class Visit>
void for_each_segment(std::string_view path, Visit&& visit) {
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    visit(path.substr(0, end));
    path.remove_prefix(end);
  }
}

/// Each good %XX as its byte, but for those that `stays`; others stay too.
template <class Stays>
std::string decoded_laxly(std::string_view text, Stays&& stays) {
  std::string out;
  while (!text.empty()) {
    const auto byte = text.front() == '%' ? http::percent_decoded(text.substr(0, 3)) : std::nullopt;
    const bool decoded = byte && !stays(byte->front());
    out += decoded ? byte->front() : text.front();
    text.remove_prefix(decoded ? 3 : 1);
  }
  return out;
}

}  // namespace

std::optional<PathPrefix> PathPrefix::parse(std::string_view text) {
  if (!text.starts_with('/')) return std::nullopt;
  const auto path = http::parse_file_path(http::encode_path(text));
  if (text == "/") return PathPrefix();
  const bool as_written =
      path && !path->relative.empty() && "/" + path->relative + (path->trailing_slash ? "/" : "") == text;
  return as_written ? std::optional(PathPrefix("/" + path->relative)) : std::nullopt;
}

bool PathPrefix::holds(std::string_view path) const {
  return path.starts_with(text_) && (path.size() == text_.size() || path.substr(text_.size()).starts_with('/'));
}

std::size_t PathPrefix::segments() const { return static_cast<std::size_t>(std::ranges::count(text_, '/')); }

Result<std::string> resolved_path(std::string_view target) {
  return "/" + PADLOCK_TRY(http::parse_file_path(target)).relative;
}

std::string lax_path(std::string_view target) {
  std::string path = decoded_laxly(path_of(target), [](char) { return false; });
  std::ranges::replace(path, '\\', '/');
  std::vector<std::string_view> segments;
  for_each_segment(path, [&](std::string_view segment) {
    if (segment == ".." && !segments.empty()) segments.pop_back();
    if (segment != ".." && segment != "." && !segment.empty()) segments.push_back(segment);
  });
  std::string resolved;
  for (const std::string_view segment : segments) resolved.append("/").append(segment);
  return resolved.empty() ? "/" : resolved;
}

std::string literal_path(std::string_view target) {
  return decoded_laxly(path_of(target), [](char byte) { return byte == '/'; });
}

std::string PathMap::resolved(std::string_view target) const {
  const auto path = http::parse_file_path(target);
  if (!path || !from.holds("/" + path->relative)) return std::string(target);
  const std::string whole = "/" + path->relative;
  const std::string_view rest = std::string_view(whole).substr(whole == "/" ? 0 : from.text().size());
  std::string mapped = http::encode_path(to.text()) + http::encode_path(rest);
  if (mapped.empty() || (path->trailing_slash && !mapped.ends_with('/'))) mapped += '/';
  return mapped.append(query_of(target));
}

std::string PathMap::literal(std::string_view target) const {
  if (!target.starts_with('/') || !from.holds(literal_path(target))) return std::string(target);
  std::string_view rest = path_of(target);
  for (std::size_t left = from.segments(); left > 0; --left)
    rest.remove_prefix(std::min(rest.find('/', 1), rest.size()));
  while (rest.starts_with("//")) rest.remove_prefix(1);  // "//host" means something else to many
  std::string mapped = http::encode_path(to.text()).append(rest);
  if (mapped.empty()) mapped = "/";
  return mapped.append(query_of(target));
}

std::string PathMap::undone(std::string_view path) const {
  const std::string ours = http::encode_path(to.text());
  const bool inside = path.starts_with(ours) && path.substr(ours.size()).starts_with('/');
  return inside ? http::encode_path(from.text()).append(path.substr(ours.size())) : std::string(path);
}

}  // namespace padlock::server
