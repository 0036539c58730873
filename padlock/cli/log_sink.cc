#include "padlock/cli/log_sink.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "padlock/base/text.h"
#include "padlock/net/descriptor.h"
#include "padlock/net/rules.h"

namespace padlock::cli {
namespace {

constexpr std::size_t waiting_lines = 8192;
constexpr mode_t log_mode = 0640;  // it names who asked for what

Result<net::Descriptor> open_log(const std::filesystem::path& file) {
  net::Descriptor descriptor(::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, log_mode));
  if (descriptor) return descriptor;
  return broken(net::rules::file_unwritable,
                "cannot write the log " + escaped(file.native()) + ": " + std::generic_category().message(errno));
}

/// Writes each line with one call, so that none is torn between two files. A line that cannot be written is lost, and
/// stderr hears of it once.
class FileSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  FileSink(std::filesystem::path file, net::Descriptor descriptor)
      : file_(std::move(file)), descriptor_(std::move(descriptor)) {}
  void reopen() { reopen_ = true; }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (reopen_.exchange(false)) open_again();
    spdlog::memory_buf_t line;
    base_sink<std::mutex>::formatter_->format(message, line);
    const bool written = ::write(descriptor_.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size());
    if (!written && !std::exchange(complained_, true))
      complain("cannot write the log " + escaped(file_.native()) + ": " + std::generic_category().message(errno));
    if (written) complained_ = false;
  }
  void flush_() override {}

 private:
  /// The file of before goes on if there is no other.
  void open_again() {
    auto opened = open_log(file_);
    if (!opened) return complain(opened.error().what);
    descriptor_ = *std::move(opened);
  }
  static void complain(const std::string& what) { std::fprintf(stderr, "padlock: %s\n", what.c_str()); }

  std::filesystem::path file_;
  net::Descriptor descriptor_;
  std::atomic<bool> reopen_ = false;
  bool complained_ = false;
};

}  // namespace

struct LogWriter::Impl {
  explicit Impl(spdlog::sink_ptr sink)
      : logger(std::make_shared<spdlog::async_logger>("serve", std::move(sink), thread,
                                                      spdlog::async_overflow_policy::overrun_oldest)) {
    logger->set_pattern("%v");
  }
  std::shared_ptr<spdlog::details::thread_pool> thread =
      std::make_shared<spdlog::details::thread_pool>(waiting_lines, 1);
  std::shared_ptr<spdlog::async_logger> logger;
  std::shared_ptr<FileSink> file;  ///< null: stderr
};

LogWriter::LogWriter() : LogWriter(std::make_unique<Impl>(std::make_shared<spdlog::sinks::stderr_sink_mt>())) {}
LogWriter::LogWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<LogWriter>> LogWriter::open(const std::filesystem::path& file) {
  auto sink = std::make_shared<FileSink>(file, PADLOCK_TRY(open_log(file)));
  auto impl = std::make_unique<Impl>(sink);
  impl->file = std::move(sink);
  return std::unique_ptr<LogWriter>(new LogWriter(std::move(impl)));  // the constructor is private
}

LogWriter::~LogWriter() {
  if (lost() > 0)
    impl_->logger->info("{} lines of the log were lost: they came faster than they could be written", lost());
}

std::size_t LogWriter::lost() const { return impl_->thread->overrun_counter(); }

void LogWriter::reopen() {
  if (impl_->file) impl_->file->reopen();
}

server::LogSink LogWriter::sink() {
  return [logger = impl_->logger](std::string_view line) { logger->info("{}", line); };
}

}  // namespace padlock::cli
