#pragma once

#include <string>
#include <string_view>

#include "padlock/net/files.h"

namespace padlock::server {

/// A page that shows what a folder holds: folders first, by name, each with a link, its size and when it was changed.
/// `folder`: its path beneath the served one, "a/b", "" for that itself. Names may be any bytes: what a page cannot
/// show is U+FFFD, and what no request can ask for has no link. Calculation only.
std::string make_listing(std::string_view folder, net::FolderEntries entries);

}  // namespace padlock::server
