#include "padlock/server/static_files.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "padlock/http/message/conditional.h"
#include "padlock/http/message/content_type.h"
#include "padlock/http/message/date.h"
#include "padlock/http/message/path.h"
#include "padlock/server/limits.h"
#include "padlock/server/rules.h"

namespace padlock::server {
namespace {

std::string hex(std::uint64_t number) {
  std::array<char, 16> digits{};
  return {digits.begin(), std::to_chars(digits.begin(), digits.end(), number, 16).ptr};
}

/// From time and size, so it changes with each change that the file system's clock can tell apart.
http::Validators validators_of(const FileFacts& facts, WallTime now) {
  std::string tag = "\"" + hex(static_cast<std::uint64_t>(facts.modified.time_since_epoch().count())) + "-" +
                    hex(facts.modified_nanoseconds) + "-" + hex(facts.size) + "\"";
  if (now - facts.modified < limits::settled_after) tag.insert(0, "W/");
  // A file from the future would look unchanged for ever (RFC 9110, section 8.8.2.1).
  return {std::move(tag), std::min(facts.modified, now)};
}

void add_validators(http::Response& response, const http::Validators& validators) {
  response.fields.add("ETag", validators.entity_tag);
  response.fields.add("Last-Modified", http::to_http_date(validators.last_modified));
}

ResponsePlan plan_unsatisfiable(std::uint64_t size, WallTime now) {
  ResponsePlan plan = plan_error(rules::range_not_satisfiable, now);
  plan.response.fields.add("Content-Range", "bytes */" + std::to_string(size));
  return plan;
}

ResponsePlan plan_content(const WantedFile& wanted, const http::Validators& validators, http::RangeAnswer range,
                          std::uint64_t size, WallTime now) {
  const auto* part = std::get_if<http::BodyPart>(&range);
  ResponsePlan plan = plan_response(part != nullptr ? 206 : 200, now);
  http::Fields& fields = plan.response.fields;
  plan.file = part != nullptr ? FilePart{part->first, part->size()} : FilePart{0, size};
  if (part != nullptr)
    fields.add("Content-Range",
               "bytes " + std::to_string(part->first) + "-" + std::to_string(part->last) + "/" + std::to_string(size));
  fields.add("Content-Type", http::content_type_of(wanted.path));
  fields.add("X-Content-Type-Options", "nosniff");
  fields.add("Accept-Ranges", "bytes");
  add_validators(plan.response, validators);
  return plan;
}

}  // namespace

std::variant<WantedFile, ResponsePlan> find_wanted_file(const http::Request& request, WallTime now) {
  if (request.method != "GET" && request.method != "HEAD") {
    ResponsePlan plan = plan_error(rules::method_not_allowed, now);
    plan.response.fields.add("Allow", "GET, HEAD");
    return plan;
  }
  const auto path = http::parse_file_path(request.target);
  if (!path) return plan_error(*path.error().rule, now);
  if (path->hidden) return plan_error(rules::not_found, now);
  if (!path->trailing_slash) return WantedFile{path->relative, path->relative};
  return WantedFile{path->relative.empty() ? "index.html" : path->relative + "/index.html", {}};
}

ResponsePlan plan_file(const http::Request& request, const WantedFile& wanted, const FileFacts& facts, WallTime now) {
  const http::Validators validators = validators_of(facts, now);
  switch (http::evaluate_preconditions(request, validators, now)) {
    case http::Precondition::failed: return plan_error(rules::precondition_failed, now);
    case http::Precondition::not_modified: {
      ResponsePlan plan = plan_response(304, now);
      add_validators(plan.response, validators);
      return plan;
    }
    case http::Precondition::proceed: break;
  }
  const http::RangeAnswer range = http::evaluate_range(request, validators, facts.size, now);
  if (std::holds_alternative<http::NotSatisfiable>(range)) return plan_unsatisfiable(facts.size, now);
  return plan_content(wanted, validators, range, facts.size, now);
}

ResponsePlan plan_folder_redirect(const http::Request& request, const WantedFile& wanted, WallTime now) {
  // The path is written anew from what was understood, so "//host" or a line break can never be in it.
  std::string location = "/" + http::encode_path(wanted.folder) + "/";
  const std::size_t query = request.target.find('?');
  if (query != std::string::npos) location += request.target.substr(query);
  ResponsePlan plan = plan_response(308, now);
  plan.response.fields.add("Location", location);
  return plan;
}

}  // namespace padlock::server
