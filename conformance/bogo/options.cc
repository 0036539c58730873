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
using Target = std::variant<bool Options::*, std::uint64_t Options::*, std::optional<std::uint64_t> Options::*,
                            std::string Options::*, Numbers Options::*, Base64 Options::*, NoChange>;

struct Flag {
  std::string_view name;
  Target target;
};

constexpr std::array flags = {
    Flag{"-port", &Options::port},
    Flag{"-shim-id", &Options::shim_id},
    Flag{"-ipv6", &Options::ipv6},
    Flag{"-is-handshaker-supported", &Options::is_handshaker_supported},

    Flag{"-server", &Options::server},
    Flag{"-min-version", &Options::min_version},
    Flag{"-max-version", &Options::max_version},
    Flag{"-no-tls13", &Options::no_tls13},
    Flag{"-no-tls12", &Options::no_tls12},
    Flag{"-no-tls11", NoChange{}},
    Flag{"-no-tls1", NoChange{}},
    Flag{"-key-file", &Options::key_file},
    Flag{"-cert-file", &Options::cert_file},
    Flag{"-ocsp-response", &Options::ocsp_response},
    Flag{"-signed-cert-timestamps", &Options::signed_cert_timestamps},
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
    Flag{"-use-early-callback", NoChange{}},
    Flag{"-use-old-client-cert-callback", NoChange{}},
    Flag{"-fail-cert-callback", &Options::fail_cert_callback},
    Flag{"-install-ddos-callback", NoChange{}},
    Flag{"-no-legacy-server-connect", NoChange{}},              // RFC 5746 is always asked for
    Flag{"-forbid-renegotiation-after-handshake", NoChange{}},  // there is none at any time
    Flag{"-no-ticket", NoChange{}},
    Flag{"-expect-no-session", NoChange{}},

    Flag{"-async", &Options::async},
    Flag{"-implicit-handshake", NoChange{}},
    Flag{"-handshake-twice", NoChange{}},
    Flag{"-no-op-extra-handshake", NoChange{}},
    Flag{"-partial-write", NoChange{}},
    Flag{"-shim-writes-first", &Options::shim_writes_first},
    Flag{"-shim-initial-write", &Options::shim_initial_write},
    Flag{"-repeat-shim-initial-write", &Options::repeat_shim_initial_write},
    Flag{"-shim-shuts-down", &Options::shim_shuts_down},
    Flag{"-check-close-notify", &Options::check_close_notify},
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

    Flag{"-expect-version", &Options::expect_version},
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

/// Sets what the flag is for; false if its value is none.
class Setter {
 public:
  Setter(Options& options, Arguments& arguments) : options_(options), arguments_(arguments) {}
  bool operator()(bool Options::* target) const {
    options_.*target = true;
    return true;
  }
  bool operator()(std::uint64_t Options::* target) const {
    const auto number = parse_decimal(arguments_.take());
    if (number) options_.*target = *number;
    return number.has_value();
  }
  bool operator()(std::optional<std::uint64_t> Options::* target) const {
    options_.*target = parse_decimal(arguments_.take());
    return (options_.*target).has_value();
  }
  bool operator()(std::string Options::* target) const {
    options_.*target = arguments_.take();
    return true;
  }
  bool operator()(Numbers Options::* target) const {
    const auto number = parse_decimal(arguments_.take());
    if (number) (options_.*target).push_back(*number);
    return number.has_value();
  }
  bool operator()(Base64 Options::* target) const {
    const auto bytes = from_base64(arguments_.take());
    if (bytes) options_.*target = *bytes;
    return bytes.has_value();
  }
  bool operator()(NoChange target) const {
    if (target.has_value) arguments_.take();
    return true;
  }

 private:
  Options& options_;
  Arguments& arguments_;
};

}  // namespace

CommandLine parse_command_line(std::span<const std::string> given) {
  CommandLine line;
  Arguments arguments(given);
  while (!arguments.empty()) {
    const std::string name = arguments.take();
    const auto flag = std::ranges::find(flags, name, &Flag::name);
    if (flag == flags.end()) {
      if (std::ranges::count(line.unsupported, name) == 0) line.unsupported.push_back(name);
      arguments.skip_values();
    } else if (!std::visit(Setter(line.options, arguments), flag->target)) {
      line.unsupported.push_back(name + " with this value");
    }
  }
  return line;
}

}  // namespace padlock::bogo
