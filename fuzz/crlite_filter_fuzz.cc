// Reads the input as a CRLite filter and asks it about certificates. What it says must not depend on the moment, and of
// an issuer or a time that it does not have it must say so.
#include <cstdlib>
#include <span>

#include "padlock/base/unsafe.h"
#include "padlock/x509/crlite/filter.h"

namespace {

using padlock::x509::crlite::Answer;
using padlock::x509::crlite::Question;

void check(bool good) {
  if (!good) std::abort();
}

/// The first issuer and log of the file, where they lie if there is one log: such questions get as far as the
/// equations.
Question question_of(std::span<const std::uint8_t> file) {
  Question question{.serial = {1, 2, 3}, .timestamps = {{}}};
  constexpr std::size_t log = 4, issuer = 4 + 48 + 4;
  if (file.size() < issuer + 32) return question;
  padlock::copy_bytes(file.subspan(log, 32), question.timestamps.front().id);
  for (const std::uint8_t byte : file.subspan(log + 32, 8))
    question.timestamps.front().timestamp = question.timestamps.front().timestamp << 8 | byte;
  padlock::copy_bytes(file.subspan(issuer, 32), question.issuer_spki_hash);
  return question;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // libFuzzer hands out one buffer
  const std::span<const std::uint8_t> input(data, size);
  PADLOCK_UNSAFE_BUFFERS_END
  const auto filter = padlock::x509::crlite::parse_filter(input);
  if (!filter) return 0;
  Question question = question_of(input);
  const Answer answer = filter->ask(question);
  check(answer == filter->ask(question));
  check(filter->issuers() > 0 || answer == Answer::not_covered || answer == Answer::not_enrolled);
  for (std::uint8_t serial = 0; serial < 32; ++serial) {
    question.serial.back() = serial;
    check((filter->ask(question) >= Answer::not_revoked) == (answer >= Answer::not_revoked));
  }
  question.timestamps.clear();
  check(filter->ask(question) == Answer::not_covered);
  return 0;
}
