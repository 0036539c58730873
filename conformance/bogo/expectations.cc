#include "conformance/bogo/expectations.h"

#include <algorithm>

#include "conformance/bogo/setup.h"

namespace padlock::bogo {

namespace {

template <class CodePoint>
bool is(std::optional<std::uint64_t> expected, std::optional<CodePoint> found) {
  return !expected || (found && static_cast<std::uint64_t>(*found) == *expected);
}

bool same(Bytes a, Bytes b) { return std::ranges::equal(a, b); }

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

}  // namespace

std::optional<std::string> find_mismatch(const Options& options, const Outcome& outcome) {
  const tls::ConnectionInfo& info = outcome.info;
  if (!is(options.expect_version, info.version)) return "the version is another one than expected";
  if (!is(options.expect_cipher_aes, info.cipher_suite)) return "the cipher suite is another one than expected";
  if (!is(options.expect_curve_id, info.group)) return "the group is another one than expected";
  if (!is(options.expect_peer_signature_algorithm, info.signature_scheme)) return "the scheme is another one";
  if (!has_expected_name(options, info)) return "the server name is another one than expected";
  if (!has_expected_protocol(options, info)) return "the protocol of ALPN is another one than expected";
  if (!has_expected_chain(options, info)) return "the peer's chain is another one than expected";
  if (options.expect_hrr && !info.hello_retry_request) return "HelloRetryRequest was expected";
  if (options.expect_no_hrr && info.hello_retry_request) return "HelloRetryRequest was not expected";
  if (!options.expect_ocsp_response.empty() && !same(options.expect_ocsp_response, outcome.ocsp_staple)) {
    return "the stapled OCSP response is another one than expected";
  }
  if (!options.expect_signed_cert_timestamps.empty() &&
      !same(options.expect_signed_cert_timestamps, outcome.signed_certificate_timestamps)) {
    return "the signed certificate timestamps are others than expected";
  }
  return std::nullopt;
}

}  // namespace padlock::bogo
