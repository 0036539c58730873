#include "padlock/explain/json.h"

#include <cmath>
#include <string_view>

#include <nlohmann/json.hpp>

#include "padlock/base/text.h"

namespace padlock::explain {
namespace {

using Json = nlohmann::ordered_json;

std::string_view word_of(Party party) { return party == Party::client ? "client" : "server"; }

std::string_view word_of(Protection protection) {
  switch (protection) {
    case Protection::none: return "none";
    case Protection::early_key: return "early key";
    case Protection::handshake_keys: return "handshake keys";
    case Protection::application_keys: return "application keys";
  }
  return "none";
}

std::string_view word_of(TcpSource source) {
  switch (source) {
    case TcpSource::none: return "none";
    case TcpSource::captured: return "captured";
    case TcpSource::tcp_info: return "tcp_info";
  }
  return "none";
}

std::string_view word_of(Marker::Kind kind) {
  switch (kind) {
    case Marker::Kind::encrypted: return "encrypted";
    case Marker::Kind::open: return "open";
    case Marker::Kind::stopped: return "stopped";
  }
  return "stopped";
}

/// Milliseconds with microseconds as their last digits.
double milliseconds_of(std::chrono::nanoseconds time) {
  return std::round(std::chrono::duration<double, std::micro>(time).count()) / 1000;
}

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json json_of(const ByteField& field) {
  return {{"name", field.name},   {"offset", field.offset},        {"length", field.length},
          {"depth", field.depth}, {"value", or_null(field.value)}, {"meaning", field.meaning}};
}

Json listener_of(const Step& step) {
  return {{"readable", step.protection == Protection::none},
          {"reads", step.listener},
          {"wire_hex", to_hex(step.wire)},
          {"wire_complete", step.wire.size() == step.wire_bytes.value_or(step.wire.size())}};
}

void add_lists(Json& json, const Step& step) {
  json["facts"] = Json::array();
  for (const Fact& fact : step.facts) json["facts"].push_back({{"name", fact.name}, {"value", fact.value}});
  json["keys"] = Json::array();
  for (const DerivedKey& key : step.keys) json["keys"].push_back({{"label", key.label}, {"bytes", key.length}});
  json["choices"] = Json::array();
  for (const Choice& choice : step.choices) {
    json["choices"].push_back({{"what", choice.what}, {"value", choice.value}, {"reason", choice.reason}});
  }
}

Json json_of(const Step& step, std::size_t number, const ViewOptions& options) {
  Json json = {{"number", number},
               {"id", step.id},
               {"title", step.title},
               {"sender", step.sender ? Json(word_of(*step.sender)) : Json(nullptr)},
               {"time_ms", milliseconds_of(step.at)},
               {"wire_bytes", or_null(step.wire_bytes)},
               {"protection", word_of(step.protection)},
               {"words", step.words},
               {"source", step.source}};
  add_lists(json, step);
  json["marker"] = nullptr;
  if (step.marker) json["marker"] = {{"kind", word_of(step.marker->kind)}, {"text", step.marker->text}};
  if (options.bytes) {
    json["message_hex"] = to_hex(step.message);
    json["fields"] = Json::array();
    for (const ByteField& field : step.fields) json["fields"].push_back(json_of(field));
    json["fields_missing"] = step.fields_missing;
  }
  if (options.wiretap && step.sender) json["listener"] = listener_of(step);
  return json;
}

Json json_of(const std::vector<Leak>& leaks) {
  Json json = Json::array();
  for (const Leak& leak : leaks) json.push_back({{"what", leak.what}, {"value", leak.value}});
  return json;
}

Json json_of(const Outcome& outcome) {
  Json lines = Json::array();
  std::string_view rest = outcome.explanation;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    lines.push_back(line);
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  }
  return {{"ok", outcome.ok},           {"secure", outcome.secure}, {"reason", outcome.reason},
          {"verdict", outcome.verdict}, {"explanation", lines},     {"exit_code", outcome.exit_code}};
}

}  // namespace

std::string to_json(const Ladder& ladder, const ViewOptions& options) {
  Json json = {{"format", 1},
               {"url", ladder.url},
               {"client_address", ladder.client_address},
               {"server_address", ladder.server_address},
               {"tcp", {{"source", word_of(ladder.tcp_source)}, {"note", ladder.tcp_note}}},
               {"steps", Json::array()},
               {"sent_bytes", {{"client", ladder.client_bytes}, {"server", ladder.server_bytes}}}};
  std::size_t number = 0;
  for (const Step& step : ladder.steps) json["steps"].push_back(json_of(step, ++number, options));
  json["stopped"] = ladder.stopped.empty() ? Json(nullptr) : Json(ladder.stopped);
  json["listener"] = {{"knows", json_of(ladder.leaks)}, {"does_not_know", json_of(ladder.unreadable)}};
  json["outcome"] = json_of(ladder.outcome);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace padlock::explain
