#include "padlock/server/static_files.h"

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

ResponsePlan plan_content(const ChosenFile& chosen, const http::RangeAnswer& range, WallTime now) {
  const auto* part = std::get_if<http::BodyPart>(&range);
  ResponsePlan plan = plan_response(part != nullptr ? 206 : 200, now);
  http::Fields& fields = plan.response.fields;
  plan.file = part != nullptr ? FilePart{part->first, part->size()} : FilePart{0, chosen.form.size};
  if (part != nullptr)
    fields.add("Content-Range", "bytes " + std::to_string(part->first) + "-" + std::to_string(part->last) + "/" +
                                    std::to_string(chosen.form.size));
  fields.add("Content-Type", chosen.file.content_type);
  if (chosen.form.coding != http::ContentCoding::identity) fields.add("Content-Encoding", name_of(chosen.form.coding));
  fields.add("X-Content-Type-Options", "nosniff");
  fields.add("Accept-Ranges", "bytes");
  add_validators(fields, chosen);
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
  return plan_content(chosen, range, now);
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
