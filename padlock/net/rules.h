#pragma once

#include <array>

#include "padlock/base/rule.h"

/// How the world can fail us: files and, later in this list, sockets.
namespace padlock::net::rules {

inline constexpr Rule file_missing{
    .code = "net.file.missing", .source = {0, "X12"}, .hint = "check the name; the file or its folder does not exist"};
inline constexpr Rule file_unreadable{.code = "net.file.unreadable",
                                      .source = {0, "X12"},
                                      .hint = "the file must be a regular one that this user may read"};
inline constexpr Rule file_too_large{
    .code = "net.file.too_large", .source = {0, "X12"}, .hint = "this is hardly the file that was meant"};
inline constexpr Rule file_unwritable{.code = "net.file.unwritable",
                                      .source = {0, "Files and process"},
                                      .hint = "check the folder's owner and mode, and the room left on the disk"};
inline constexpr Rule key_readable_by_others{
    .code = "net.file.key_readable_by_others",
    .source = {0, "A1"},
    .hint = "run `chmod 600` on the key; if others may have read it, replace it"};
inline constexpr Rule directory_open_to_others{.code = "net.file.directory_open_to_others",
                                               .source = {0, "A1"},
                                               .hint = "run `chmod 700` on the folder; it holds private keys"};
inline constexpr Rule lock_busy{.code = "net.file.lock_busy",
                                .source = {0, "Files and process"},
                                .hint = "another padlock process is at work on this folder; try again when it is done"};

inline constexpr std::array files{&file_missing,           &file_unreadable,          &file_too_large, &file_unwritable,
                                  &key_readable_by_others, &directory_open_to_others, &lock_busy};

}  // namespace padlock::net::rules
