#include "padlock/net/key_log_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "padlock/base/text.h"
#include "padlock/net/rules.h"

namespace padlock::net {

Result<KeyLogFile> KeyLogFile::open(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600));
  if (file) return KeyLogFile(path, std::move(file));
  return broken(rules::key_log_unwritable,
                "cannot write the key log " + escaped(path) + ": " + std::generic_category().message(errno));
}

void KeyLogFile::line(std::string_view line) {
  const std::string whole = std::string(line) + "\n";
  const ssize_t written = ::write(file_.get(), whole.data(), whole.size());
  if (written == static_cast<ssize_t>(whole.size()) || error_) return;
  const std::string reason = written < 0 ? std::generic_category().message(errno) : "only a part was written";
  error_ = Error{&rules::key_log_unwritable, "cannot write the key log " + escaped(path_) + ": " + reason};
}

std::optional<std::string> key_log_path_from_environment() {
  const char* const path = ::secure_getenv("SSLKEYLOGFILE");
  if (path == nullptr || std::string_view(path).empty()) return std::nullopt;
  return path;
}

}  // namespace padlock::net
