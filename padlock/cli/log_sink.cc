#include "padlock/cli/log_sink.h"

#include <cstdio>
#include <string>

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace padlock::cli {
namespace {
constexpr std::size_t waiting_lines = 8192;
}

struct LogToStderr::Impl {
  std::shared_ptr<spdlog::details::thread_pool> thread =
      std::make_shared<spdlog::details::thread_pool>(waiting_lines, 1);
  std::shared_ptr<spdlog::async_logger> logger =
      std::make_shared<spdlog::async_logger>("serve", std::make_shared<spdlog::sinks::stderr_sink_mt>(), thread,
                                             spdlog::async_overflow_policy::overrun_oldest);
};

LogToStderr::LogToStderr() : impl_(std::make_unique<Impl>()) { impl_->logger->set_pattern("%v"); }

LogToStderr::~LogToStderr() {
  const std::size_t lost = impl_->thread->overrun_counter();
  if (lost > 0) impl_->logger->info("{} lines of the log were lost: stderr is read too slowly", lost);
}

server::LogSink LogToStderr::sink() {
  return [logger = impl_->logger](std::string_view line) { logger->info("{}", line); };
}

}  // namespace padlock::cli
