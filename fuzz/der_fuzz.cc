// Walks the input as DER, into everything constructed, and tries every take on every element. What is accepted must be
// the shortest encoding, and the pieces must cover the input without a gap.
#include <cstdlib>
#include <span>

#include "padlock/base/unsafe.h"
#include "padlock/der/reader.h"

namespace {

using padlock::der::Element;
using padlock::der::Oid;
using padlock::der::Reader;

void check(bool good) {
  if (!good) std::abort();
}

void try_every_take(padlock::Bytes whole) {
  const auto fresh = [whole] { return Reader(whole, "fuzzed"); };
  if (const auto value = fresh().integer("field")) check(!value->empty());
  if (const auto value = fresh().small_integer("field", 1000)) check(*value <= 1000);
  if (const auto value = fresh().bit_string("field")) check(value->unused_bits < 8);
  if (const auto value = fresh().boolean("field")) check(whole.size() == 3);
  if (const auto value = fresh().time("field")) check(!padlock::to_string(*value).empty());
  if (const auto value = fresh().object_identifier("field"); value && value->to_string().size() < 20)
    check(Oid::from_text(value->to_string()) == *value);
  check(fresh().null("field").has_value() == (whole.size() == 2 && whole.front() == padlock::der::tag::null));
}

void walk(Reader in, unsigned depth) {
  while (!in.empty()) {
    const std::size_t before = in.remaining();
    const auto element = in.any("element");
    if (!element) {
      check(in.remaining() == before);
      return;
    }
    check(before - in.remaining() == element->whole.size());
    try_every_take(element->whole);
    const bool constructed = (element->tag & 0x20) != 0;
    if (constructed && depth < 16) walk(in.inside(*element, "inside"), depth + 1);
  }
  check(in.finish().has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // libFuzzer hands out one buffer
  const std::span<const std::uint8_t> input(data, size);
  PADLOCK_UNSAFE_BUFFERS_END
  walk(Reader(input, "fuzzed"), 0);
  return 0;
}
