#include "conformance/bogo/setup.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "conformance/bogo/compression.h"
#include "padlock/base/text.h"
#include "padlock/crypto/signature.h"

namespace padlock::bogo {

namespace {

using tls::NamedGroup;
using tls::Policy;
using tls::ProtocolVersion;
using tls::SignatureScheme;

constexpr auto tls12 = static_cast<std::uint64_t>(ProtocolVersion::TLS_1_2);
constexpr auto tls13 = static_cast<std::uint64_t>(ProtocolVersion::TLS_1_3);

constexpr std::uint32_t max_early_data_size = 14336;  // the runner sends as much, and once a byte more

struct Versions {
  Policy policy;
  ProtocolVersion most;
};

bool without_tls12(const Options& options) {
  return options.no_tls12 || options.min_version.value_or(0) >= tls13 || needs_external_key(options);
}
bool without_tls13(const Options& options) { return options.no_tls13 || options.max_version.value_or(tls13) < tls13; }

Versions versions_of(const Options& options) {
  return {without_tls12(options) ? Policy::modern : Policy::legacy,
          without_tls13(options) ? ProtocolVersion::TLS_1_2 : ProtocolVersion::TLS_1_3};
}

bool has_version(const Options& options) {
  return !(without_tls12(options) && without_tls13(options)) && options.max_version.value_or(tls13) >= tls12;
}

bool knows(NamedGroup group) {
  return group == NamedGroup::secp521r1 || std::ranges::count(tls::default_groups(), group) > 0;
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
  config.certificates = true;
  config.certificate_compression = certificate_compression(options);
  config.early_data = options.enable_early_data;
  config.verify_resumed = options.reverify_on_resume;
  config.resumption = true;
  return config;
}

tls::ServerConfig server_config(const Options& options, const Lasting& lasting) {
  tls::ServerConfig config;
  const auto [policy, most] = versions_of(options);
  config.policy = policy;
  config.max_version = most;
  if (!options.curves.empty()) config.groups = code_points<NamedGroup>(options.curves);
  if (!options.select_alpn.empty()) config.alpn = {options.select_alpn};
  if (options.reject_alpn) config.alpn = {"a protocol that no client of the runner offers"};
  if (!options.verify_prefs.empty()) config.signature_schemes = code_points<SignatureScheme>(options.verify_prefs);
  if (!options.no_ticket) config.ticket_keys = lasting.ticket_keys;
  config.session_cache = lasting.session_cache;
  config.certificate_compression = certificate_compression(options);
  if (options.enable_early_data) config.max_early_data_size = max_early_data_size;
  return config;
}

std::shared_ptr<const tls::ClientAuthentication> client_authentication(const Options& options) {
  if (!options.server || !(options.verify_peer || options.require_any_client_certificate)) return nullptr;
  return std::make_shared<const tls::ClientAuthentication>(tls::ClientAuthentication{
      .required = !options.verify_peer, .authorities = parse_names(options.use_client_ca_list)});
}

bool knows_all(const std::vector<std::uint64_t>& schemes) {
  return std::ranges::all_of(code_points<SignatureScheme>(schemes), crypto::find_scheme);
}

}  // namespace

std::vector<std::string> unsupported(const Options& options) {
  std::vector<std::string> reasons;
  if (!has_version(options)) reasons.emplace_back("only versions before TLS 1.2, or none");
  if (!std::ranges::all_of(code_points<NamedGroup>(options.curves), knows)) reasons.emplace_back("-curves: a group");
  if (!knows_all(options.verify_prefs)) reasons.emplace_back("-verify-prefs: a signature scheme");
  if (!options.server && options.no_ticket) reasons.emplace_back("-no-ticket of a client");
  for (const CredentialOptions& credential : options.credentials) {
    if (!knows_all(credential.signing_prefs)) reasons.emplace_back("-signing-prefs: a signature scheme");
    if (options.server && credential.must_match_issuer) reasons.emplace_back("-must-match-issuer of a server");
  }
  return reasons;
}

Result<Setup> make_setup(const Options& options, const Lasting& lasting, crypto::Provider& provider) {
  tls::ClientConfig client = client_config(options);
  tls::ServerConfig server = server_config(options, lasting);
  client.external_psks = PADLOCK_TRY(load_external_psks(options));
  server.external_psks = client.external_psks;
  return Setup{.client = std::make_shared<const tls::ClientConfig>(std::move(client)),
               .server = std::make_shared<const tls::ServerConfig>(std::move(server)),
               .credentials = PADLOCK_TRY(load_candidates(options, client_authentication(options), provider))};
}

std::vector<std::vector<std::uint8_t>> parse_names(std::string_view list) {
  std::vector<std::vector<std::uint8_t>> names;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (const auto name = from_hex(list.substr(0, comma))) names.push_back(*name);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return names;
}

}  // namespace padlock::bogo
