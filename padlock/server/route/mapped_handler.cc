#include "padlock/server/route/mapped_handler.h"

#include <string>

#include "padlock/http/message/path.h"

namespace padlock::server {
namespace {

/// The very path of a folder, without its slash: relative names in its page would mean others.
bool lacks_slash(const http::Request& request, const PathPrefix& folder) {
  const auto path = http::parse_file_path(request.target);
  return path && !path->trailing_slash && "/" + path->relative == folder.text();
}

}  // namespace

Answer MappedHandler::answer(const http::Request& request, WallTime now) const {
  if (lacks_slash(request, map_.from)) {
    ResponsePlan plan = plan_response(308, now);
    const std::size_t query = request.target.find('?');
    plan.response.fields.add("Location",
                             http::encode_path(map_.from.text()) + "/" +
                                 (query == std::string::npos ? std::string() : request.target.substr(query)));
    return {std::move(plan)};
  }
  http::Request inner = request;
  inner.target = map_.resolved(request.target);
  Answer answer = handler_->answer(inner, now);
  http::Fields& fields = answer.plan.response.fields;
  if (const auto location = fields.find("Location")) fields.set("Location", map_.undone(*location));
  return answer;
}

}  // namespace padlock::server
