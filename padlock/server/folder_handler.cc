#include "padlock/server/folder_handler.h"

#include <algorithm>
#include <array>
#include <random>
#include <utility>
#include <variant>

#include "padlock/base/text.h"
#include "padlock/http/message/content_type.h"
#include "padlock/net/rules.h"
#include "padlock/server/limits.h"
#include "padlock/server/listing.h"
#include "padlock/server/rules.h"

namespace padlock::server {
namespace {

/// What a client learns of a file that cannot be opened: whether it lies outside or is a device is not its business.
ResponsePlan plan_unopened(const Error& error, WallTime now) {
  if (error.rule == &net::rules::out_of_descriptors) return plan_overloaded(now);
  return plan_error(error.rule == &net::rules::file_unreadable ? rules::file_unreadable : rules::not_found, now);
}

/// It may be there, though we cannot open it.
bool may_be_there(const Error& error) {
  return error.rule == &net::rules::file_unreadable || error.rule == &net::rules::out_of_descriptors;
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

/// Not to be guessed before a server starts, so that no file can hold it but by somebody's will.
std::string random_boundary() {
  std::random_device random;
  std::array<std::uint8_t, 16> bytes{};
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return to_hex(bytes);
}

}  // namespace

FolderHandler::FolderHandler(net::Folder folder, std::shared_ptr<FileCache> cache, FolderOptions options, Clock clock)
    : folder_(std::move(folder)),
      cache_(std::move(cache)),
      options_(std::move(options)),
      number_(cache_->new_folder()),
      boundary_(random_boundary()),
      clock_(std::move(clock)) {}

Answer FolderHandler::answer(const http::Request& request, WallTime now) const {
  auto wanted = find_wanted(request, now);
  if (auto* plan = std::get_if<ResponsePlan>(&wanted)) return {std::move(*plan)};
  auto found = find_answer(request, std::get<WantedPath>(wanted), now);
  const bool missing = !found && !may_be_there(found.error());
  if (missing && !options_.fallback_file.empty()) found = answer_of_file(request, options_.fallback_file, now);
  return found ? *std::move(found) : Answer{plan_unopened(found.error(), now)};
}

Result<Answer> FolderHandler::find_answer(const http::Request& request, const WantedPath& wanted, WallTime now) const {
  if (wanted.is_folder) return answer_of_folder(request, wanted.relative, now);
  auto found = answer_of_file(request, wanted.relative, now);
  if (found || found.error().rule != &net::rules::is_a_folder) return found;
  return Answer{plan_folder_redirect(request, wanted.relative, now)};
}

/// The first of its index files that is there, or a page that shows what it holds.
Result<Answer> FolderHandler::answer_of_folder(const http::Request& request, const std::string& folder,
                                               WallTime now) const {
  for (const std::string& name : options_.index) {
    std::string path = folder.empty() ? name : folder;
    if (!folder.empty()) path.append("/").append(name);
    auto found = answer_of_file(request, path, now);
    if (found || may_be_there(found.error())) return found;
  }
  if (options_.listing) return listing_of(folder, now);
  return broken(net::rules::not_in_folder, "the folder has no index");
}

/// Kept like a file whose name ends with a slash, so that a folder is not read more often than a file.
Result<Answer> FolderHandler::listing_of(const std::string& folder, WallTime now) const {
  const auto monotonic = clock_();
  const std::string name = folder + "/";
  auto [kept, fresh] = cache_->find(number_, name, monotonic);
  if (!fresh) {
    const std::string page = make_listing(folder, PADLOCK_TRY(folder_.list(folder, limits::listed_names)));
    const Bytes bytes = as_bytes(page);
    auto made = std::make_shared<StoredFile>();
    made->whole.bytes = std::make_shared<const std::vector<std::uint8_t>>(bytes.begin(), bytes.end());
    kept = std::move(made);
    cache_->store(number_, name, kept, monotonic);
  }
  return Answer{plan_listing(kept->whole.bytes->size(), now), kept->whole.bytes};
}

/// Errors: those of net::Folder::open_file.
Result<Answer> FolderHandler::answer_of_file(const http::Request& request, const std::string& path,
                                             WallTime now) const {
  Stored file = PADLOCK_TRY(find(path, now));
  const Representation* chosen = &file->whole;
  if (file->negotiated) {
    const auto accept = http::AcceptEncoding::of(request.fields);
    const Wanted best = choose_form(*file, accept, true);
    if (best.form == nullptr && cache_->may_compress(file->whole.bytes->size(), clock_()))
      file = compress(path, file, best.coding);
    chosen = choose_form(*file, accept, false).form;
  }
  if (chosen->bytes) return Answer{plan_file(request, {*file, *chosen, options_, boundary_}, now), chosen->bytes};
  const std::string name = path_of(path, chosen->coding);
  auto opened = open_files_->find(name, chosen->facts);
  if (!opened) opened = open_files_->add(name, PADLOCK_TRY(folder_.open_file(name)));
  const Representation current =
      opened->facts() == chosen->facts ? *chosen : make_representation(opened->facts(), now, chosen->coding);
  return Answer{plan_file(request, {*file, current, options_, boundary_}, now), std::move(opened)};
}

// ---- what is known of a file ----------------------------------------------------------------------------------------

/// From the cache while it can be trusted, else after a look at the file.
Result<FolderHandler::Stored> FolderHandler::find(const std::string& path, WallTime now) const {
  const auto monotonic = clock_();
  auto [kept, fresh] = cache_->find(number_, path, monotonic);
  if (fresh) return kept;
  const auto file = folder_.open_file(path);
  if (!file) {
    if (kept && file.error().rule == &net::rules::out_of_descriptors) return kept;  // as it was a moment ago
    if (kept) cache_->remove(number_, path);
    return std::unexpected(file.error());
  }
  if (!kept || !is_unchanged(path, *kept, file->facts())) kept = load(path, *file, now);
  cache_->store(number_, path, kept, monotonic);
  return kept;
}

FolderHandler::Stored FolderHandler::load(const std::string& path, const net::File& file, WallTime now) const {
  auto made = std::make_shared<StoredFile>();
  made->content_type = http::content_type_of(path);
  made->whole = make_representation(file.facts(), now);
  made->whole.bytes = read_small(file);
  made->coded = laid_beside(path, file.facts(), now);
  made->settled = is_settled(file.facts(), now) &&
                  std::ranges::all_of(made->coded, [&](const auto& form) { return is_settled(form.facts, now); });
  const bool short_text = made->whole.bytes && made->whole.size >= limits::compressed_least_bytes;
  if (options_.compress && short_text && http::is_compressible(made->content_type)) {
    for (const http::ContentCoding coding : http::shortening_codings) {
      if (std::ranges::find(made->coded, coding, &Representation::coding) == made->coded.end())
        made->makeable.push_back(coding);
    }
  }
  made->negotiated = !made->coded.empty() || !made->makeable.empty();
  return made;
}

/// What somebody has compressed in advance, and not forgotten to do again: a file beside it that is not older.
std::vector<Representation> FolderHandler::laid_beside(const std::string& path, const net::FileFacts& facts,
                                                       WallTime now) const {
  std::vector<Representation> forms;
  if (!options_.precompressed || !http::is_compressible(http::content_type_of(path))) return forms;
  for (const http::ContentCoding coding : http::shortening_codings) {
    const auto file = folder_.open_file(path_of(path, coding));
    if (!file || !is_not_older(file->facts(), facts)) continue;
    forms.push_back(make_representation(file->facts(), now, coding));
    forms.back().bytes = read_small(*file);
  }
  return forms;
}

/// The file and what lies beside it are what they were.
bool FolderHandler::is_unchanged(const std::string& path, const StoredFile& kept, const net::FileFacts& facts) const {
  if (!kept.settled || kept.whole.facts != facts) return false;
  if (!options_.precompressed || !http::is_compressible(kept.content_type)) return true;
  return std::ranges::all_of(http::shortening_codings, [&](http::ContentCoding coding) {
    const auto form =
        std::ranges::find_if(kept.coded, [&](const Representation& one) { return one.coding == coding && !one.made; });
    const auto file = folder_.open_file(path_of(path, coding));
    const bool is_there = file && is_not_older(file->facts(), facts);
    return form == kept.coded.end() ? !is_there : is_there && form->facts == file->facts();
  });
}

/// The file with one form more, or, where that does not pay, without the wish to make it.
FolderHandler::Stored FolderHandler::compress(const std::string& path, Stored file, http::ContentCoding coding) const {
  auto more = std::make_shared<StoredFile>(*file);
  std::erase(more->makeable, coding);
  if (auto form = compressed(file->whole, coding)) more->coded.push_back(*std::move(form));
  cache_->extend(number_, path, *file, more);
  return more;
}

}  // namespace padlock::server
