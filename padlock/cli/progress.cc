#include "padlock/cli/progress.h"

#include <algorithm>
#include <cstdio>
#include <string>

#include "padlock/base/text.h"

namespace padlock::cli {
namespace {

std::string mebibytes(std::uint64_t bytes) {
  const std::uint64_t tenths = bytes * 10 / (1U << 20U);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " MiB";
}

}  // namespace

void Progress::expect(const http::Response& response) {
  if (const auto length = response.fields.find("Content-Length")) total_ = parse_decimal(*length);
}

void Progress::add(std::size_t bytes) {
  bytes_ += bytes;
  const auto now = std::chrono::steady_clock::now();
  if (!shown_ || now < next_) return;
  next_ = now + std::chrono::milliseconds(100);
  draw();
}

void Progress::draw() {
  constexpr std::uint64_t width = 30;
  std::string line = "\r\x1b[K";
  if (total_ && *total_ > 0) {
    const std::uint64_t done = std::min(width, bytes_ / std::max<std::uint64_t>(1, *total_ / width));
    line += "[" + std::string(done, '#') + std::string(width - done, '.') + "] ";
  }
  line += mebibytes(bytes_);
  if (total_) line += " of " + mebibytes(*total_);
  std::fwrite(line.data(), 1, line.size(), stderr);
  drawn_ = true;
}

void Progress::end() {
  if (drawn_) std::fputs("\r\x1b[K", stderr);
  drawn_ = false;
}

}  // namespace padlock::cli
