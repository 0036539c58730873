#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "padlock/net/clock.h"
#include "padlock/net/files.h"
#include "padlock/server/file_cache.h"
#include "padlock/server/handler.h"

namespace padlock::server {

/// A folder's files: GET and HEAD (docs/threats.md, H8, H9).
class FolderHandler final : public Handler {
 public:
  using Clock = std::function<std::chrono::nanoseconds()>;  ///< monotonic

  /// `cache` may be shared with other folders.
  FolderHandler(
      net::Folder folder, std::shared_ptr<FileCache> cache, Clock clock = [] { return net::now().monotonic; });
  Answer answer(const http::Request& request, WallTime now) const override;

 private:
  Result<std::shared_ptr<const StoredFile>> find(const std::string& path, WallTime now) const;
  std::shared_ptr<const StoredFile> load(const std::string& path, const net::File& file, WallTime now) const;
  Answer answer_with(const http::Request& request, const std::string& path, const StoredFile& file, WallTime now) const;

  net::Folder folder_;
  std::shared_ptr<FileCache> cache_;
  std::uint64_t number_;  ///< in the cache
  Clock clock_;
};

}  // namespace padlock::server
