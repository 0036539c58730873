#include "padlock/server/stored_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>
#include <utility>

#include "padlock/http/coding/compress.h"
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

/// Before the closing quote, so that the forms of a file differ in their tags (RFC 9110, section 8.8.3.3).
void add_to_tag(Representation& form, const std::string& more) {
  std::string& tag = form.validators.entity_tag;
  tag.insert(tag.size() - 1, more);
}

}  // namespace

bool is_settled(const net::FileFacts& facts, WallTime now) { return now - facts.modified >= limits::settled_after; }

bool is_not_older(const net::FileFacts& a, const net::FileFacts& b) {
  return std::tie(a.modified, a.modified_nanoseconds) >= std::tie(b.modified, b.modified_nanoseconds);
}

Representation make_representation(const net::FileFacts& facts, WallTime now, http::ContentCoding coding) {
  Representation made{.coding = coding,
                      .facts = facts,
                      .size = facts.size,
                      .validators = validators_of(facts, now),
                      .last_modified = {}};
  if (coding != http::ContentCoding::identity) add_to_tag(made, "-" + std::string(name_of(coding)));
  made.last_modified = http::to_http_date(made.validators.last_modified);
  return made;
}

std::optional<Representation> compressed(const Representation& whole, http::ContentCoding coding) {
  if (!whole.bytes) return std::nullopt;
  auto bytes = http::compress(coding, *whole.bytes);
  if (bytes.empty() || bytes.size() > whole.size - whole.size / 10) return std::nullopt;
  bytes.shrink_to_fit();
  Representation made = whole;
  made.coding = coding;
  made.made = true;
  made.size = bytes.size();
  // With its size: another version of the library may come to another outcome.
  add_to_tag(made, "-" + std::string(name_of(coding)) + "-" + hex(made.size));
  made.bytes = std::make_shared<const std::vector<std::uint8_t>>(std::move(bytes));
  return made;
}

std::string path_of(const std::string& path, http::ContentCoding coding) {
  switch (coding) {
    case http::ContentCoding::br: return path + ".br";
    case http::ContentCoding::zstd: return path + ".zst";
    case http::ContentCoding::gzip: return path + ".gz";
    case http::ContentCoding::identity: break;
  }
  return path;
}

std::size_t StoredFile::memory() const {
  const auto of = [](const Representation& form) {
    return sizeof(Representation) + form.last_modified.size() + form.validators.entity_tag.size() +
           (form.bytes ? form.bytes->size() : 0);
  };
  std::size_t bytes = sizeof(StoredFile) + of(whole);
  for (const Representation& form : coded) bytes += of(form);
  return bytes;
}

Wanted choose_form(const StoredFile& file, const http::AcceptEncoding& accept, bool may_make) {
  Wanted best{http::ContentCoding::identity, &file.whole};
  auto best_rank = std::tuple(accept.weight(best.coding), 0, 0);
  const auto offer = [&](const Wanted& one) {
    const bool laid_there = one.form != nullptr && !one.form->made;
    const auto rank = std::tuple(accept.weight(one.coding), laid_there ? 2 : 1, static_cast<int>(one.coding));
    if (std::get<0>(rank) == 0 || rank <= best_rank) return;
    best = one;
    best_rank = rank;
  };
  for (const Representation& form : file.coded) offer({form.coding, &form});
  for (const http::ContentCoding coding : file.makeable) {
    if (may_make) offer({coding, nullptr});
  }
  return best;
}

}  // namespace padlock::server
