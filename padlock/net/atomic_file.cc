#include "padlock/net/atomic_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>

#include "padlock/net/rules.h"

namespace padlock::net {
namespace {

constexpr mode_t others = S_IRWXG | S_IRWXO;
constexpr std::string_view temporary_suffix = ".padlock-tmp";

std::string name_of(const std::filesystem::path& path) { return escaped(path.native()); }

/// "cannot open /a/b: Permission denied", of the system call that has just failed.
std::unexpected<Error> failed(const Rule& rule, std::string_view verb, const std::filesystem::path& path) {
  const int code = errno;
  const Rule& chosen = code == ENOENT && &rule == &rules::file_unreadable ? rules::file_missing : rule;
  return broken(chosen,
                "cannot " + std::string(verb) + " " + name_of(path) + ": " + std::generic_category().message(code));
}

/// Opens for reading; O_NONBLOCK, so that a FIFO cannot hold us before its type is known.
Result<Descriptor> open_regular(const std::filesystem::path& path, struct stat& status) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!file || ::fstat(file.get(), &status) != 0) return failed(rules::file_unreadable, "open", path);
  if (!S_ISREG(status.st_mode)) return broken(rules::file_unreadable, name_of(path) + " is no regular file");
  return file;
}

/// Reads to the end. One byte of room more than the file's size shows one that grows meanwhile.
Result<std::vector<std::uint8_t>> read_all(const Descriptor& file, const std::filesystem::path& path,
                                           const struct stat& status, std::size_t most) {
  if (static_cast<std::uint64_t>(status.st_size) > most) {
    return broken(rules::file_too_large, name_of(path) + " has more than " + std::to_string(most) + " bytes");
  }
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(status.st_size) + 1);
  std::size_t size = 0;
  while (size < bytes.size()) {
    const std::span<std::uint8_t> room = std::span(bytes).subspan(size);
    const ssize_t count = ::read(file.get(), room.data(), room.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      auto error = failed(rules::file_unreadable, "read", path);
      wipe(bytes);
      return error;
    }
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  if (size == bytes.size()) {
    wipe(bytes);
    return broken(rules::file_unreadable, name_of(path) + " changed while it was read");
  }
  bytes.resize(size);
  return bytes;
}

bool write_all(int file, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

/// A rename or a new name is durable once its folder is.
bool sync_directory(const std::filesystem::path& directory) {
  const Descriptor folder(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return folder && ::fsync(folder.get()) == 0;
}

/// A name beside `path` that no other process and no other call uses.
std::filesystem::path temporary_name(const std::filesystem::path& path) {
  static std::atomic<unsigned> calls{0};
  const std::string unique = std::to_string(::getpid()) + "-" + std::to_string(calls.fetch_add(1));
  return folder_of(path) / ("." + path.filename().native() + "." + unique + std::string(temporary_suffix));
}

}  // namespace

void Descriptor::close() {
  if (number_ >= 0) ::close(number_);  // Linux frees the number whatever close says
  number_ = -1;
}

Result<std::vector<std::uint8_t>> read_file(const std::filesystem::path& path, std::size_t most) {
  struct stat status{};
  const Descriptor file = PADLOCK_TRY(open_regular(path, status));
  return read_all(file, path, status, most);
}

Result<SecretBytes> read_private_file(const std::filesystem::path& path, std::size_t most) {
  struct stat status{};
  const Descriptor file = PADLOCK_TRY(open_regular(path, status));
  if ((status.st_mode & others) != 0) {
    return broken(rules::key_readable_by_others, name_of(path) + " is open to group or others");
  }
  return SecretBytes(PADLOCK_TRY(read_all(file, path, status, most)));
}

Result<void> write_file_atomically(const std::filesystem::path& path, Bytes bytes, mode_t mode) {
  const std::filesystem::path temporary = temporary_name(path);
  const Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return failed(rules::file_unwritable, "write", path);
  // fchmod last but one: the umask has no say, and the bytes of a key are never readable under a wider mode.
  const bool written = write_all(file.get(), bytes) && ::fchmod(file.get(), mode) == 0 && ::fsync(file.get()) == 0 &&
                       ::rename(temporary.c_str(), path.c_str()) == 0;
  if (!written) {
    auto error = failed(rules::file_unwritable, "write", path);
    ::unlink(temporary.c_str());
    return error;
  }
  if (!sync_directory(folder_of(path))) return failed(rules::file_unwritable, "make durable", path);
  return {};
}

Result<void> append_line_durably(const std::filesystem::path& path, std::string_view line) {
  constexpr int flags = O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  const Descriptor file(::open(path.c_str(), flags, private_file_mode));
  struct stat status{};
  if (!file || ::fstat(file.get(), &status) != 0) return failed(rules::file_unwritable, "write", path);
  if (!S_ISREG(status.st_mode)) return broken(rules::file_unwritable, name_of(path) + " is no regular file");
  char last = '\n';
  if (status.st_size > 0 && ::pread(file.get(), &last, 1, status.st_size - 1) != 1)
    return failed(rules::file_unwritable, "write", path);
  const std::string whole = (last == '\n' ? "" : "\n") + std::string(line);
  const bool written = ::fchmod(file.get(), private_file_mode) == 0 && write_all(file.get(), as_bytes(whole)) &&
                       ::fsync(file.get()) == 0 && (status.st_size > 0 || sync_directory(folder_of(path)));
  if (!written) return failed(rules::file_unwritable, "write", path);
  return {};
}

void remove_temporary_files(const std::filesystem::path& directory) {
  std::error_code error;
  for (std::filesystem::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    if (!at->path().native().ends_with(temporary_suffix)) continue;
    ::unlink(at->path().c_str());
  }
}

Result<void> rename_durably(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return failed(rules::file_unwritable, "rename", from);
  if (!sync_directory(folder_of(to))) return failed(rules::file_unwritable, "make durable", to);
  return {};
}

Result<void> make_private_directory(const std::filesystem::path& path) {
  std::filesystem::path made;
  for (const auto& part : path) {
    made /= part;
    if (made.empty() || ::mkdir(made.c_str(), 0700) == 0 || errno == EEXIST) continue;
    // Folders above that we may not write (EROFS, EACCES) count as there; what is missing shows below.
    if (errno != EACCES && errno != EROFS) return failed(rules::file_unwritable, "make folder", made);
  }
  return check_private_directory(path);
}

Result<void> check_private_directory(const std::filesystem::path& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return failed(rules::file_unreadable, "open folder", path);
  if (!S_ISDIR(status.st_mode)) return broken(rules::file_unwritable, name_of(path) + " is no folder");
  if ((status.st_mode & others) != 0) {
    return broken(rules::directory_open_to_others, name_of(path) + " is open to group or others");
  }
  return {};
}

Result<FileLock> lock_file(const std::filesystem::path& path, std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds pause{20};
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return failed(rules::file_unwritable, "open", path);
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return failed(rules::file_unwritable, "lock", path);
    if (std::chrono::steady_clock::now() >= deadline) {
      return broken(rules::lock_busy, name_of(path) + " is held by another process");
    }
    std::this_thread::sleep_for(pause);
  }
  return FileLock(std::move(file));
}

}  // namespace padlock::net
