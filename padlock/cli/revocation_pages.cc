#include "padlock/cli/revocation_pages.h"

#include <algorithm>
#include <utility>

#include "padlock/base/text.h"
#include "padlock/ca/limits.h"
#include "padlock/http/message/path.h"
#include "padlock/net/clock.h"
#include "padlock/server/rules.h"
#include "padlock/x509/limits.h"

namespace padlock::cli {
namespace {

constexpr std::string_view ocsp_name = "ocsp";
/// How long caches may keep an answer: so long a revocation stays unheard, at most.
constexpr std::string_view cache_control = "public, max-age=300, no-transform";

/// What stands behind answers_path; nothing: the request is for something else.
std::optional<std::string_view> name_in(const http::Request& request) {
  std::string_view target = request.target;
  if (!target.starts_with(ca::answers_path)) return std::nullopt;
  target.remove_prefix(ca::answers_path.size());
  return target.substr(0, target.find('?'));
}

/// The request of a GET: base64 in the path (RFC 6960, appendix A.1). What is none is empty, and malformed as such.
std::vector<std::uint8_t> request_in_path(std::string_view path) {
  const auto base64 = http::percent_decoded(path);
  auto der = base64 ? from_base64(*base64) : std::nullopt;
  return der ? *std::move(der) : std::vector<std::uint8_t>();
}

server::ResponsePlan plan_document(std::string_view media_type, Bytes bytes, bool cacheable, WallTime now) {
  server::ResponsePlan plan = server::plan_response(200, now);
  plan.page = as_text(bytes);
  plan.response.fields.add("Content-Type", std::string(media_type));
  plan.response.fields.add("X-Content-Type-Options", "nosniff");
  plan.response.fields.add("Cache-Control", cacheable ? std::string(cache_control) : "no-store");
  return plan;
}

server::ResponsePlan plan_wrong_method(std::string_view allowed, WallTime now) {
  server::ResponsePlan plan = server::plan_error(server::rules::method_not_allowed, now);
  plan.response.fields.add("Allow", std::string(allowed));
  return plan;
}

}  // namespace

void RevocationPages::replace(std::shared_ptr<const ca::StatusAnswers> answers) {
  const std::scoped_lock lock(mutex_);
  answers_ = std::move(answers);
}

std::shared_ptr<const ca::StatusAnswers> RevocationPages::answers() const {
  const std::scoped_lock lock(mutex_);
  return answers_;
}

std::optional<std::size_t> RevocationPages::body_limit(const http::Request& request) const {
  const auto name = name_in(request);
  if (!name) return std::nullopt;
  return *name == ocsp_name && request.method == "POST" ? x509::max_ocsp_request_bytes : 0;
}

server::ResponsePlan RevocationPages::answer(const http::Request& request, Bytes body, WallTime now) const {
  const auto answers = this->answers();
  const std::string_view name = name_in(request).value_or("");
  if (!answers) return server::plan_error(server::rules::not_found, now);
  constexpr std::string_view ocsp_response = "application/ocsp-response";
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (name == ocsp_name) {
    if (request.method != "POST") return plan_wrong_method("POST", now);
    return plan_document(ocsp_response, answers->answer_ocsp(body), false, now);
  }
  if (!reads) return plan_wrong_method("GET, HEAD", now);
  if (name.starts_with("ocsp/")) {
    const auto asked = request_in_path(name.substr(ocsp_name.size() + 1));
    return plan_document(ocsp_response, answers->answer_ocsp(asked), true, now);
  }
  const ca::Document* document = answers->find(name);
  if (document == nullptr) return server::plan_error(server::rules::not_found, now);
  return plan_document(document->media_type, document->bytes, true, now);
}

Result<std::unique_ptr<RevocationService>> RevocationService::open(const std::filesystem::path& state) {
  std::unique_ptr<RevocationService> service(new RevocationService);  // the constructor is private
  const auto root = PADLOCK_TRY(ca::LocalCa::find_root(state, *service->provider_));
  if (!root || PADLOCK_TRY(ca::read_settings(state / "ca")).url.empty()) return nullptr;
  service->ca_ = PADLOCK_TRY(ca::LocalCa::open_or_create(state, *service->provider_, net::now().wall));
  PADLOCK_TRY(service->refresh());
  return service;
}

Result<void> RevocationService::refresh() {
  const WallTime now = net::now().wall;
  std::string state = ca_->state_of_files();
  const bool fresh = now >= made_at_ && now < made_at_ + ca::answers_life;
  if (fresh && state == state_of_files_) return {};
  auto answers = std::make_shared<ca::StatusAnswers>(PADLOCK_TRY(ca_->make_answers(now)));
  pages_->replace(std::move(answers));
  // As it was before: what changed meanwhile is seen next time.
  state_of_files_ = std::move(state);
  made_at_ = now;
  return {};
}

}  // namespace padlock::cli
