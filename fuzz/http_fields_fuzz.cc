// What a request says of the form and the parts that it wants: Accept-Encoding, the conditions and Range. The first
// line is each field's value in turn, the second Range's. Whatever is read, the parts lie inside and apart, and the
// weights are weights.
#include <algorithm>
#include <cstdlib>
#include <span>
#include <string_view>

#include "padlock/base/text.h"
#include "padlock/http/limits.h"
#include "padlock/http/message/conditional.h"
#include "padlock/http/message/content_coding.h"

namespace {

namespace http = padlock::http;

void require(bool good) {
  if (!good) std::abort();
}

void check_parts(const http::RangeAnswer& answer, std::uint64_t size) {
  http::BodyParts parts;
  if (const auto* part = std::get_if<http::BodyPart>(&answer)) parts = {*part};
  if (const auto* several = std::get_if<http::BodyParts>(&answer)) parts = *several;
  require(parts.size() <= http::limits::ranges);
  std::uint64_t sum = 0;
  for (const http::BodyPart& part : parts) {
    require(part.first <= part.last && part.last < size);
    sum += part.size();
  }
  require(sum <= size);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // libFuzzer hands out one buffer
  const std::span<const std::uint8_t> input(data, size);
  PADLOCK_UNSAFE_BUFFERS_END
  const std::string_view text = padlock::as_text(input);
  const std::string_view first = text.substr(0, text.find('\n'));
  const std::string_view range = text.substr(std::min(text.size(), first.size() + 1));
  const padlock::WallTime now(std::chrono::seconds(1'790'000'000));
  const http::Validators validators{"\"abc\"", now - std::chrono::hours(1)};
  for (const auto* name :
       {"Accept-Encoding", "If-Match", "If-None-Match", "If-Range", "If-Modified-Since", "If-Unmodified-Since"}) {
    http::Request request{"GET", "https", "a.test", "/", {}};
    request.fields.add(name, first);
    request.fields.add("Range", range);
    const auto accept = http::AcceptEncoding::of(request.fields);
    for (const http::ContentCoding coding : http::shortening_codings)
      require(accept.weight(coding) <= http::AcceptEncoding::most);
    static_cast<void>(http::evaluate_preconditions(request, validators, now));
    for (const std::uint64_t bytes : {std::uint64_t{0}, std::uint64_t{100}, ~std::uint64_t{0}})
      check_parts(http::evaluate_range(request, validators, bytes, now), bytes);
  }
  return 0;
}
