#include "padlock/explain/http_steps.h"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include "padlock/base/text.h"
#include "padlock/explain/http2_steps.h"
#include "padlock/explain/words.h"
#include "padlock/explain/words_http2.h"
#include "padlock/explain/wrap.h"

namespace padlock::explain {
namespace {

/// What logs in would stay on the screen, in a file, in a bug report.
bool logs_in(std::string_view name) {
  constexpr std::array<std::string_view, 4> names{"authorization", "proxy-authorization", "cookie", "set-cookie"};
  return std::ranges::any_of(names, [&](std::string_view one) { return equal_ignoring_ascii_case(one, name); });
}

void add_fields(Step& step, const http::Fields& fields, const client::FieldsOnStream& place) {
  for (const http::FieldView& field : fields.all()) {
    const bool lower = place.version == client::HttpVersion::HTTP_2;
    const std::string name = lower ? to_lower_ascii(field.name) : std::string(field.name);
    step.facts.push_back({safe(name), logs_in(field.name) ? "(hidden)" : safe(field.value)});
  }
  if (place.version == client::HttpVersion::HTTP_2) step.facts.push_back({"HEADERS", frame_text(place)});
}

/// As RFC 9113, section 8.3.1 has it: what stands in HTTP/1.1's request line are fields.
void add_start(Step& step, const http::Request& request, const client::FieldsOnStream& place) {
  if (place.version == client::HttpVersion::HTTP_2) {
    step.facts = {{":method", safe(request.method)},
                  {":scheme", safe(request.scheme)},
                  {":authority", safe(request.authority)},
                  {":path", safe(request.target)}};
    return;
  }
  step.facts.push_back({"request line", safe(request.method) + " " + safe(request.target) + " HTTP/1.1"});
  step.facts.push_back({"Host", safe(request.authority)});
}

const Words& words_of(const trace::ResponseHead& head) {
  const bool interim = head.response.status < 200;
  if (head.place.version == client::HttpVersion::HTTP_2)
    return interim ? words::http2::interim_response : words::http2::response;
  return interim ? words::interim_response : words::response;
}

}  // namespace

Step request_step(const trace::RequestSent& sent) {
  const bool http2 = sent.place.version == client::HttpVersion::HTTP_2;
  Step step = step_of(http2 ? words::http2::request : words::request);
  step.sender = Party::client;
  step.title = "request: " + safe(sent.request.method) + (http2 ? " (HEADERS)" : "");
  add_start(step, sent.request, sent.place);
  add_fields(step, sent.request.fields, sent.place);
  return step;
}

Step response_step(const trace::ResponseHead& head) {
  const bool http2 = head.place.version == client::HttpVersion::HTTP_2;
  const int status = head.response.status;
  const std::string text = fmt::format("{} {}", status, http::reason_phrase(status));
  Step step = step_of(words_of(head));
  step.sender = Party::server;
  step.title = (status < 200 ? "interim response: " : "response: ") + text + (http2 ? " (HEADERS)" : "");
  step.facts.push_back({http2 ? ":status" : "status", http2 ? std::to_string(status) : text});
  add_fields(step, head.response.fields, head.place);
  return step;
}

Step trailers_step(const trace::Trailers& trailers) {
  Step step = step_of(words::http2::trailers);
  step.sender = Party::server;
  step.title += " (HEADERS)";
  add_fields(step, trailers.fields, trailers.place);
  return step;
}

Step body_step(const trace::Body& body) {
  Step step = step_of(body.framed > 0 ? words::http2::body : words::body);
  step.sender = Party::server;
  step.at = body.last;
  if (body.framed > 0) step.title += " (DATA)";
  step.facts.push_back({"length", bytes_text(body.bytes)});
  return step;
}

}  // namespace padlock::explain
