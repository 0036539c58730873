#include "padlock/client/redirect.h"

#include "padlock/client/rules.h"

namespace padlock::client {

bool is_redirect(const http::Response& response) {
  switch (response.status) {
    case 301:
    case 302:
    case 303:
    case 307:
    case 308: return response.fields.count("location") == 1;
    default: return false;
  }
}

Result<http::Url> follow_redirect(const http::Url& from, const http::Response& response, FetchRequest& request) {
  http::Url to = PADLOCK_TRY(http::resolve_url(from, *response.fields.find("location")));
  if (from.secure() && !to.secure()) {
    return broken(rules::redirect_to_plain_http, from.to_string() + " leads to " + to.to_string());
  }
  if (from.origin() != to.origin()) {
    for (const auto* name : {"authorization", "cookie", "proxy-authorization", "host"}) request.fields.remove(name);
  }
  const bool resend = response.status == 307 || response.status == 308;
  if (!resend && request.method != "GET" && request.method != "HEAD") {
    request.method = "GET";
    request.body.reset();
    for (const auto* name : {"content-type", "content-encoding", "content-language"}) request.fields.remove(name);
  }
  if (!resend) request.body.reset();
  return to;
}

}  // namespace padlock::client
