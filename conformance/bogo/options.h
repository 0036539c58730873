#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace padlock::bogo {

/// A certificate that the shim may show, or an external key.
struct CredentialOptions {
  std::vector<std::uint8_t> psk_importer_key{}, psk_importer_identity{}, psk_importer_context{};
  bool psk_importer_sha384 = false;
  std::string cert_file{}, key_file{};
  std::vector<std::uint8_t> ocsp_response{}, signed_cert_timestamps{};
  std::vector<std::uint64_t> signing_prefs{};
  bool must_match_issuer = false;
};

/// What the runner asks of the shim for one connection, by the names of its flags.
struct Options {
  // Where the runner listens, and what the shim is called there.
  std::uint64_t port = 0;
  std::uint64_t shim_id = 0;
  bool ipv6 = false;
  bool is_handshaker_supported = false;
  std::uint64_t resume_count = 0;
  std::optional<std::uint64_t> resumption_delay{};  ///< seconds that pass after the connection

  // The connection.
  bool server = false;
  std::optional<std::uint64_t> min_version{}, max_version{};
  bool no_tls12 = false, no_tls13 = false;
  /// The first is the last choice, and has neither file if the flags know no certificate outside a list.
  std::vector<CredentialOptions> credentials = {{}};
  std::vector<std::uint64_t> curves{};
  std::vector<std::uint64_t> verify_prefs{};
  std::string host_name{};
  std::string advertise_alpn{};  ///< names with their length in front
  std::string select_alpn{};
  bool reject_alpn = false;
  bool enable_ocsp_stapling = false, enable_signed_cert_timestamps = false, enable_grease = false;
  bool verify_peer = false, verify_fail = false, use_custom_verify_callback = false, reverify_on_resume = false;
  bool require_any_client_certificate = false;
  std::string use_client_ca_list{};  ///< names in hex, with commas between them
  bool fail_cert_callback = false;
  bool fail_ocsp_callback = false, decline_ocsp_callback = false;
  bool no_ticket = false;
  bool install_cert_compression_algs = false;
  std::optional<std::uint64_t> install_one_cert_compression_alg{};
  bool enable_early_data = false;

  // What the shim says and does once it is connected.
  bool async = false;
  bool shim_writes_first = false, read_with_unfinished_write = false;
  bool shim_shuts_down = false, check_close_notify = false;
  std::string shim_initial_write = "hello";
  std::optional<std::uint64_t> repeat_shim_initial_write{};
  std::optional<std::uint64_t> early_write_after_message{};  ///< a HandshakeType
  bool write_different_record_sizes = false;
  std::optional<std::uint64_t> read_size{};
  bool key_update = false, key_update_before_read = false, send_alert = false;
  std::optional<std::uint64_t> export_keying_material{};
  std::string export_label{}, export_context{};
  bool use_export_context = false, use_exporter_between_reads = false, export_traffic_secrets = false;

  // What must have come of the handshake.
  bool expect_session_miss = false, expect_no_session = false, expect_ticket_renewal = false;
  bool expect_ticket_supports_early_data = false, expect_no_offer_early_data = false;
  bool expect_accept_early_data = false, expect_reject_early_data = false;
  std::string expect_early_data_reason{};  ///< "accept", or BoringSSL's word for why not
  bool expect_session_id = false, expect_no_session_id = false;
  std::optional<std::uint64_t> expect_version{}, expect_cipher{}, expect_cipher_aes{}, expect_curve_id{};
  std::optional<std::uint64_t> expect_peer_signature_algorithm{};
  std::string expect_server_name{}, expect_alpn{}, expect_peer_cert_file{};
  bool expect_no_server_name = false, expect_hrr = false, expect_no_hrr = false, expect_no_peer_cert = false;
  std::string expect_client_ca_list{};
  std::optional<std::string> expect_selected_credential{};  ///< its place in the list; -1: the one outside
  std::vector<std::uint8_t> expect_ocsp_response{}, expect_signed_cert_timestamps{};
};

/// True if the shim has external keys and would take no certificate instead.
inline bool needs_external_key(const Options& options) {
  const auto has_key = [](const CredentialOptions& each) { return !each.psk_importer_key.empty(); };
  const auto has_certificate = [](const CredentialOptions& each) { return !each.cert_file.empty(); };
  const bool certificate_would_do =
      options.server ? std::ranges::any_of(options.credentials, has_certificate) : options.verify_peer;
  return std::ranges::any_of(options.credentials, has_key) && !certificate_would_do;
}

struct CommandLine {
  Options initial{}, resume{};             ///< for the first connection, and for those after it
  Options retry{};                         ///< for the rest of a connection whose early data was refused
  std::vector<std::string> unsupported{};  ///< flags that ask for what this shim or Padlock does not have
};

/// Reads the runner's flags; the table in options.cc says what each one sets.
CommandLine parse_command_line(std::span<const std::string> arguments);

}  // namespace padlock::bogo
