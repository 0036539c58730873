#include "padlock/net/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <limits>
#include <optional>
#include <system_error>
#include <utility>

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
      case EMFILE:
      case ENFILE:
      case ENOMEM: return rules::out_of_descriptors;
      default: return rules::file_unreadable;
    }
  };
  return broken(rule(),
                "cannot " + std::string(verb) + " " + escaped(path) + ": " + std::generic_category().message(code));
}

/// openat2 beneath `folder`. The kernel asks to try again when something was renamed meanwhile.
Descriptor open_beneath(const Descriptor& folder, const std::string& path,
                        std::uint64_t flags = O_RDONLY | O_NOCTTY | O_NONBLOCK) {
  struct open_how how{};
  how.flags = flags | O_CLOEXEC;
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

/// The open folder as readdir wants it; takes the descriptor over.
class DirectoryStream {
 public:
  explicit DirectoryStream(Descriptor folder) : stream_(::fdopendir(folder.get())) {
    if (stream_ != nullptr) folder.release();  // closedir closes it
  }
  DirectoryStream(const DirectoryStream&) = delete;
  DirectoryStream& operator=(const DirectoryStream&) = delete;
  ~DirectoryStream() {
    if (stream_ != nullptr) ::closedir(stream_);
  }
  explicit operator bool() const { return stream_ != nullptr; }
  int descriptor() const { return ::dirfd(stream_); }
  /// The next name but "." and ".."; nothing: there is none, or the folder cannot be read on.
  std::optional<std::string> next() {
    while (const dirent* const entry = ::readdir(stream_)) {  // NOLINT(concurrency-mt-unsafe): of this stream alone
      std::string name(std::begin(entry->d_name));
      if (name != "." && name != "..") return name;
    }
    return std::nullopt;
  }

 private:
  DIR* stream_;
};

/// What a name stands for; nothing: it is no file or folder beneath `root`. `path`: from there.
std::optional<FolderEntry> entry_of(const Descriptor& root, const DirectoryStream& in, const std::string& path,
                                    const std::string& name) {
  struct stat status{};
  const int folder = in.descriptor();
  if (folder < 0 || ::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
  if (S_ISLNK(status.st_mode)) {
    const Descriptor target = open_beneath(root, path, O_PATH);
    if (!target || ::fstat(target.get(), &status) != 0) return std::nullopt;
  }
  const bool is_folder = S_ISDIR(status.st_mode);
  if (!is_folder && !S_ISREG(status.st_mode)) return std::nullopt;
  const FileFacts facts = facts_of(status);
  return FolderEntry{name, is_folder, facts.size, facts.modified};
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

Result<FolderEntries> Folder::list(std::string_view relative, std::size_t most) const {
  const std::string path = relative.empty() ? "." : std::string(relative);
  if (path.find('\0') != std::string::npos) return broken(rules::not_in_folder, "a name with a NUL: " + escaped(path));
  Descriptor folder = open_beneath(descriptor_, path, O_RDONLY | O_DIRECTORY);
  if (!folder) return failed("open", relative, errno);
  DirectoryStream names(std::move(folder));
  if (!names) return failed("read", relative, errno);
  FolderEntries entries;
  for (std::size_t looked_at = 0; auto name = names.next(); ++looked_at) {
    if (looked_at == most) {
      entries.more = true;
      break;
    }
    if (name->starts_with('.')) continue;
    if (auto entry = entry_of(descriptor_, names, path + "/" + *name, *name)) entries.all.push_back(*std::move(entry));
  }
  return entries;
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
