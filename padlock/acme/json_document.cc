#include "padlock/acme/json_document.h"

#include <set>
#include <vector>

#include "padlock/acme/limits.h"

namespace padlock::acme {
namespace {

/// What the parser's steps show of a document's form. The parser itself does not recurse.
struct Form {
  bool too_deep = false;
  std::optional<std::string> repeated_name{};
  std::vector<std::set<std::string>> names{};  ///< of the objects that are open

  bool see(int depth, Json::parse_event_t event, const Json& value) {
    if (depth >= static_cast<int>(limits::json_depth)) too_deep = true;
    if (event == Json::parse_event_t::object_start) names.emplace_back();
    if (event == Json::parse_event_t::object_end) names.pop_back();
    if (event == Json::parse_event_t::key && !names.back().insert(value.get<std::string>()).second)
      repeated_name = value.get<std::string>();
    return true;
  }
};

}  // namespace

Result<Json> parse_json_object(Bytes text, std::string_view structure) {
  const std::string name(structure);
  if (text.size() > limits::json_bytes)
    return broken(rules::json_too_large, name + " has more than " + std::to_string(limits::json_bytes) + " bytes");
  Form form;
  const auto see = [&](int depth, Json::parse_event_t event, Json& value) { return form.see(depth, event, value); };
  Json document = Json::parse(text.begin(), text.end(), see, false);
  if (form.too_deep) return broken(rules::json_too_deep, name + " is deeper than anything an ACME server says");
  if (form.repeated_name)
    return broken(rules::json_malformed, name + " has the field `" + escaped(*form.repeated_name) + "` twice");
  if (document.is_discarded()) return broken(rules::json_malformed, name + " is not JSON");
  if (!document.is_object()) return broken(rules::json_malformed, name + " is no JSON object");
  return document;
}

std::string write_json(const Json& value) { return value.dump(-1, ' ', true, Json::error_handler_t::replace); }

std::unexpected<Error> malformed_field(std::string_view structure, std::string_view field, std::string_view what) {
  return broken(rules::field_malformed,
                std::string(structure) + ": its field `" + std::string(field) + "` " + std::string(what));
}

Result<std::optional<std::string>> optional_text(const Json& object, std::string_view structure, const char* field) {
  const auto at = object.find(field);
  if (at == object.end() || at->is_null()) return std::nullopt;
  if (!at->is_string()) return malformed_field(structure, field, "is no text");
  return at->get<std::string>();
}

Result<std::string> text_field(const Json& object, std::string_view structure, const char* field) {
  auto text = PADLOCK_TRY(optional_text(object, structure, field));
  if (!text) return malformed_field(structure, field, "is missing");
  return *std::move(text);
}

Result<bool> flag_field(const Json& object, std::string_view structure, const char* field) {
  const auto at = object.find(field);
  if (at == object.end() || at->is_null()) return false;
  if (!at->is_boolean()) return malformed_field(structure, field, "is neither true nor false");
  return at->get<bool>();
}

Result<const Json*> optional_array(const Json& object, std::string_view structure, const char* field,
                                   std::size_t most) {
  const auto at = object.find(field);
  if (at == object.end() || at->is_null()) return nullptr;
  if (!at->is_array()) return malformed_field(structure, field, "is no array");
  if (at->size() > most) {
    return broken(rules::too_many_values,
                  std::string(structure) + ": its field `" + field + "` has " + std::to_string(at->size()) + " values");
  }
  return &*at;
}

Result<const Json*> array_field(const Json& object, std::string_view structure, const char* field, std::size_t most) {
  const Json* const array = PADLOCK_TRY(optional_array(object, structure, field, most));
  if (array == nullptr) return malformed_field(structure, field, "is missing");
  return array;
}

}  // namespace padlock::acme
