#include "padlock/server/handler.h"

#include <variant>

#include "padlock/net/rules.h"
#include "padlock/server/redirect.h"
#include "padlock/server/rules.h"
#include "padlock/server/static_files.h"

namespace padlock::server {
namespace {

FileFacts facts_of(const net::File& file) {
  return {.size = file.size(), .modified = file.modified(), .modified_nanoseconds = file.modified_nanoseconds()};
}

/// What a client learns of a file that cannot be opened: whether it lies outside or is a device is not its business.
ResponsePlan plan_unopened(const http::Request& request, const WantedFile& wanted, const Error& error, WallTime now) {
  if (error.rule == &net::rules::is_a_folder && !wanted.folder.empty())
    return plan_folder_redirect(request, wanted, now);
  return plan_error(error.rule == &net::rules::file_unreadable ? rules::file_unreadable : rules::not_found, now);
}

}  // namespace

Answer FolderHandler::answer(const http::Request& request, WallTime now) const {
  if (auto refused = refuse_other_hosts(request, names_, now)) return {std::move(*refused)};
  auto found = find_wanted_file(request, now);
  if (auto* plan = std::get_if<ResponsePlan>(&found)) return {std::move(*plan)};
  const auto& wanted = std::get<WantedFile>(found);
  auto file = folder_.open_file(wanted.path);
  if (!file) return {plan_unopened(request, wanted, file.error(), now)};
  Answer answer{plan_file(request, wanted, facts_of(*file), now)};
  if (answer.plan.file) answer.file = std::move(*file);
  return answer;
}

Answer RedirectHandler::answer(const http::Request& request, WallTime now) const {
  return answer_with_body(request, {}, now);
}

std::size_t RedirectHandler::body_limit(const http::Request& request) const {
  return plain_ ? plain_->body_limit(request).value_or(0) : 0;
}

Answer RedirectHandler::answer_with_body(const http::Request& request, Bytes body, WallTime now) const {
  if (plain_ && plain_->body_limit(request)) return {plain_->answer(request, body, now)};
  return {plan_https_redirect(request, names_, https_port_, now)};
}

Answer WrongPortHandler::answer(const http::Request&, WallTime now) const {
  ResponsePlan plan = plan_response(rules::plain_http_on_tls_port.status, now);
  plan.page = "400 Bad Request: " + std::string(rules::plain_http_on_tls_port.hint) + "\n";
  plan.response.fields.add("Content-Type", "text/plain; charset=utf-8");
  plan.response.fields.add("Connection", "close");
  return {std::move(plan)};
}

}  // namespace padlock::server
