// Reads the input as the index of a CRLite cache and looks up the first log's times. A name that comes out must be that
// of a file in the cache's own folder.
#include <cstdlib>
#include <span>
#include <string>

#include "padlock/base/unsafe.h"
#include "padlock/x509/crlite/index.h"

namespace {

using padlock::x509::crlite::Question;

void check(bool good) {
  if (!good) std::abort();
}

/// The log that stands first in the directory, where it lies if there is one filter.
Question question_of(std::span<const std::uint8_t> file) {
  Question question;
  constexpr std::size_t log = 14 + 32;
  if (file.size() < log + 32) return question;
  for (std::uint64_t timestamp = 1; timestamp != 0; timestamp *= 2) {
    question.timestamps.push_back({.timestamp = timestamp});
    padlock::copy_bytes(file.subspan(log, 32), question.timestamps.back().id);
  }
  return question;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // libFuzzer hands out one buffer
  const std::span<const std::uint8_t> input(data, size);
  PADLOCK_UNSAFE_BUFFERS_END
  const auto index = padlock::x509::crlite::parse_index(input);
  if (!index) return 0;
  const auto names = index->covering(question_of(input));
  if (!names) return 0;
  check(names->size() <= index->filters());
  for (const std::string& name : *names)
    check(!name.empty() && name.size() <= 32 && !name.contains('/') && name != "." && name != "..");
  return 0;
}
