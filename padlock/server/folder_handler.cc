#include "padlock/server/folder_handler.h"

#include <utility>
#include <variant>

#include "padlock/http/message/content_type.h"
#include "padlock/net/rules.h"
#include "padlock/server/limits.h"
#include "padlock/server/rules.h"
#include "padlock/server/static_files.h"

namespace padlock::server {
namespace {

/// What a client learns of a file that cannot be opened: whether it lies outside or is a device is not its business.
ResponsePlan plan_unopened(const http::Request& request, const WantedFile& wanted, const Error& error, WallTime now) {
  if (error.rule == &net::rules::is_a_folder && !wanted.folder.empty())
    return plan_folder_redirect(request, wanted, now);
  return plan_error(error.rule == &net::rules::file_unreadable ? rules::file_unreadable : rules::not_found, now);
}

/// All that a small file holds; nothing if it is larger, cannot be read, or changes while it is read.
SharedBytes read_small(const net::File& file) {
  const std::uint64_t size = file.facts().size;
  if (size > limits::stored_file_bytes) return nullptr;
  auto bytes = std::make_shared<std::vector<std::uint8_t>>(static_cast<std::size_t>(size) + 1);
  std::size_t filled = 0;
  while (filled < bytes->size()) {
    const auto count = file.read_at(filled, std::span(*bytes).subspan(filled));
    if (!count) return nullptr;
    if (*count == 0) break;
    filled += *count;
  }
  if (filled != size) return nullptr;
  bytes->resize(filled);
  return bytes;
}

}  // namespace

FolderHandler::FolderHandler(net::Folder folder, std::shared_ptr<FileCache> cache, Clock clock)
    : folder_(std::move(folder)), cache_(std::move(cache)), number_(cache_->new_folder()), clock_(std::move(clock)) {}

Answer FolderHandler::answer(const http::Request& request, WallTime now) const {
  auto found = find_wanted_file(request, now);
  if (auto* plan = std::get_if<ResponsePlan>(&found)) return {std::move(*plan)};
  const auto& wanted = std::get<WantedFile>(found);
  const auto file = find(wanted.path, now);
  if (!file) return {plan_unopened(request, wanted, file.error(), now)};
  return answer_with(request, wanted.path, **file, now);
}

/// From the cache while it can be trusted, else after a look at the file.
Result<std::shared_ptr<const StoredFile>> FolderHandler::find(const std::string& path, WallTime now) const {
  const auto monotonic = clock_();
  auto [kept, fresh] = cache_->find(number_, path, monotonic);
  if (fresh) return kept;
  const auto file = folder_.open_file(path);
  if (!file) {
    if (kept) cache_->remove(number_, path);
    return std::unexpected(file.error());
  }
  if (!kept || !kept->settled || kept->whole.facts != file->facts()) kept = load(path, *file, now);
  cache_->store(number_, path, kept, monotonic);
  return kept;
}

std::shared_ptr<const StoredFile> FolderHandler::load(const std::string& path, const net::File& file,
                                                      WallTime now) const {
  auto made = std::make_shared<StoredFile>(http::content_type_of(path), make_representation(file.facts(), now));
  made->whole.bytes = read_small(file);
  made->settled = is_settled(file.facts(), now);
  return made;
}

Answer FolderHandler::answer_with(const http::Request& request, const std::string& path, const StoredFile& file,
                                  WallTime now) const {
  const Representation& chosen = file.whole;
  if (chosen.bytes) return {plan_file(request, file, chosen, now), chosen.bytes};
  auto opened = folder_.open_file(path);
  if (!opened) return {plan_unopened(request, {path, {}}, opened.error(), now)};
  const Representation current = opened->facts() == chosen.facts ? chosen : make_representation(opened->facts(), now);
  return {plan_file(request, file, current, now), *std::move(opened)};
}

}  // namespace padlock::server
