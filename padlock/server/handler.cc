#include "padlock/server/handler.h"

#include <variant>

#include "padlock/net/rules.h"
#include "padlock/server/exchange.h"
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

net::Awaitable<Result<void>> PromptHandler::handle(Exchange& exchange) const {
  Answer planned = answer(exchange.request(), exchange.began().wall);
  co_return co_await exchange.send(std::move(planned));
}

Answer FolderHandler::answer(const http::Request& request, WallTime now) const {
  auto found = find_wanted_file(request, now);
  if (auto* plan = std::get_if<ResponsePlan>(&found)) return {std::move(*plan)};
  const auto& wanted = std::get<WantedFile>(found);
  auto file = folder_.open_file(wanted.path);
  if (!file) return {plan_unopened(request, wanted, file.error(), now)};
  Answer answer{plan_file(request, wanted, facts_of(*file), now)};
  if (answer.plan.file) answer.file = std::move(*file);
  return answer;
}

Answer ElsewhereHandler::answer(const http::Request& request, WallTime now) const {
  return {plan_origin_redirect(request, origin_, now)};
}

Answer HttpsRedirectHandler::answer(const http::Request& request, WallTime now) const {
  return {plan_https_redirect(request, https_port_, now)};
}

std::uint64_t PlainAnswersHandler::body_limit(const http::Request& request) const {
  return answers_->body_limit(request).value_or(0);
}

net::Awaitable<Result<void>> PlainAnswersHandler::handle(Exchange& exchange) const {
  std::vector<std::uint8_t> body;
  for (;;) {
    const auto bytes = co_await exchange.read_body();
    if (!bytes) co_return std::unexpected(bytes.error());
    if (bytes->empty()) break;
    body.insert(body.end(), bytes->begin(), bytes->end());
  }
  Answer answer{answers_->answer(exchange.request(), body, exchange.began().wall)};
  co_return co_await exchange.send(std::move(answer));
}

Answer WrongPortHandler::answer(const http::Request&, WallTime now) const {
  ResponsePlan plan = plan_response(rules::plain_http_on_tls_port.status, now);
  plan.page = "400 Bad Request: " + std::string(rules::plain_http_on_tls_port.hint) + "\n";
  plan.response.fields.add("Content-Type", "text/plain; charset=utf-8");
  plan.response.fields.add("Connection", "close");
  return {std::move(plan)};
}

}  // namespace padlock::server
