#include "conformance/bogo/expectations.h"

#include <algorithm>

#include "conformance/bogo/setup.h"

namespace padlock::bogo {

namespace {

template <class CodePoint>
bool is(std::optional<std::uint64_t> expected, std::optional<CodePoint> found) {
  return !expected || (found && static_cast<std::uint64_t>(*found) == *expected);
}

/// An empty expectation is none.
bool same(Bytes expected, Bytes found) { return expected.empty() || std::ranges::equal(expected, found); }

bool is_tls13(const tls::ConnectionInfo& info) { return info.version == tls::ProtocolVersion::TLS_1_3; }

bool has_expected_name(const Options& options, const tls::ConnectionInfo& info) {
  if (options.expect_no_server_name && info.server_name) return false;
  return options.expect_server_name.empty() || info.server_name == options.expect_server_name;
}

bool has_expected_protocol(const Options& options, const tls::ConnectionInfo& info) {
  const std::string& expected = options.server ? options.select_alpn : options.expect_alpn;
  return info.alpn.value_or("") == expected;
}

bool has_expected_chain(const Options& options, const tls::ConnectionInfo& info) {
  if (options.expect_peer_cert_file.empty()) return true;
  const auto expected = read_chain(options.expect_peer_cert_file);
  return expected && info.peer_chain == *expected;
}

bool has_chain_or_none(const Options& options, const tls::ConnectionInfo& info) {
  if (options.expect_no_peer_cert) return info.peer_chain.empty();
  const bool wanted = !options.server || options.require_any_client_certificate;
  return !wanted || info.external_psk || !info.peer_chain.empty();
}

/// The number of the certificate that was shown, or of the key that both ends know.
std::string selected_credential(const Options& options, const Outcome& outcome) {
  if (!outcome.info.external_psk) return outcome.learned.credential;
  const auto found =
      std::ranges::find(options.credentials, *outcome.info.external_psk, &CredentialOptions::psk_importer_identity);
  return std::to_string(found - options.credentials.begin() - 1);
}

std::optional<std::string> find_mismatch_of_sessions(const Options& options, const Outcome& outcome) {
  const bool resumed = outcome.info.resumed;
  if (resumed != (outcome.resumption && !options.expect_session_miss)) {
    return resumed ? "the session was resumed" : "the session was not resumed";
  }
  if (!options.server && !is_tls13(outcome.info)) {
    const bool expected = !options.expect_no_session && (!resumed || options.expect_ticket_renewal);
    if (outcome.session_received != expected) return expected ? "no session was received" : "a session was received";
  }
  if (options.expect_session_id && outcome.sessions_by_id == 0) return "the server remembers no session";
  if (options.expect_no_session_id && outcome.sessions_by_id != 0) return "the server remembers a session";
  return std::nullopt;
}

std::optional<std::string> find_mismatch_of_early_data(const Options& options, const Outcome& outcome) {
  const bool accepted = outcome.info.early_data == tls::EarlyDataStatus::accepted;
  if (options.expect_accept_early_data && !accepted) return "early data was not accepted";
  const bool refused = outcome.info.early_data == tls::EarlyDataStatus::rejected;
  if (!options.server && refused && !outcome.retry) return "the server takes no early data";
  if (options.expect_reject_early_data && accepted) return "early data was accepted";
  const std::string& reason = options.expect_early_data_reason;
  if (!reason.empty() && accepted != (reason == "accept")) return "of early data became another thing than expected";
  const bool offered = outcome.info.early_data != tls::EarlyDataStatus::none;
  if (outcome.resumption && !outcome.retry && options.expect_no_offer_early_data && !options.server && offered) {
    return "early data was offered";
  }
  return std::nullopt;
}

std::optional<std::string> find_mismatch_of_certificates(const Options& options, const Outcome& outcome) {
  const Learned& learned = outcome.learned;
  if (!has_expected_chain(options, outcome.info)) return "the peer's chain is another one than expected";
  if (!has_chain_or_none(options, outcome.info)) return "the peer has shown a chain, or none";
  if (!options.expect_client_ca_list.empty() && parse_names(options.expect_client_ca_list) != learned.authorities) {
    return "the authorities of CertificateRequest are others than expected";
  }
  const std::string selected = selected_credential(options, outcome);
  if (options.expect_selected_credential.value_or(selected) != selected) {
    return "the credential " + selected + " was used";
  }
  if (outcome.info.resumed) return std::nullopt;  // a session has kept nothing of what follows
  if (!is(options.expect_peer_signature_algorithm, learned.peer_scheme)) return "the scheme is another one";
  if (!same(options.expect_ocsp_response, learned.ocsp_staple)) {
    return "the stapled OCSP response is another one than expected";
  }
  if (!same(options.expect_signed_cert_timestamps, learned.signed_certificate_timestamps)) {
    return "the signed certificate timestamps are others than expected";
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> find_mismatch(const Options& options, const Outcome& outcome) {
  const tls::ConnectionInfo& info = outcome.info;
  if (!is(options.expect_version, info.version)) return "the version is another one than expected";
  if (!is(options.expect_cipher, info.cipher_suite)) return "the cipher suite is another one than expected";
  if (!is(options.expect_cipher_aes, info.cipher_suite)) return "the cipher suite is another one than expected";
  const bool has_group = !info.resumed || is_tls13(info);
  if (has_group && !is(options.expect_curve_id, info.group)) return "the group is another one than expected";
  if (!has_expected_name(options, info)) return "the server name is another one than expected";
  if (!has_expected_protocol(options, info)) return "the protocol of ALPN is another one than expected";
  if (options.expect_hrr && !info.hello_retry_request) return "HelloRetryRequest was expected";
  if (options.expect_no_hrr && info.hello_retry_request) return "HelloRetryRequest was not expected";
  if (auto mismatch = find_mismatch_of_sessions(options, outcome)) return mismatch;
  if (auto mismatch = find_mismatch_of_early_data(options, outcome)) return mismatch;
  return find_mismatch_of_certificates(options, outcome);
}

std::optional<std::string> find_late_mismatch(const Options& options, const Outcome& outcome) {
  if (options.server || !is_tls13(outcome.info)) return std::nullopt;
  const bool expected = !options.expect_no_session && !options.shim_shuts_down;
  if (expected && outcome.session_received && outcome.early_session != options.expect_ticket_supports_early_data) {
    return outcome.early_session ? "the ticket allows early data" : "the ticket allows no early data";
  }
  if (outcome.session_received == expected) return std::nullopt;
  return expected ? "no session was received" : "a session was received";
}

}  // namespace padlock::bogo
