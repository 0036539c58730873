#include "padlock/server/stored_file.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "padlock/http/message/date.h"
#include "padlock/server/limits.h"

namespace padlock::server {
namespace {

std::string hex(std::uint64_t number) {
  std::array<char, 16> digits{};
  return {digits.begin(), std::to_chars(digits.begin(), digits.end(), number, 16).ptr};
}

/// From time and size, so it changes with each change that the file system's clock can tell apart.
http::Validators validators_of(const net::FileFacts& facts, WallTime now) {
  std::string tag = "\"" + hex(static_cast<std::uint64_t>(facts.modified.time_since_epoch().count())) + "-" +
                    hex(facts.modified_nanoseconds) + "-" + hex(facts.size) + "\"";
  if (!is_settled(facts, now)) tag.insert(0, "W/");
  // A file from the future would look unchanged for ever (RFC 9110, section 8.8.2.1).
  return {std::move(tag), std::min(facts.modified, now)};
}

}  // namespace

bool is_settled(const net::FileFacts& facts, WallTime now) { return now - facts.modified >= limits::settled_after; }

Representation make_representation(const net::FileFacts& facts, WallTime now) {
  Representation made{.facts = facts, .size = facts.size, .validators = validators_of(facts, now), .last_modified = {}};
  made.last_modified = http::to_http_date(made.validators.last_modified);
  return made;
}

std::size_t StoredFile::memory() const { return sizeof(StoredFile) + (whole.bytes ? whole.bytes->size() : 0); }

}  // namespace padlock::server
