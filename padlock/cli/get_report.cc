#include "padlock/cli/get_report.h"

#include <nlohmann/json.hpp>

#include "padlock/cli/verdict_json.h"

namespace padlock::cli {

std::string report_as_json(const client::FetchOutcome& outcome) {
  Json json{{"url", outcome.url}, {"redirects", outcome.redirects}, {"exit_code", outcome.exit_code()}};
  if (outcome.http_version) {
    const std::string_view name = name_of(*outcome.http_version);
    json["http_version"] = name.substr(name.find('/') + 1);
  }
  if (outcome.response) json["status"] = outcome.response->status;
  json["body_bytes"] = outcome.body_bytes;
  json["security"] = to_json(outcome.security);
  if (outcome.error) json["error"] = to_json(*outcome.error);
  return dump(json, false);
}

}  // namespace padlock::cli
