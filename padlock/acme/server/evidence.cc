#include "padlock/acme/server/evidence.h"

#include <algorithm>
#include <array>

#include "padlock/acme/problem.h"
#include "padlock/acme/server/rules.h"
#include "padlock/crypto/hash.h"
#include "padlock/der/oid.h"
#include "padlock/der/writer.h"
#include "padlock/x509/certificate.h"
#include "padlock/x509/extension_value.h"

namespace padlock::acme {
namespace {

std::unexpected<Error> other(const ChallengeAnswer& wanted, const std::string& what) {
  return padlock::broken(server_rules::incorrect_response, wanted.identifier.value + ": " + what);
}

/// What a key authorization is as long as; a page of somebody's is not passed on.
std::string cut(std::string_view text) {
  constexpr std::size_t most = 100;
  return "\"" + escaped(text.substr(0, most)) + (text.size() > most ? "...\"" : "\"");
}

}  // namespace

Result<void> check_http_01(const ChallengeAnswer& wanted, std::string_view body) {
  const std::size_t end = body.find_last_not_of(" \t\r\n");
  body = body.substr(0, end == std::string_view::npos ? 0 : end + 1);
  if (body == wanted.key_authorization) return {};
  return other(wanted, "the file holds " + cut(body) + " in place of the key authorization");
}

Result<void> check_dns_01(const ChallengeAnswer& wanted, std::span<const std::string> texts) {
  const std::string value = dns_01_value(wanted.key_authorization), name = dns_01_name(wanted.identifier);
  if (std::ranges::find(texts, value) != texts.end()) return {};
  if (texts.empty()) return other(wanted, "there is no TXT record at " + name);
  return other(wanted, "the TXT records at " + name + " are others, among them " + cut(texts.front()));
}

Result<void> check_dns_persist_01(const ChallengeAnswer& wanted, std::span<const std::string> texts, WallTime now) {
  const PersistentFault fault = judge_persistent_records(texts, wanted.persistent, wanted.identifier, now);
  if (fault == PersistentFault::none) return {};
  const std::string what = wanted.identifier.value + ": the TXT record at " +
                           persistent_record_name(wanted.identifier) + " " + std::string(words_of(fault));
  return padlock::broken(
      fault == PersistentFault::malformed ? server_rules::malformed_record : server_rules::unauthorized_record, what);
}

Result<void> check_tls_alpn_01(const ChallengeAnswer& wanted, Bytes der) {
  const auto certificate = x509::parse_certificate(der);
  if (!certificate) return other(wanted, "the certificate is malformed: " + certificate.error().what);
  const x509::Certificate& shown = **certificate;
  const auto name = general_name_of(wanted.identifier);
  const bool named = shown.subject_alternative_names.size() == 1 &&
                     shown.subject_alternative_names.front().form == name.form &&
                     identifiers_of(shown) == std::vector{wanted.identifier};
  if (!named) return other(wanted, "the certificate is for other names");
  const auto* const extension = shown.find_extension(der::oid::acmeIdentifier);
  if (extension == nullptr || !extension->critical)
    return other(wanted, "the certificate has no critical acmeIdentifier: this may be the server's usual one");
  const auto digest = crypto::hash_of(crypto::HashAlgorithm::sha256, as_bytes(wanted.key_authorization));
  const auto value = der::make_der([&](der::Writer& out) { out.octet_string(digest); });
  if (!std::ranges::equal(x509::find_extension_value(shown, der::oid::acmeIdentifier).value_or(Bytes()), value))
    return other(wanted, "the certificate's acmeIdentifier is of another key authorization");
  return {};
}

}  // namespace padlock::acme
