#include "padlock/net/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "padlock/net/rules.h"

namespace padlock::net {
namespace {

std::unexpected<Error> cannot_write(const std::string& path) {
  return broken(rules::file_unwritable,
                "cannot write " + escaped(path) + ": " + std::generic_category().message(errno));
}

Result<void> write_to(int descriptor, Bytes bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return cannot_write(path);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

}  // namespace

Result<OutputFile> OutputFile::create(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    Descriptor device(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
    if (!device) return cannot_write(path);
    return OutputFile(path, {}, std::move(device));
  }
  const std::filesystem::path target(path);
  const std::string name = "." + target.filename().native() + "." + std::to_string(::getpid()) + ".padlock-part";
  const std::string temporary = target.parent_path() / name;
  Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (!file) return cannot_write(path);
  return OutputFile(path, temporary, std::move(file));
}

OutputFile::~OutputFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Result<void> OutputFile::write(Bytes bytes) { return write_to(file_.get(), bytes, path_); }

Result<void> OutputFile::commit() {
  if (temporary_.empty()) return {};
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) return cannot_write(path_);
  temporary_.clear();
  return {};
}

Result<void> write_all(int descriptor, Bytes bytes) {
  return write_to(descriptor, bytes, descriptor == 1 ? "standard output" : "standard error");
}

}  // namespace padlock::net
