#pragma once

#include <string>
#include <utility>

#include "padlock/base/result.h"
#include "padlock/base/text.h"
#include "padlock/net/descriptor.h"

namespace padlock::net {

/// A file that appears under its name only when it is whole: written beside it and renamed by `commit`; without that
/// nothing is left behind. A device or FIFO (`/dev/null`) is written as it stands.
class OutputFile {
 public:
  /// Errors: rules::file_unwritable.
  static Result<OutputFile> create(const std::string& path);
  OutputFile(OutputFile&& other) noexcept
      : path_(std::move(other.path_)), temporary_(std::exchange(other.temporary_, {})), file_(std::move(other.file_)) {}
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();

  Result<void> write(Bytes bytes);
  Result<void> commit();

 private:
  OutputFile(std::string path, std::string temporary, Descriptor file)
      : path_(std::move(path)), temporary_(std::move(temporary)), file_(std::move(file)) {}
  std::string path_;
  std::string temporary_;  ///< empty: none, or renamed already
  Descriptor file_;
};

/// Writes all of it to standard output or error (1 or 2). Error: rules::file_unwritable.
Result<void> write_all(int descriptor, Bytes bytes);

}  // namespace padlock::net
