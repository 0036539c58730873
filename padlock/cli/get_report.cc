#include "padlock/cli/get_report.h"

#include <nlohmann/json.hpp>

namespace padlock::cli {
namespace {

using Json = nlohmann::ordered_json;

Json error_json(const Error& error) {
  return {{"code", error.rule->code},
          {"what", error.what},
          {"rule", to_string(error.rule->source)},
          {"next", error.rule->hint}};
}

Json tls_json(const tls::ConnectionInfo& info) {
  Json json = Json::object();
  if (info.version) json["version"] = tls::name_of(*info.version);
  if (info.cipher_suite) json["cipher_suite"] = tls::name_of(*info.cipher_suite);
  if (info.group) json["group"] = crypto::name_of(*info.group);
  if (info.signature_scheme) json["signature_scheme"] = crypto::name_of(*info.signature_scheme);
  if (info.alpn) json["alpn"] = *info.alpn;
  json["hello_retry_request"] = info.hello_retry_request;
  json["resumed"] = info.resumed;
  return json;
}

Json security_json(const client::SecurityVerdict& security) {
  Json json{{"level", client::name_of(security.level)}, {"host", security.host}};
  if (security.connection) json["tls"] = tls_json(*security.connection);
  if (security.verdict && security.verdict->good_path() != nullptr) {
    json["vouched_by"] = client::vouched_by(security);
    json["valid_until"] = padlock::to_string(security.verdict->good_path()->certificates.front()->not_after);
  }
  if (security.error) json["error"] = error_json(*security.error);
  json["notes"] = security.notes;
  return json;
}

}  // namespace

std::string report_as_json(const client::FetchOutcome& outcome) {
  Json json{{"url", outcome.url}, {"redirects", outcome.redirects}, {"exit_code", outcome.exit_code()}};
  if (outcome.response) json["status"] = outcome.response->status;
  json["body_bytes"] = outcome.body_bytes;
  json["security"] = security_json(outcome.security);
  if (outcome.error) json["error"] = error_json(*outcome.error);
  return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

}  // namespace padlock::cli
