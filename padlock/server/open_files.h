#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "padlock/net/files.h"

namespace padlock::server {

/// Files that answers are being read from: many answers of one file share a descriptor, so that a client with a hundred
/// streams does not take a hundred of them (docs/threats.md, P1, H19). Any thread may call anything.
class OpenFiles {
 public:
  using Shared = std::shared_ptr<const net::File>;

  /// The file of this name, if somebody still reads from one with these facts; null: nobody does.
  Shared find(std::string_view path, const net::FileFacts& facts);
  /// Shares it with those that come while somebody has it.
  Shared add(std::string_view path, net::File file);
  /// Names that it knows: at most twice those that are being read, and a few.
  std::size_t size() const;

 private:
  void forget_closed();

  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::weak_ptr<const net::File>> by_path_;
  std::size_t clean_at_ = 64;  ///< names
};

}  // namespace padlock::server
