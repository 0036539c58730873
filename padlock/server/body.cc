#include "padlock/server/body.h"

#include <algorithm>
#include <utility>

#include "padlock/base/text.h"
#include "padlock/server/rules.h"

namespace padlock::server {
namespace {

std::unexpected<Error> shorter() { return broken(rules::file_changed, "a file became shorter while it was sent"); }

}  // namespace

Body::Body(ResponsePlan& plan, Content content)
    : content_(std::move(content)),
      piece_{std::move(plan.page), plan.file.value_or(FilePart{})},
      more_(std::move(plan.more)),
      left_(piece_.text.size() + piece_.part.size) {
  for (const BodyPiece& piece : more_) left_ += piece.text.size() + piece.part.size;
}

Result<void> Body::read(std::span<std::uint8_t> into) {
  while (!into.empty()) {
    std::size_t count = read_text(into);
    if (count == 0 && piece_.part.size > 0) count = PADLOCK_TRY(read_part(into));
    left_ -= count;
    into = into.subspan(count);
    if (count > 0) continue;
    piece_ = std::move(more_.at(next_++));
    text_taken_ = 0;
  }
  return {};
}

std::size_t Body::read_text(std::span<std::uint8_t> into) {
  const Bytes rest = as_bytes(piece_.text).subspan(text_taken_);
  const Bytes piece = rest.first(std::min(rest.size(), into.size()));
  copy_bytes(piece, into);
  text_taken_ += piece.size();
  return piece.size();
}

/// At least one byte.
Result<std::size_t> Body::read_part(std::span<std::uint8_t> into) {
  FilePart& part = piece_.part;
  into = into.first(static_cast<std::size_t>(std::min<std::uint64_t>(part.size, into.size())));
  std::size_t count = into.size();
  if (const auto* bytes = std::get_if<SharedBytes>(&content_))
    copy_bytes(Bytes(**bytes).subspan(static_cast<std::size_t>(part.offset), count), into);
  else
    count = PADLOCK_TRY(std::get<std::shared_ptr<const net::File>>(content_)->read_at(part.offset, into));
  if (count == 0) return shorter();
  part.offset += count;
  part.size -= count;
  return count;
}

}  // namespace padlock::server
