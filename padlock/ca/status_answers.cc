#include "padlock/ca/status_answers.h"

#include <algorithm>
#include <array>
#include <utility>

#include "padlock/ca/limits.h"
#include "padlock/der/writer.h"
#include "padlock/x509/issue_revocation.h"
#include "padlock/x509/ocsp.h"

namespace padlock::ca {
namespace {

constexpr std::size_t name_bytes = 8;  // of a key identifier, in a document's name

std::string name_of_issuer(const x509::Certificate& issuer) {
  const Bytes identifier = issuer.subject_key_identifier;
  return to_hex(identifier.first(std::min(name_bytes, identifier.size())));
}

std::vector<std::uint8_t> key_of(const x509::CertId& id) {
  return der::make_der([&](der::Writer& out) { x509::write_cert_id(out, id); });
}

/// As `serial_text` writes it, back to bytes.
std::vector<std::uint8_t> serial_bytes(std::string text) {
  if (text.size() % 2 != 0) text.insert(0, "0");
  return from_hex(text).value_or(std::vector<std::uint8_t>());
}

std::vector<x509::RevokedEntry> entries_of(const Revocations& revocations, const std::string& issuer) {
  std::vector<x509::RevokedEntry> entries;
  for (const Revocation& one : revocations.entries) {
    if (one.issuer == issuer)
      entries.push_back({.serial = serial_bytes(one.serial), .revoked_at = one.at, .reason = one.reason});
  }
  return entries;
}

x509::IssuedStatus status_of(const Revocation* revocation) {
  if (revocation == nullptr) return {.state = x509::RevocationState::good};
  return {.state = x509::RevocationState::revoked, .revoked_at = revocation->at, .reason = revocation->reason};
}

}  // namespace

StatusUrls status_urls(std::string_view url, const x509::Certificate& issuer) {
  if (url.empty()) return {};
  const std::string base = std::string(url) + std::string(answers_path), name = base + name_of_issuer(issuer);
  return {.crl = name + ".crl", .ocsp = base + "ocsp", .ca_issuers = name + ".der"};
}

Result<StatusAnswers> StatusAnswers::make(std::span<const Pair> issuers, std::span<const IssuedEntry> issued,
                                          const Revocations& revocations, WallTime now) {
  StatusAnswers answers;
  answers.made_at_ = now;
  answers.unauthorized_ = x509::make_ocsp_failure(x509::OcspResponseStatus::unauthorized);
  answers.malformed_ = x509::make_ocsp_failure(x509::OcspResponseStatus::malformedRequest);
  for (const Pair& issuer : issuers) {
    PADLOCK_TRY(answers.add_list(issuer, revocations, now));
    const std::string key = to_hex(issuer.certificate->subject_key_identifier);
    for (const IssuedEntry& entry : issued) {
      if (entry.issuer == key && entry.not_after >= now)
        PADLOCK_TRY(answers.add_response(issuer, serial_bytes(entry.serial), revocations, now));
    }
    for (const Revocation& one : revocations.entries) {  // the log may have forgotten it
      if (one.issuer == key && one.not_after >= now)
        PADLOCK_TRY(answers.add_response(issuer, serial_bytes(one.serial), revocations, now));
    }
  }
  for (const Pair& intermediate : issuers.subspan(1))
    PADLOCK_TRY(answers.add_response(issuers.front(), intermediate.certificate->serial, revocations, now));
  for (const auto& [alias, issuer] : {std::pair{"root", &issuers[0]}, std::pair{"intermediate", &issuers[1]}}) {
    answers.add_alias(std::string(alias) + ".crl", name_of_issuer(*issuer->certificate) + ".crl");
    answers.add_alias(std::string(alias) + ".der", name_of_issuer(*issuer->certificate) + ".der");
  }
  answers.add_alias("issuer.der", "intermediate.der");
  return answers;
}

/// The list's number is its time: it grows as long as the clock does (RFC 5280, section 5.2.3).
Result<void> StatusAnswers::add_list(const Pair& issuer, const Revocations& revocations, WallTime now) {
  const auto entries = entries_of(revocations, to_hex(issuer.certificate->subject_key_identifier));
  auto list =
      PADLOCK_TRY(x509::issue_certificate_list({.entries = entries,
                                                .number = static_cast<std::uint64_t>(now.time_since_epoch().count()),
                                                .this_update = now - backdating,
                                                .next_update = now + crl_life},
                                               {*issuer.certificate, *issuer.key}));
  const std::string name = name_of_issuer(*issuer.certificate);
  documents_[name + ".crl"] = {"application/pkix-crl", std::move(list)};
  documents_[name + ".der"] = {"application/pkix-cert", issuer.certificate->der};
  return {};
}

/// One by each hash that a request may name the issuer by.
Result<void> StatusAnswers::add_response(const Pair& issuer, Bytes serial, const Revocations& revocations,
                                         WallTime now) {
  const x509::Certificate& above = *issuer.certificate;
  const Revocation* revocation = revocations.find(serial_text(serial), to_hex(above.subject_key_identifier));
  const auto look_up = [&](Bytes) { return status_of(revocation); };
  for (const auto hash : {crypto::HashAlgorithm::sha1, crypto::HashAlgorithm::sha256}) {
    x509::CertId id = x509::make_cert_id(above, above, hash);
    id.serial.assign(serial.begin(), serial.end());
    std::vector<std::uint8_t> key = key_of(id);
    if (responses_.contains(key)) continue;
    const x509::OcspRequest request{.certificates = {std::move(id)}, .nonce = {}};
    responses_[std::move(key)] = PADLOCK_TRY(x509::issue_ocsp_response(
        request, look_up, {.issuer = above, .key = *issuer.key},
        {.produced_at = now, .this_update = now - backdating, .next_update = now + ocsp_life}));
  }
  return {};
}

void StatusAnswers::add_alias(const std::string& alias, const std::string& name) {
  const auto document = documents_.at(name);
  documents_[alias] = document;
}

const Document* StatusAnswers::find(std::string_view name) const {
  const auto found = documents_.find(name);
  return found == documents_.end() ? nullptr : &found->second;
}

Bytes StatusAnswers::answer_ocsp(Bytes der) const {
  const auto request = x509::parse_ocsp_request(der);
  if (!request) return malformed_;
  if (request->certificates.size() != 1) return unauthorized_;
  const auto found = responses_.find(key_of(request->certificates.front()));
  return found == responses_.end() ? Bytes(unauthorized_) : Bytes(found->second);
}

}  // namespace padlock::ca
