#include "conformance/bogo/options.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <variant>

#include "padlock/base/text.h"

namespace padlock::bogo {

namespace {

using Numbers = std::vector<std::uint64_t>;
using Base64 = std::vector<std::uint8_t>;
/// The flag asks for what Padlock does anyway, or for a way of calling that BoringSSL alone has.
struct NoChange {
  bool has_value = false;
};
/// The credential's flags that follow are another one's.
struct NewCredential {};
using Target =
    std::variant<bool Options::*, std::uint64_t Options::*, std::optional<std::uint64_t> Options::*,
                 std::string Options::*, std::optional<std::string> Options::*, Numbers Options::*, Base64 Options::*,
                 NewCredential, std::string CredentialOptions::*, Numbers CredentialOptions::*,
                 Base64 CredentialOptions::*, bool CredentialOptions::*, NoChange>;

struct Flag {
  std::string_view name;
  Target target;
};

constexpr std::array flags = {
    Flag{"-port", &Options::port},
    Flag{"-shim-id", &Options::shim_id},
    Flag{"-ipv6", &Options::ipv6},
    Flag{"-is-handshaker-supported", &Options::is_handshaker_supported},
    Flag{"-resume-count", &Options::resume_count},
    Flag{"-resumption-delay", &Options::resumption_delay},

    Flag{"-server", &Options::server},
    Flag{"-min-version", &Options::min_version},
    Flag{"-max-version", &Options::max_version},
    Flag{"-no-tls13", &Options::no_tls13},
    Flag{"-no-tls12", &Options::no_tls12},
    Flag{"-no-tls11", NoChange{}},
    Flag{"-no-tls1", NoChange{}},
    Flag{"-new-x509-credential", NewCredential{}},
    Flag{"-new-psk-credential", NewCredential{}},
    Flag{"-psk-importer-key", &CredentialOptions::psk_importer_key},
    Flag{"-psk-importer-identity", &CredentialOptions::psk_importer_identity},
    Flag{"-psk-importer-context", &CredentialOptions::psk_importer_context},
    Flag{"-psk-importer-sha256", NoChange{}},
    Flag{"-psk-importer-sha384", &CredentialOptions::psk_importer_sha384},
    Flag{"-key-file", &CredentialOptions::key_file},
    Flag{"-cert-file", &CredentialOptions::cert_file},
    Flag{"-ocsp-response", &CredentialOptions::ocsp_response},
    Flag{"-signed-cert-timestamps", &CredentialOptions::signed_cert_timestamps},
    Flag{"-signing-prefs", &CredentialOptions::signing_prefs},
    Flag{"-must-match-issuer", &CredentialOptions::must_match_issuer},
    Flag{"-trust-cert", NoChange{.has_value = true}},  // the shim believes any chain, as the runner's own does
    Flag{"-curves", &Options::curves},
    Flag{"-verify-prefs", &Options::verify_prefs},
    Flag{"-host-name", &Options::host_name},
    Flag{"-advertise-alpn", &Options::advertise_alpn},
    Flag{"-select-alpn", &Options::select_alpn},
    Flag{"-decline-alpn", NoChange{}},
    Flag{"-reject-alpn", &Options::reject_alpn},
    Flag{"-enable-ocsp-stapling", &Options::enable_ocsp_stapling},
    Flag{"-enable-signed-cert-timestamps", &Options::enable_signed_cert_timestamps},
    Flag{"-enable-grease", &Options::enable_grease},
    Flag{"-verify-peer", &Options::verify_peer},
    Flag{"-verify-fail", &Options::verify_fail},
    Flag{"-use-custom-verify-callback", &Options::use_custom_verify_callback},
    Flag{"-reverify-on-resume", &Options::reverify_on_resume},
    Flag{"-require-any-client-certificate", &Options::require_any_client_certificate},
    Flag{"-use-client-ca-list", &Options::use_client_ca_list},
    Flag{"-use-ocsp-callback", NoChange{}},
    Flag{"-set-ocsp-in-callback", NoChange{}},
    Flag{"-fail-ocsp-callback", &Options::fail_ocsp_callback},
    Flag{"-decline-ocsp-callback", &Options::decline_ocsp_callback},
    Flag{"-use-early-callback", NoChange{}},
    Flag{"-use-old-client-cert-callback", NoChange{}},
    Flag{"-fail-cert-callback", &Options::fail_cert_callback},
    Flag{"-install-ddos-callback", NoChange{}},
    Flag{"-no-legacy-server-connect", NoChange{}},              // RFC 5746 is always asked for
    Flag{"-forbid-renegotiation-after-handshake", NoChange{}},  // there is none at any time
    Flag{"-no-ticket", &Options::no_ticket},
    Flag{"-install-cert-compression-algs", &Options::install_cert_compression_algs},
    Flag{"-install-one-cert-compression-alg", &Options::install_one_cert_compression_alg},
    Flag{"-enable-early-data", &Options::enable_early_data},
    Flag{"-use-ticket-callback", NoChange{}},
    Flag{"-use-ticket-aead-callback", NoChange{}},

    Flag{"-async", &Options::async},
    Flag{"-implicit-handshake", NoChange{}},
    Flag{"-handshake-twice", NoChange{}},
    Flag{"-no-op-extra-handshake", NoChange{}},
    Flag{"-partial-write", NoChange{}},
    Flag{"-peek-then-read", NoChange{}},
    Flag{"-shim-writes-first", &Options::shim_writes_first},
    Flag{"-read-with-unfinished-write", &Options::read_with_unfinished_write},
    Flag{"-shim-initial-write", &Options::shim_initial_write},
    Flag{"-repeat-shim-initial-write", &Options::repeat_shim_initial_write},
    Flag{"-shim-shuts-down", &Options::shim_shuts_down},
    Flag{"-check-close-notify", &Options::check_close_notify},
    Flag{"-early-write-after-message", &Options::early_write_after_message},
    Flag{"-write-different-record-sizes", &Options::write_different_record_sizes},
    Flag{"-read-size", &Options::read_size},
    Flag{"-key-update", &Options::key_update},
    Flag{"-key-update-before-read", &Options::key_update_before_read},
    Flag{"-send-alert", &Options::send_alert},
    Flag{"-export-keying-material", &Options::export_keying_material},
    Flag{"-export-label", &Options::export_label},
    Flag{"-export-context", &Options::export_context},
    Flag{"-use-export-context", &Options::use_export_context},
    Flag{"-use-exporter-between-reads", &Options::use_exporter_between_reads},

    Flag{"-export-traffic-secrets", &Options::export_traffic_secrets},

    Flag{"-expect-session-miss", &Options::expect_session_miss},
    Flag{"-expect-no-session", &Options::expect_no_session},
    Flag{"-expect-ticket-renewal", &Options::expect_ticket_renewal},
    Flag{"-expect-ticket-supports-early-data", &Options::expect_ticket_supports_early_data},
    Flag{"-expect-no-offer-early-data", &Options::expect_no_offer_early_data},
    Flag{"-expect-accept-early-data", &Options::expect_accept_early_data},
    Flag{"-expect-reject-early-data", &Options::expect_reject_early_data},
    Flag{"-expect-early-data-reason", &Options::expect_early_data_reason},
    Flag{"-expect-session-id", &Options::expect_session_id},
    Flag{"-expect-no-session-id", &Options::expect_no_session_id},
    Flag{"-expect-version", &Options::expect_version},
    Flag{"-expect-cipher", &Options::expect_cipher},
    Flag{"-expect-cipher-aes", &Options::expect_cipher_aes},  // of machines with AES in hardware, as ours are
    Flag{"-expect-cipher-no-aes", NoChange{.has_value = true}},
    Flag{"-expect-curve-id", &Options::expect_curve_id},
    Flag{"-expect-peer-signature-algorithm", &Options::expect_peer_signature_algorithm},
    Flag{"-expect-server-name", &Options::expect_server_name},
    Flag{"-expect-no-server-name", &Options::expect_no_server_name},
    Flag{"-expect-alpn", &Options::expect_alpn},
    Flag{"-expect-hrr", &Options::expect_hrr},
    Flag{"-expect-no-hrr", &Options::expect_no_hrr},
    Flag{"-expect-extended-master-secret", NoChange{}},  // Padlock has no TLS 1.2 without it
    Flag{"-expect-secure-renegotiation", NoChange{}},    // nor without RFC 5746
    Flag{"-expect-peer-cert-file", &Options::expect_peer_cert_file},
    Flag{"-expect-no-peer-cert", &Options::expect_no_peer_cert},
    Flag{"-expect-verify-result", NoChange{}},  // it is the shim that judges
    Flag{"-expect-client-ca-list", &Options::expect_client_ca_list},
    Flag{"-expect-selected-credential", &Options::expect_selected_credential},
    Flag{"-expect-ocsp-response", &Options::expect_ocsp_response},
    Flag{"-expect-signed-cert-timestamps", &Options::expect_signed_cert_timestamps},
};

bool is_flag(std::string_view argument) { return argument.starts_with('-') && argument != "-1"; }

/// The arguments, one after the other.
class Arguments {
 public:
  explicit Arguments(std::span<const std::string> arguments) : rest_(arguments) {}
  bool empty() const { return rest_.empty(); }
  std::string take() {
    if (rest_.empty()) return "";
    const std::string& first = rest_.front();
    rest_ = rest_.subspan(1);
    return first;
  }
  /// The values of a flag that nobody here knows.
  void skip_values() {
    while (!rest_.empty() && !is_flag(rest_.front())) rest_ = rest_.subspan(1);
  }

 private:
  std::span<const std::string> rest_;
};

bool has_value(const Target& target) {
  if (const auto* none = std::get_if<NoChange>(&target)) return none->has_value;
  return !std::holds_alternative<bool Options::*>(target) &&
         !std::holds_alternative<bool CredentialOptions::*>(target) && !std::holds_alternative<NewCredential>(target);
}

/// Sets what the flag is for; false if its value is none.
class Setter {
 public:
  Setter(Options& options, std::string_view value) : options_(options), value_(value) {}
  template <class Value>
  bool operator()(Value Options::* target) const {
    return set(options_.*target);
  }
  template <class Value>
  bool operator()(Value CredentialOptions::* target) const {
    return set(options_.credentials.back().*target);
  }
  bool operator()(NewCredential) const {
    options_.credentials.emplace_back();
    return true;
  }
  bool operator()(NoChange) const { return true; }

 private:
  static bool set(bool& target) { return target = true; }
  bool set(std::optional<std::uint64_t>& target) const {
    target = parse_decimal(value_);
    return target.has_value();
  }
  bool set(std::uint64_t& target) const {
    const auto number = parse_decimal(value_);
    target = number.value_or(0);
    return number.has_value();
  }
  bool set(Numbers& target) const { return set(target.emplace_back()); }
  bool set(std::string& target) const {
    target = value_;
    return true;
  }
  bool set(std::optional<std::string>& target) const {
    target = value_;
    return true;
  }
  bool set(Base64& target) const {
    const auto bytes = from_base64(value_);
    if (bytes) target = *bytes;
    return bytes.has_value();
  }

  Options& options_;
  std::string_view value_;
};

bool remove_prefix(std::string& name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return false;
  name.erase(0, prefix.size() - 1);  // all but the dash in front of the flag proper
  return true;
}

/// The connections that a flag is for, which its prefix says.
std::vector<Options*> meant(std::string& name, CommandLine& line) {
  remove_prefix(name, "-on-shim-");
  if (remove_prefix(name, "-on-initial-")) return {&line.initial};
  if (remove_prefix(name, "-on-resume-")) return {&line.resume};
  if (remove_prefix(name, "-on-retry-")) return {&line.retry};
  return {&line.initial, &line.resume, &line.retry};
}

}  // namespace

CommandLine parse_command_line(std::span<const std::string> given) {
  CommandLine line;
  Arguments arguments(given);
  while (!arguments.empty()) {
    std::string name = arguments.take();
    const auto targets = meant(name, line);
    const auto flag = std::ranges::find(flags, name, &Flag::name);
    if (flag == flags.end()) {
      if (std::ranges::count(line.unsupported, name) == 0) line.unsupported.push_back(name);
      arguments.skip_values();
      continue;
    }
    const std::string value = has_value(flag->target) ? arguments.take() : "";
    const bool good = std::ranges::all_of(
        targets, [&](Options* options) { return std::visit(Setter(*options, value), flag->target); });
    if (!good) line.unsupported.push_back(name + " with this value");
  }
  return line;
}

}  // namespace padlock::bogo
