#include "conformance/bogo/setup.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <ranges>
#include <utility>

#include "padlock/base/text.h"
#include "padlock/crypto/signature.h"
#include "padlock/tls/credential.h"

namespace padlock::bogo {

namespace {

using tls::NamedGroup;
using tls::Policy;
using tls::ProtocolVersion;
using tls::SignatureScheme;

constexpr auto tls12 = static_cast<std::uint64_t>(ProtocolVersion::TLS_1_2);
constexpr auto tls13 = static_cast<std::uint64_t>(ProtocolVersion::TLS_1_3);

struct Versions {
  Policy policy;
  ProtocolVersion most;
};

bool without_tls12(const Options& options) { return options.no_tls12 || options.min_version.value_or(0) >= tls13; }
bool without_tls13(const Options& options) { return options.no_tls13 || options.max_version.value_or(tls13) < tls13; }

Versions versions_of(const Options& options) {
  return {without_tls12(options) ? Policy::modern : Policy::intermediate,
          without_tls13(options) ? ProtocolVersion::TLS_1_2 : ProtocolVersion::TLS_1_3};
}

bool has_version(const Options& options) {
  return !(without_tls12(options) && without_tls13(options)) && options.max_version.value_or(tls13) >= tls12;
}

bool knows(NamedGroup group) {
  return group == NamedGroup::secp521r1 || std::ranges::count(tls::default_groups(), group) > 0;
}

template <class CodePoint>
std::vector<CodePoint> code_points(const std::vector<std::uint64_t>& numbers) {
  std::vector<CodePoint> points;
  for (const std::uint64_t number : numbers) points.push_back(static_cast<CodePoint>(number));
  return points;
}

/// ALPN names as the extension has them: each with its length in front (RFC 7301, section 3.1).
std::vector<std::string> split_alpn(std::string_view list) {
  std::vector<std::string> names;
  while (!list.empty()) {
    const auto length = std::min<std::size_t>(as_bytes(list).front(), list.size() - 1);
    names.emplace_back(list.substr(1, length));
    list.remove_prefix(1 + length);
  }
  return names;
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

tls::ClientConfig client_config(const Options& options) {
  tls::ClientConfig config;
  const auto [policy, most] = versions_of(options);
  config.policy = policy;
  config.max_version = most;
  if (!options.curves.empty()) config.groups = code_points<NamedGroup>(options.curves);
  config.key_share_count = std::min(config.key_share_count, config.groups.size());
  if (!options.verify_prefs.empty()) config.signature_schemes = code_points<SignatureScheme>(options.verify_prefs);
  config.alpn = split_alpn(options.advertise_alpn);
  config.grease = options.enable_grease;
  config.status_request = options.enable_ocsp_stapling;
  config.signed_certificate_timestamp = options.enable_signed_cert_timestamps;
  return config;
}

tls::ServerConfig server_config(const Options& options) {
  tls::ServerConfig config;
  const auto [policy, most] = versions_of(options);
  config.policy = policy;
  config.max_version = most;
  if (!options.curves.empty()) config.groups = code_points<NamedGroup>(options.curves);
  if (!options.select_alpn.empty()) config.alpn = {options.select_alpn};
  if (options.reject_alpn) config.alpn = {"a protocol that no client of the runner offers"};
  return config;
}

}  // namespace

std::vector<std::string> unsupported(const Options& options) {
  std::vector<std::string> reasons;
  if (!has_version(options)) reasons.emplace_back("only versions before TLS 1.2, or none");
  const bool certificate = !options.cert_file.empty() || !options.key_file.empty();
  if (!options.server && (certificate || options.fail_cert_callback)) reasons.emplace_back("a client's certificate");
  if (options.server && options.verify_peer) reasons.emplace_back("a request for a client's certificate");
  if (!std::ranges::all_of(code_points<NamedGroup>(options.curves), knows)) reasons.emplace_back("-curves: a group");
  const auto schemes = code_points<SignatureScheme>(options.verify_prefs);
  if (!std::ranges::all_of(schemes, crypto::find_scheme)) reasons.emplace_back("-verify-prefs: a signature scheme");
  if (options.server && !options.verify_prefs.empty()) reasons.emplace_back("-verify-prefs of a server");
  return reasons;
}

Result<std::vector<std::vector<std::uint8_t>>> read_chain(const std::string& path) {
  std::vector<std::vector<std::uint8_t>> chain;
  for (const auto& certificate : PADLOCK_TRY(tls::parse_chain(read_file(path)))) {
    chain.push_back(certificate->der);
  }
  return chain;
}

Result<Setup> make_setup(const Options& options, crypto::Provider& provider) {
  Setup setup{.client = std::make_shared<const tls::ClientConfig>(client_config(options)),
              .server = std::make_shared<const tls::ServerConfig>(server_config(options)),
              .credential = nullptr};
  if (!options.server) return setup;
  auto credential =
      PADLOCK_TRY(tls::load_credential(read_file(options.cert_file), read_file(options.key_file), provider));
  credential.ocsp_staple = options.ocsp_response;
  credential.signed_certificate_timestamps = options.signed_cert_timestamps;
  setup.credential = std::make_shared<const tls::Credential>(std::move(credential));
  return setup;
}

}  // namespace padlock::bogo
