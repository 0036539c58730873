#include "padlock/net/files.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <limits>
#include <system_error>

#include "padlock/base/text.h"
#include "padlock/net/rules.h"

namespace padlock::net {
namespace {

std::unexpected<Error> failed(std::string_view verb, std::string_view path, int code) {
  const auto rule = [&]() -> const Rule& {
    switch (code) {
      case ENOENT:
      case ENOTDIR:
      case EXDEV:  // leads outside
      case ELOOP:
      case ENAMETOOLONG: return rules::not_in_folder;
      case ENXIO: return rules::not_a_regular_file;  // a socket
      default: return rules::file_unreadable;
    }
  };
  return broken(rule(),
                "cannot " + std::string(verb) + " " + escaped(path) + ": " + std::generic_category().message(code));
}

/// openat2 beneath `folder`. The kernel asks to try again when something was renamed meanwhile.
Descriptor open_beneath(const Descriptor& folder, const std::string& path) {
  struct open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  long opened = -1;
  for (int tries = 0; tries < 8; ++tries) {
    opened = ::syscall(SYS_openat2, folder.get(), path.c_str(), &how, sizeof how);
    if (opened >= 0 || (errno != EAGAIN && errno != EINTR)) break;
  }
  return Descriptor(static_cast<int>(opened));
}

FileFacts facts_of(const struct stat& status) {
  return {.size = static_cast<std::uint64_t>(status.st_size),
          .modified = WallTime(std::chrono::seconds(status.st_mtim.tv_sec)),
          .modified_nanoseconds = static_cast<std::uint32_t>(status.st_mtim.tv_nsec),
          .changed = std::chrono::seconds(status.st_ctim.tv_sec) + std::chrono::nanoseconds(status.st_ctim.tv_nsec),
          .inode = status.st_ino,
          .device = status.st_dev};
}

}  // namespace

Result<Folder> Folder::open(const std::string& path) {
  Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder) return Folder(std::move(folder));
  const int code = errno;
  const Rule& rule = code == ENOENT    ? rules::file_missing
                     : code == ENOTDIR ? rules::not_a_folder
                                       : rules::file_unreadable;
  return broken(rule, "cannot open folder " + escaped(path) + ": " + std::generic_category().message(code));
}

Result<File> Folder::open_file(std::string_view relative) const {
  if (relative.find('\0') != std::string_view::npos) {
    return broken(rules::not_in_folder, "a name with a NUL: " + escaped(relative));
  }
  File file;
  file.descriptor_ = open_beneath(descriptor_, relative.empty() ? std::string(".") : std::string(relative));
  struct stat status{};
  if (!file.descriptor_ || ::fstat(file.descriptor_.get(), &status) != 0) return failed("open", relative, errno);
  if (S_ISDIR(status.st_mode)) return broken(rules::is_a_folder, escaped(relative) + " is a folder");
  if (!S_ISREG(status.st_mode)) return broken(rules::not_a_regular_file, escaped(relative) + " is no regular file");
  file.facts_ = facts_of(status);
  return file;
}

Result<std::size_t> File::read_at(std::uint64_t offset, std::span<std::uint8_t> out) const {
  if (offset > static_cast<std::uint64_t>(std::numeric_limits<off_t>::max())) return 0;
  for (;;) {
    const ssize_t count = ::pread(descriptor_.get(), out.data(), out.size(), static_cast<off_t>(offset));
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) return failed("read", "the open file", errno);
  }
}

}  // namespace padlock::net
