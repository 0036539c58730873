#pragma once

#include <optional>

#include "padlock/client/fetch.h"
#include "padlock/http/message/url.h"

namespace padlock::client {

/// Whether this status with a Location leads elsewhere (RFC 9110, section 15.4).
bool is_redirect(const http::Response& response);

/// Changes a request for the page that a redirect leads to (docs/threats.md, H22): credentials and cookies stay with
/// their origin, a body is sent again only after 307 and 308. Gives the new URL.
/// Errors: `rules::redirect_to_plain_http`, those of resolve_url.
Result<http::Url> follow_redirect(const http::Url& from, const http::Response& response, FetchRequest& request);

}  // namespace padlock::client
