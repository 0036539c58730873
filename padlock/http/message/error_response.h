#pragma once

#include <string>

#include "padlock/base/instant.h"
#include "padlock/base/rule.h"
#include "padlock/http/message/message.h"

namespace padlock::http {

/// What a client is told that has broken a rule.
struct ErrorResponse {
  Response response;  ///< without Content-Length
  std::string body;   ///< "400 Bad Request" and the rule's hint
};

/// With the rule's status, or 400 if it has none.
ErrorResponse make_error_response(const Rule& rule, WallTime now);

}  // namespace padlock::http
