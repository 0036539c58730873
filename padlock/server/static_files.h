#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "padlock/base/instant.h"
#include "padlock/http/message/message.h"
#include "padlock/server/folder_options.h"
#include "padlock/server/response_plan.h"
#include "padlock/server/stored_file.h"

/// Files of a folder as responses. All of it is calculation: who opens files asks first which one, and then what to
/// answer (docs/threats.md, H8, H9, H12).
namespace padlock::server {

/// What a request means beneath the served folder.
struct WantedPath {
  std::string relative;    ///< "a/b"; "" is the served folder
  bool is_folder = false;  ///< it ends with a slash, or with dots that mean one
};

/// What is meant, or what to answer at once: 405 with Allow, 400 and 404 for paths that name no file.
std::variant<WantedPath, ResponsePlan> find_wanted(const http::Request& request, WallTime now);

/// What is sent of a file, and how.
struct ChosenFile {
  const StoredFile& file;
  const Representation& form;
  const FolderOptions& options;
  std::string_view boundary;  ///< of the parts, where several are sent; must not be what a file holds
};

/// The answer to a request for a file that is there: 200, 206, 304, 412 or 416, with validators and type. Several
/// ranges are parts of a multipart/byteranges (RFC 9110, section 14.6).
ResponsePlan plan_file(const http::Request& request, const ChosenFile& chosen, WallTime now);

/// 308 to the folder's own address, which ends with a slash: relative names in its page would mean others without.
ResponsePlan plan_folder_redirect(const http::Request& request, std::string_view folder, WallTime now);

/// 200 with a page of this size that shows what a folder holds. Nothing in it may run.
ResponsePlan plan_listing(std::uint64_t bytes, WallTime now);

}  // namespace padlock::server
