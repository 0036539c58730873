#include "padlock/server/static_files.h"

#include <utility>

#include "padlock/http/message/conditional.h"
#include "padlock/http/message/path.h"
#include "padlock/server/rules.h"

namespace padlock::server {
namespace {

/// What 200, 206 and 304 all have (RFC 9110, section 15.4.5).
void add_validators(http::Fields& fields, const ChosenFile& chosen) {
  fields.add("ETag", chosen.form.validators.entity_tag);
  fields.add("Last-Modified", chosen.form.last_modified);
  if (chosen.file.negotiated) fields.add("Vary", "Accept-Encoding");
  if (!chosen.options.cache_control.empty()) fields.add("Cache-Control", chosen.options.cache_control);
}

ResponsePlan plan_unsatisfiable(std::uint64_t size, WallTime now) {
  ResponsePlan plan = plan_error(rules::range_not_satisfiable, now);
  plan.response.fields.add("Content-Range", "bytes */" + std::to_string(size));
  return plan;
}

std::string content_range(const http::BodyPart& part, std::uint64_t size) {
  return "bytes " + std::to_string(part.first) + "-" + std::to_string(part.last) + "/" + std::to_string(size);
}

/// What a response of content has whatever part of it is sent.
void add_content_fields(http::Fields& fields, const ChosenFile& chosen) {
  if (chosen.form.coding != http::ContentCoding::identity) fields.add("Content-Encoding", name_of(chosen.form.coding));
  fields.add("X-Content-Type-Options", "nosniff");
  fields.add("Accept-Ranges", "bytes");
  add_validators(fields, chosen);
}

ResponsePlan plan_whole(const ChosenFile& chosen, WallTime now) {
  ResponsePlan plan = plan_response(200, now);
  plan.file = FilePart{0, chosen.form.size};
  plan.response.fields.add("Content-Type", chosen.file.content_type);
  add_content_fields(plan.response.fields, chosen);
  return plan;
}

ResponsePlan plan_part(const ChosenFile& chosen, const http::BodyPart& part, WallTime now) {
  ResponsePlan plan = plan_response(206, now);
  plan.file = FilePart{part.first, part.size()};
  plan.response.fields.add("Content-Range", content_range(part, chosen.form.size));
  plan.response.fields.add("Content-Type", chosen.file.content_type);
  add_content_fields(plan.response.fields, chosen);
  return plan;
}

/// Each part with a head of its own between delimiters (RFC 2046, section 5.1).
ResponsePlan plan_parts(const ChosenFile& chosen, const http::BodyParts& parts, WallTime now) {
  ResponsePlan plan = plan_response(206, now);
  const std::string delimiter = "--" + std::string(chosen.boundary);
  plan.more.reserve(parts.size() + 1);
  for (const http::BodyPart& part : parts) {
    std::string head = (plan.more.empty() ? "" : "\r\n") + delimiter +
                       "\r\nContent-Type: " + std::string(chosen.file.content_type) +
                       "\r\nContent-Range: " + content_range(part, chosen.form.size) + "\r\n\r\n";
    plan.more.push_back({std::move(head), {part.first, part.size()}});
  }
  plan.more.push_back({"\r\n" + delimiter + "--\r\n"});
  plan.response.fields.add("Content-Type", "multipart/byteranges; boundary=" + std::string(chosen.boundary));
  add_content_fields(plan.response.fields, chosen);
  return plan;
}

}  // namespace

std::variant<WantedPath, ResponsePlan> find_wanted(const http::Request& request, WallTime now) {
  if (request.method != "GET" && request.method != "HEAD") {
    ResponsePlan plan = plan_error(rules::method_not_allowed, now);
    plan.response.fields.add("Allow", "GET, HEAD");
    return plan;
  }
  auto path = http::parse_file_path(request.target);
  if (!path) return plan_error(*path.error().rule, now);
  if (path->hidden) return plan_error(rules::not_found, now);
  return WantedPath{std::move(path->relative), path->trailing_slash};
}

ResponsePlan plan_file(const http::Request& request, const ChosenFile& chosen, WallTime now) {
  const Representation& form = chosen.form;
  switch (http::evaluate_preconditions(request, form.validators, now)) {
    case http::Precondition::failed: return plan_error(rules::precondition_failed, now);
    case http::Precondition::not_modified: {
      ResponsePlan plan = plan_response(304, now);
      add_validators(plan.response.fields, chosen);
      return plan;
    }
    case http::Precondition::proceed: break;
  }
  const http::RangeAnswer range = http::evaluate_range(request, form.validators, form.size, now);
  if (std::holds_alternative<http::NotSatisfiable>(range)) return plan_unsatisfiable(form.size, now);
  if (const auto* part = std::get_if<http::BodyPart>(&range)) return plan_part(chosen, *part, now);
  if (const auto* parts = std::get_if<http::BodyParts>(&range)) return plan_parts(chosen, *parts, now);
  return plan_whole(chosen, now);
}

ResponsePlan plan_folder_redirect(const http::Request& request, std::string_view folder, WallTime now) {
  // The path is written anew from what was understood, so "//host" or a line break can never be in it.
  std::string location = "/" + http::encode_path(folder) + "/";
  const std::size_t query = request.target.find('?');
  if (query != std::string::npos) location += request.target.substr(query);
  ResponsePlan plan = plan_response(308, now);
  plan.response.fields.add("Location", location);
  return plan;
}

ResponsePlan plan_listing(std::uint64_t bytes, WallTime now) {
  ResponsePlan plan = plan_response(200, now);
  plan.file = FilePart{0, bytes};
  plan.response.fields.add("Content-Type", "text/html; charset=utf-8");
  plan.response.fields.add("X-Content-Type-Options", "nosniff");
  plan.response.fields.add("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
  return plan;
}

}  // namespace padlock::server
