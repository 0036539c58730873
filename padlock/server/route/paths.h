#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "padlock/base/result.h"

/// Which part of a site a request's path lies in. Calculation only.
namespace padlock::server {

/// The beginning of paths, in whole segments: "/api" holds "/api" and "/api/x", not "/apix". Decoded; without a slash
/// at its end; "" holds all paths.
class PathPrefix {
 public:
  PathPrefix() = default;
  /// "/api/", "/api" or "/"; nothing if it is no path, or has something to resolve (`..`, empty segments).
  static std::optional<PathPrefix> parse(std::string_view text);

  /// `path`: one of the readings below.
  bool holds(std::string_view path) const;
  std::size_t segments() const;
  const std::string& text() const { return text_; }
  friend bool operator==(const PathPrefix&, const PathPrefix&) = default;

 private:
  explicit PathPrefix(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// A target's path decoded once and resolved, as files are found by it: "/a/b". Errors: those of http::parse_file_path.
Result<std::string> resolved_path(std::string_view target);
/// As the laxest server behind us may read it: encoded slashes and backslashes are slashes, and ".." at the root is
/// nothing. The same as `resolved_path` where that has no error.
std::string lax_path(std::string_view target);
/// As it is written: decoded once but for slashes, nothing resolved.
std::string literal_path(std::string_view target);

/// A prefix of paths in place of another.
struct PathMap {
  PathPrefix from, to;

  /// The target for who reads the path as we do: decoded, resolved and written anew. One outside `from`, or that cannot
  /// be read, stays what it is.
  std::string resolved(std::string_view target) const;
  /// The target for other servers: what follows `from` stays as it is written.
  std::string literal(std::string_view target) const;
  /// The way back, for a path of ours in a Location field.
  std::string undone(std::string_view path) const;
  friend bool operator==(const PathMap&, const PathMap&) = default;
};

}  // namespace padlock::server
