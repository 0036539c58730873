#include "conformance/bogo/answers.h"

#include <variant>

namespace padlock::bogo {

namespace {

constexpr Rule verify_failed{.code = "shim.verify_fail",
                             .source = {0, "of the runner: -verify-fail"},
                             .alert = AlertDescription::handshake_failure};
constexpr Rule custom_verify_failed{.code = "shim.verify_fail",
                                    .source = {0, "of the runner: -verify-fail -use-custom-verify-callback"},
                                    .alert = AlertDescription::certificate_unknown};
constexpr Rule certificate_refused{.code = "shim.fail_cert_callback",
                                   .source = {0, "of the runner: -fail-cert-callback"},
                                   .alert = AlertDescription::internal_error};
constexpr Rule key_unknown{.code = "shim.key_unknown",
                           .source = {0, "of the runner: a server with keys and no certificate"},
                           .alert = AlertDescription::handshake_failure};
constexpr Rule key_required{.code = "shim.key_required",
                            .source = {0, "of the runner: a client with keys and no certificate"},
                            .alert = AlertDescription::missing_extension};
constexpr Rule staple_refused{.code = "shim.fail_ocsp_callback",
                              .source = {0, "of the runner: -fail-ocsp-callback"},
                              .alert = AlertDescription::bad_certificate_status_response};

}  // namespace

void Answers::answer(tls::Connection& connection, const tls::Event& question) {
  if (const auto* certificate = std::get_if<tls::CertificateWanted>(&question)) answer(connection, *certificate);
  if (const auto* crypto = std::get_if<tls::CryptoWanted>(&question)) answer(connection, *crypto);
  if (const auto* chain = std::get_if<tls::ChainVerificationWanted>(&question)) answer(connection, *chain);
  if (const auto* early_data = std::get_if<tls::EarlyDataWanted>(&question)) {
    (void)connection.answer(early_data->id, tls::EarlyDataAnswer::take);  // the runner copies nothing
  }
}

/// A server that has nothing that fits shows what it has, and the engine says what is wrong with it.
void Answers::answer(tls::Connection& connection, const tls::CertificateWanted& wanted) {
  learned_.authorities = wanted.authorities;
  if (options_.fail_cert_callback) {
    (void)connection.decline(wanted.id, {&certificate_refused, "the runner wants no certificate"});
    return;
  }
  if (options_.server && options_.fail_ocsp_callback) {
    (void)connection.decline(wanted.id, {&staple_refused, "the runner wants no stapled response to be found"});
    return;
  }
  if (options_.server && needs_external_key(options_)) {
    (void)connection.decline(wanted.id, {&key_unknown, "the client offers no key that the flags name"});
    return;
  }
  const Candidate* candidate = find_candidate(setup_.credentials, wanted, *connection.info().version);
  if (candidate == nullptr && options_.server && !setup_.credentials.empty()) candidate = &setup_.credentials.back();
  if (candidate != nullptr) learned_.credential = candidate->number;
  (void)connection.answer(wanted.id, candidate == nullptr ? nullptr : candidate->credential);
}

void Answers::answer(tls::Connection& connection, const tls::CryptoWanted& wanted) {
  if (const auto* check = std::get_if<crypto::SignatureCheckQuestion>(&wanted.question)) {
    learned_.peer_scheme = check->scheme;
  }
  (void)tls::answer_at_once(connection, wanted, provider_);  // a refusal is also a Failed event
}

void Answers::answer(tls::Connection& connection, const tls::ChainVerificationWanted& wanted) {
  learned_.ocsp_staple = wanted.ocsp_staple;
  learned_.signed_certificate_timestamps = wanted.signed_certificate_timestamps;
  if (const Rule* broken_rule = judge(connection.info())) {
    (void)connection.decline(wanted.id, {broken_rule, "the runner wants no chain to be believed"});
  } else {
    (void)connection.answer(wanted.id, tls::PeerVerified::by_caller());
  }
}

/// The runner's certificates are made for its tests: any chain is believed, unless a flag says otherwise.
const Rule* Answers::judge(const tls::ConnectionInfo& info) const {
  if (!options_.server && needs_external_key(options_)) return &key_required;
  if (info.resumed && !options_.reverify_on_resume) return nullptr;
  if (options_.verify_fail && (options_.verify_peer || options_.require_any_client_certificate)) {
    return options_.use_custom_verify_callback ? &custom_verify_failed : &verify_failed;
  }
  return options_.fail_ocsp_callback ? &staple_refused : nullptr;
}

}  // namespace padlock::bogo
