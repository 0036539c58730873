#include "padlock/server/open_files.h"

#include <algorithm>
#include <utility>

namespace padlock::server {

OpenFiles::Shared OpenFiles::find(std::string_view path, const net::FileFacts& facts) {
  const std::scoped_lock lock(mutex_);
  const auto found = by_path_.find(std::string(path));
  auto file = found == by_path_.end() ? nullptr : found->second.lock();
  return file && file->facts() == facts ? file : nullptr;
}

OpenFiles::Shared OpenFiles::add(std::string_view path, net::File file) {
  auto shared = std::make_shared<const net::File>(std::move(file));
  const std::scoped_lock lock(mutex_);
  if (by_path_.size() >= clean_at_) forget_closed();
  by_path_.insert_or_assign(std::string(path), shared);
  return shared;
}

void OpenFiles::forget_closed() {
  std::erase_if(by_path_, [](const auto& one) { return one.second.expired(); });
  clean_at_ = std::max<std::size_t>(64, 2 * by_path_.size());
}

std::size_t OpenFiles::size() const {
  const std::scoped_lock lock(mutex_);
  return by_path_.size();
}

}  // namespace padlock::server
