#pragma once

#include <string>
#include <vector>

namespace padlock::server {

/// How a folder's files are served.
struct FolderOptions {
  std::vector<std::string> index{"index.html"};  ///< what is sent for a folder: the first of them that is there
  bool listing = false;                          ///< else a page that shows what the folder holds
  std::string fallback_file{};  ///< beneath the folder: sent (200) for what is not there; empty: that is 404
  bool precompressed = true;    ///< "page.html.br", ".zst" or ".gz" is sent for "page.html" to who takes it
  bool compress = true;         ///< texts are compressed for who takes that
  std::string cache_control{};  ///< a field's value; empty: there is none
  friend bool operator==(const FolderOptions&, const FolderOptions&) = default;
};

}  // namespace padlock::server
