#pragma once

#include <string>

namespace padlock::server {

/// How a folder's files are served.
struct FolderOptions {
  bool precompressed = true;    ///< "page.html.br", ".zst" or ".gz" is sent for "page.html" to who takes it
  bool compress = true;         ///< texts are compressed for who takes that
  std::string cache_control{};  ///< a field's value; empty: there is none
  friend bool operator==(const FolderOptions&, const FolderOptions&) = default;
};

}  // namespace padlock::server
