#include "padlock/certs/certificate_event.h"

#include <algorithm>
#include <array>
#include <utility>

#include <nlohmann/json.hpp>

#include "padlock/acme/timestamp.h"

namespace padlock::certs {
namespace {

using EventJson = nlohmann::ordered_json;
using EventKind = CertificateEvent::Kind;

constexpr std::array<std::pair<EventKind, std::string_view>, 7> event_kinds{
    {{EventKind::cert_obtained, "cert_obtained"},
     {EventKind::cert_renewed, "cert_renewed"},
     {EventKind::cert_failed, "cert_failed"},
     {EventKind::cert_expiring, "cert_expiring"},
     {EventKind::cert_expired, "cert_expired"},
     {EventKind::cert_recalled, "cert_recalled"},
     {EventKind::ca_passed_over, "ca_passed_over"}}};
/// Of each text that others have a say in.
constexpr std::size_t event_text_bytes = 400;
constexpr std::string_view event_beginning = R"({"event":")";

bool is_event_char(char c) { return c >= ' ' && c <= '~'; }

/// What JSON writes in as many bytes, or two for a quote and a backslash.
std::string event_text(std::string_view text) {
  std::string out(text.substr(0, event_text_bytes));
  std::ranges::replace_if(out, [](char c) { return !is_event_char(c); }, '?');
  return out;
}

void add_reason(EventJson& json, const CertificateEvent& event) {
  if (event.why) {
    json["code"] = event.why->rule->code;
    json["reason"] = event_text(event.why->what);
    json["advice"] = event_text(event.why->rule->hint);
  }
  if (event.failures > 0) json["failures"] = event.failures;
  if (event.next_try) json["next_try"] = acme::timestamp_text(*event.next_try);
  if (!event.explanation_url.empty()) json["explanation"] = event_text(event.explanation_url);
}

}  // namespace

std::string_view name_of(EventKind kind) {
  return std::ranges::find(event_kinds, kind, &decltype(event_kinds)::value_type::first)->second;
}

std::vector<std::string_view> event_kind_names() {
  std::vector<std::string_view> names;
  names.reserve(event_kinds.size());
  for (const auto& [kind, name] : event_kinds) names.push_back(name);
  return names;
}

std::optional<EventKind> find_event_kind(std::string_view name) {
  const auto* const found = std::ranges::find(event_kinds, name, &decltype(event_kinds)::value_type::second);
  return found == event_kinds.end() ? std::nullopt : std::optional(found->first);
}

std::string write_event(const CertificateEvent& event, std::string_view host) {
  EventJson json{
      {"event", name_of(event.kind)}, {"time", acme::timestamp_text(event.time)}, {"host", event_text(host)}};
  if (!event.names.empty()) {
    EventJson names = EventJson::array();
    for (const std::string& name : event.names) {
      if (names.size() < event_names) names.push_back(event_text(name));
    }
    json["name"] = names.front();
    json["names"] = std::move(names);
  }
  if (!event.ca.empty()) json["ca"] = event_text(event.ca);
  if (event.not_after) json["not_after"] = acme::timestamp_text(*event.not_after);
  add_reason(json, event);
  return json.dump();
}

std::optional<EventKind> kind_of_event(std::string_view text) {
  const bool good = text.size() <= event_bytes && text.starts_with(event_beginning) && text.ends_with('}') &&
                    std::ranges::all_of(text, is_event_char);
  if (!good) return std::nullopt;
  text.remove_prefix(event_beginning.size());
  return find_event_kind(text.substr(0, text.find('"')));
}

}  // namespace padlock::certs
