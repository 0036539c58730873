#include "padlock/cli/verdict_json.h"

#include <nlohmann/json.hpp>

#include "padlock/base/text.h"
#include "padlock/x509/describe.h"
#include "padlock/x509/names.h"

namespace padlock::cli {
namespace {

std::string seconds_text(WallTime time) { return padlock::to_string(time); }

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

Json names_json(const std::vector<x509::GeneralName>& names) {
  Json list = Json::array();
  for (const x509::GeneralName& name : names) list.push_back(x509::text_of(name));
  return list;
}

Json oids_json(const std::vector<der::Oid>& oids) {
  Json list = Json::array();
  for (const der::Oid& oid : oids) list.push_back(der::describe(oid));
  return list;
}

Json urls_json(const std::vector<std::string>& urls) {
  Json list = Json::array();
  for (const std::string& url : urls) list.push_back(escaped(url));
  return list;
}

Json extensions_json(const x509::Certificate& certificate) {
  Json list = Json::array();
  for (const x509::Extension& extension : certificate.extensions)
    list.push_back(
        {{"oid", extension.oid.to_string()}, {"name", der::describe(extension.oid)}, {"critical", extension.critical}});
  return list;
}

/// Enough to know a certificate again.
Json short_json(const x509::Certificate& certificate) {
  return {{"subject", certificate.subject.text()},
          {"not_after", seconds_text(certificate.not_after)},
          {"sha256", x509::fingerprint(certificate)}};
}

Json fault_json(const x509::Fault& fault) {
  Json json{{"depth", fault.depth}};
  json.update(to_json(fault.error));
  return json;
}

Json faults_json(const std::vector<x509::Fault>& faults) {
  Json list = Json::array();
  for (const x509::Fault& fault : faults) list.push_back(fault_json(fault));
  return list;
}

Json revocation_json(const std::vector<x509::RevocationStatus>& statuses) {
  Json list = Json::array();
  for (const x509::RevocationStatus& status : statuses) {
    Json json{{"state", x509::name_of(status.state)}, {"source", x509::name_of(status.source)}};
    if (status.this_update) json["this_update"] = seconds_text(*status.this_update);
    if (status.next_update) json["next_update"] = seconds_text(*status.next_update);
    if (status.revoked_at) json["revoked_at"] = seconds_text(*status.revoked_at);
    if (status.reason) json["reason"] = x509::name_of(*status.reason);
    if (status.why) json["why"] = to_json(*status.why);
    list.push_back(std::move(json));
  }
  return list;
}

Json path_json(const x509::Path& path) {
  Json certificates = Json::array();
  for (const auto& certificate : path.certificates) certificates.push_back(short_json(*certificate));
  Json json{{"certificates", std::move(certificates)}};
  json["anchor"] = path.anchor ? Json(x509::name_of(*path.anchor)) : Json(nullptr);
  json["faults"] = faults_json(path.faults);
  json["revocation"] = revocation_json(path.revocation);
  return json;
}

/// The chain as the peer sent it; what cannot be read is told with the reason.
Json sent_json(const tls::CertificateChain& chain) {
  Json list = Json::array();
  for (const auto& der : chain) {
    const auto certificate = x509::parse_certificate(der);
    list.push_back(certificate ? short_json(**certificate) : Json{{"unreadable", to_json(certificate.error())}});
  }
  return list;
}

}  // namespace

Json to_json(const Error& error) {
  return {{"code", error.rule->code},
          {"what", error.what},
          {"rule", to_string(error.rule->source)},
          {"next", error.rule->hint}};
}

Json to_json(const x509::Certificate& certificate) {
  Json json{{"subject", certificate.subject.text()},
            {"names", names_json(certificate.subject_alternative_names)},
            {"issuer", certificate.issuer.text()},
            {"not_before", seconds_text(certificate.not_before)},
            {"not_after", seconds_text(certificate.not_after)},
            {"key", x509::describe_key(certificate.public_key)},
            {"signature", der::describe(certificate.signature_algorithm)},
            {"serial", x509::colon_hex(certificate.serial)},
            {"version", certificate.version},
            {"ca", certificate.ca()}};
  if (certificate.basic_constraints && certificate.basic_constraints->path_length)
    json["path_length"] = *certificate.basic_constraints->path_length;
  json["key_usage"] = x509::key_usage_names(certificate);
  json["purposes"] = oids_json(certificate.extended_key_usage);
  json["policies"] = oids_json(certificate.policies.certificate_policies.value_or(std::vector<der::Oid>{}));
  if (certificate.name_constraints) {
    json["name_constraints"] = {{"permitted", names_json(certificate.name_constraints->permitted)},
                                {"excluded", names_json(certificate.name_constraints->excluded)}};
  }
  json["must_staple"] = certificate.must_staple;
  json["ocsp_urls"] = urls_json(certificate.ocsp_urls);
  json["crl_urls"] = urls_json(certificate.crl_urls);
  json["issuer_urls"] = urls_json(certificate.ca_issuers_urls);
  json["subject_key_identifier"] = x509::colon_hex(certificate.subject_key_identifier);
  json["authority_key_identifier"] = x509::colon_hex(certificate.authority_key_identifier);
  json["extensions"] = extensions_json(certificate);
  json["sha256"] = x509::fingerprint(certificate);
  return json;
}

Json to_json(const x509::Verdict& verdict) {
  Json paths = Json::array();
  for (const x509::Path& path : verdict.paths) paths.push_back(path_json(path));
  Json json{{"trusted", verdict.trusted}, {"trusted_directly", verdict.trusted_directly}};
  if (verdict.error) {
    json["error"] = to_json(*verdict.error);
    json["error"]["depth"] = verdict.error_depth;
  }
  json["paths"] = std::move(paths);
  json["unreadable"] = faults_json(verdict.unreadable);
  return json;
}

Json to_json(const client::SecurityVerdict& security) {
  Json json{{"level", client::name_of(security.level)}, {"host", security.host}};
  if (security.connection) json["tls"] = tls_json(*security.connection);
  if (security.verdict && security.verdict->good_path() != nullptr) {
    json["vouched_by"] = client::vouched_by(security);
    json["valid_until"] = seconds_text(security.verdict->good_path()->certificates.front()->not_after);
  }
  if (security.connection) json["chain_sent"] = sent_json(security.connection->peer_chain);
  if (security.verdict) json["verdict"] = to_json(*security.verdict);
  if (security.error) json["error"] = to_json(*security.error);
  json["notes"] = security.notes;
  return json;
}

std::string dump(const Json& json, bool indented) {
  return json.dump(indented ? 2 : -1, ' ', true, Json::error_handler_t::replace);
}

}  // namespace padlock::cli
