#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "padlock/net/clock.h"
#include "padlock/net/files.h"
#include "padlock/server/file_cache.h"
#include "padlock/server/folder_options.h"
#include "padlock/server/handler.h"
#include "padlock/server/open_files.h"
#include "padlock/server/static_files.h"

namespace padlock::server {

/// A folder's files: GET and HEAD (docs/threats.md, H8, H9).
class FolderHandler final : public PromptHandler {
 public:
  using Clock = std::function<std::chrono::nanoseconds()>;  ///< monotonic

  /// `cache` may be shared with other folders.
  FolderHandler(net::Folder folder, std::shared_ptr<FileCache> cache, FolderOptions options = {},
                Clock clock = net::monotonic_now);
  Answer answer(const http::Request& request, WallTime now) const override;

 private:
  using Stored = std::shared_ptr<const StoredFile>;

  Result<Answer> find_answer(const http::Request& request, const WantedPath& wanted, WallTime now) const;
  Result<Answer> answer_of_folder(const http::Request& request, const std::string& folder, WallTime now) const;
  Result<Answer> answer_of_file(const http::Request& request, const std::string& path, WallTime now) const;
  Result<Answer> listing_of(const std::string& folder, WallTime now) const;

  Result<Stored> find(const std::string& path, WallTime now) const;
  Stored load(const std::string& path, const net::File& file, WallTime now) const;
  std::vector<Representation> laid_beside(const std::string& path, const net::FileFacts& facts, WallTime now) const;
  bool is_unchanged(const std::string& path, const StoredFile& kept, const net::FileFacts& facts) const;
  Stored compress(const std::string& path, Stored file, http::ContentCoding coding) const;

  net::Folder folder_;
  std::shared_ptr<FileCache> cache_;
  std::unique_ptr<OpenFiles> open_files_ = std::make_unique<OpenFiles>();
  FolderOptions options_;
  std::uint64_t number_;  ///< in the cache
  std::string boundary_;  ///< of several ranges
  Clock clock_;
};

}  // namespace padlock::server
