#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/base/secret.h"
#include "padlock/base/text.h"
#include "padlock/net/descriptor.h"

// Files as certificates and keys need them (docs/threats.md, "Files and process" and A1). All errors name the path.

namespace padlock::net {

inline constexpr mode_t private_file_mode = 0600;
inline constexpr mode_t public_file_mode = 0644;

/// The bytes of a regular file of at most `most` bytes. Errors: `file_missing`, `file_unreadable`, `file_too_large`.
Result<std::vector<std::uint8_t>> read_file(const std::filesystem::path& path, std::size_t most);

/// The same for a private key's file. Error more: `key_readable_by_others`, if its mode grants group or others
/// anything.
Result<SecretBytes> read_private_file(const std::filesystem::path& path, std::size_t most);

/// Puts a file in place, or replaces it: after a crash at any moment either the old or the new content stands there,
/// whole. `mode` holds whatever the umask is. Error: `file_unwritable`; nothing is left behind then.
Result<void> write_file_atomically(const std::filesystem::path& path, Bytes bytes, mode_t mode);

/// Adds a line, which ends with a line feed, to a file of mode 0600, which is made if it is missing, and has it on the
/// disk before it returns. After a crash the file may end with a part of a line; the next one begins a new one then.
/// Error: `file_unwritable`.
Result<void> append_line_durably(const std::filesystem::path& path, std::string_view line);

/// Removes what a crash inside `write_file_atomically` may have left in `directory`. For the holder of its lock.
void remove_temporary_files(const std::filesystem::path& directory);

/// Renames, and makes the new name durable. Error: `file_unwritable`.
Result<void> rename_durably(const std::filesystem::path& from, const std::filesystem::path& to);

/// Makes a folder with mode 0700, and those above it that are missing. Errors: `file_unwritable`;
/// `directory_open_to_others`, if it is there already and grants group or others anything.
Result<void> make_private_directory(const std::filesystem::path& path);

/// That a folder is there and grants group and others nothing. Errors: as above; `file_missing`.
Result<void> check_private_directory(const std::filesystem::path& path);

/// A lock between processes (and between two calls in one), held until the object goes.
class FileLock {
 public:
  explicit FileLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

 private:
  Descriptor descriptor_;
};

/// Takes the lock that `path` stands for; the file is made if it is missing and stays.
/// Errors: `lock_busy` after `patience`, `file_unwritable`.
Result<FileLock> lock_file(const std::filesystem::path& path, std::chrono::milliseconds patience);

}  // namespace padlock::net
