#include "padlock/explain/http_steps.h"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include "padlock/base/text.h"
#include "padlock/explain/limits.h"
#include "padlock/explain/words.h"
#include "padlock/explain/wrap.h"

namespace padlock::explain {
namespace {

std::string safe(std::string_view text) { return escaped(text.substr(0, limits::value_characters)); }

/// What logs in would stay on the screen, in a file, in a bug report.
bool logs_in(std::string_view name) {
  constexpr std::array<std::string_view, 4> names{"authorization", "proxy-authorization", "cookie", "set-cookie"};
  return std::ranges::any_of(names, [&](std::string_view one) { return equal_ignoring_ascii_case(one, name); });
}

void add_fields(Step& step, const http::Fields& fields) {
  for (const http::Field& field : fields.all()) {
    step.facts.push_back({safe(field.name), logs_in(field.name) ? "(hidden)" : safe(field.value)});
  }
}

}  // namespace

Step request_step(const trace::RequestSent& sent) {
  Step step = step_of(words::request);
  step.sender = Party::client;
  step.title = "request: " + safe(sent.request.method);
  step.facts.push_back({"request line", safe(sent.request.method) + " " + safe(sent.request.target) + " HTTP/1.1"});
  step.facts.push_back({"Host", safe(sent.request.authority)});
  add_fields(step, sent.request.fields);
  return step;
}

Step response_step(const trace::ResponseHead& head) {
  const int status = head.response.status;
  const std::string text = fmt::format("{} {}", status, http::reason_phrase(status));
  Step step = step_of(status < 200 ? words::interim_response : words::response);
  step.sender = Party::server;
  step.title = (status < 200 ? "interim response: " : "response: ") + text;
  step.facts.push_back({"status", text});
  add_fields(step, head.response.fields);
  return step;
}

Step body_step(const trace::Body& body) {
  Step step = step_of(words::body);
  step.sender = Party::server;
  step.at = body.last;
  step.facts.push_back({"length", bytes_text(body.bytes)});
  return step;
}

}  // namespace padlock::explain
