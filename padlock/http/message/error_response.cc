#include "padlock/http/message/error_response.h"

#include "padlock/http/message/date.h"

namespace padlock::http {

ErrorResponse make_error_response(const Rule& rule, WallTime now) {
  const int status = rule.status == 0 ? 400 : rule.status;
  ErrorResponse error{
      {.status = status, .fields = {}},
      std::to_string(status) + " " + std::string(reason_phrase(status)) + "\n" + std::string(rule.hint) + "\n"};
  error.response.fields.add("Date", to_http_date(now));
  error.response.fields.add("Content-Type", "text/plain; charset=utf-8");
  error.response.fields.add("X-Content-Type-Options", "nosniff");
  return error;
}

}  // namespace padlock::http
