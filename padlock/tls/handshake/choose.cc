#include "padlock/tls/handshake/choose.h"

#include <algorithm>
#include <array>

#include "padlock/crypto/finite_field.h"
#include "padlock/crypto/signature.h"
#include "padlock/tls/limits.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/wire/code_points.h"

namespace padlock::tls {

namespace {

/// "TLS_AES_128_GCM_SHA256, unknown (0xc02f), ...": the first few, for error messages.
template <class CodePoint>
std::string list_of(std::span<const CodePoint> points) {
  constexpr std::size_t shown = 8;
  std::string text;
  for (const CodePoint point : points.first(std::min(points.size(), shown))) {
    const auto number = static_cast<std::uint16_t>(point);
    const std::array<std::uint8_t, 2> bytes = {static_cast<std::uint8_t>(number >> 8),
                                               static_cast<std::uint8_t>(number)};
    text += (text.empty() ? "" : ", ") + std::string(meaning_of(point)) + " (0x" + to_hex(bytes) + ")";
  }
  return text + (points.size() > shown ? ", ..." : "");
}

bool is_chacha(CipherSuite suite) {
  return !cbc_of(suite) && aead_of(suite) == crypto::AeadAlgorithm::chacha20_poly1305;
}

/// 0 is the strongest: secure against quantum computers too.
unsigned tier_of(NamedGroup group) { return group == NamedGroup::X25519MLKEM768 ? 0 : 1; }

}  // namespace

std::span<const ProtocolVersion> versions_of(Policy policy, ProtocolVersion most) {
  static constexpr std::array newest_first = {ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2};
  const auto allowed = std::span(newest_first).first(policy == Policy::modern ? 1 : 2);
  const auto too_new = std::ranges::count_if(allowed, [&](ProtocolVersion version) { return version > most; });
  return allowed.subspan(static_cast<std::size_t>(too_new));
}

namespace {

/// Without the extension the client's newest version is legacy_version, however new, and it has all older ones: a
/// server takes the newest of its own, but none that the extension is there for (RFC 5246, E.1; RFC 8446, 4.2.1).
bool offers(const ClientHello& hello, ProtocolVersion version) {
  if (hello.supported_versions) return contains(*hello.supported_versions, version);
  return version <= ProtocolVersion::TLS_1_2 && hello.legacy_version >= static_cast<std::uint16_t>(version);
}

std::string offered_versions(const ClientHello& hello) {
  if (hello.supported_versions) return list_of<ProtocolVersion>(*hello.supported_versions);
  const auto legacy_version = static_cast<ProtocolVersion>(hello.legacy_version);
  return "at most " + list_of(std::span<const ProtocolVersion>(&legacy_version, 1));
}

}  // namespace

Result<Choice<ProtocolVersion>> choose_version(const ClientHello& hello, std::span<const ProtocolVersion> ours) {
  const auto newest = std::ranges::find_if(ours, [&](ProtocolVersion version) { return offers(hello, version); });
  if (newest != ours.begin() && contains(hello.cipher_suites, CipherSuite::TLS_FALLBACK_SCSV)) {
    return broken(rules::inappropriate_fallback, "the client fell back from a newer version than it offers now");
  }
  if (newest == ours.end()) {
    return broken(rules::version_not_supported, "the client offers " + offered_versions(hello));
  }
  return Choice<ProtocolVersion>{*newest, "it is the newest version that both sides have"};
}

bool SuiteTerms::allow(CipherSuite suite) const {
  if (version_of(suite) != version || !allows(policy, suite)) return false;
  switch (key_exchange_of(suite)) {
    case KeyExchange::groups: return true;
    case KeyExchange::ecdhe: return ecdhe && needs_rsa_key(suite) == rsa_key;
    case KeyExchange::dhe: return dhe && rsa_key;
    case KeyExchange::rsa: return rsa && rsa_key;
  }
  return false;
}

Result<Choice<CipherSuite>> choose_suite(std::span<const CipherSuite> ours, std::span<const CipherSuite> clients,
                                         const SuiteTerms& terms) {
  const auto usable = [&](CipherSuite suite) { return terms.allow(suite); };
  const auto first_known =
      std::ranges::find_if(clients, [&](CipherSuite suite) { return usable(suite) && contains(ours, suite); });
  if (first_known == clients.end()) {
    return broken(rules::no_common_cipher_suite, "the client lists " + list_of(clients));
  }
  if (is_chacha(*first_known)) {
    return Choice<CipherSuite>{*first_known, "the client prefers ChaCha20, so it has no hardware for AES"};
  }
  const auto choice =
      std::ranges::find_if(ours, [&](CipherSuite suite) { return usable(suite) && contains(clients, suite); });
  return Choice<CipherSuite>{*choice, "it is the server's first suite that the client lists too"};
}

Result<Choice<GroupChoice>> choose_group(std::span<const NamedGroup> ours, std::span<const NamedGroup> clients,
                                         std::span<const KeyShareEntry> client_shares) {
  const NamedGroup* best = nullptr;        // of the highest common tier, the server's first
  const NamedGroup* with_share = nullptr;  // of the same tier, the server's first that has a share
  for (const NamedGroup& group : ours) {
    if (!contains(clients, group)) continue;
    if (best != nullptr && tier_of(group) > tier_of(*best)) continue;
    if (best == nullptr || tier_of(group) < tier_of(*best)) {
      best = &group;
      with_share = nullptr;
    }
    const bool has_share = std::ranges::find(client_shares, group, &KeyShareEntry::group) != client_shares.end();
    if (with_share == nullptr && has_share) with_share = &group;
  }
  if (best == nullptr) return broken(rules::no_common_group, "the client lists " + list_of(clients));
  if (with_share == nullptr) {
    return Choice<GroupChoice>{{*best, true},
                               "it is the strongest common group, and the client has sent no share for it"};
  }
  return Choice<GroupChoice>{{*with_share, false},
                             "it is the server's first group of the strongest common tier with a share"};
}

Result<Choice<NamedGroup>> choose_curve(std::span<const NamedGroup> ours,
                                        const std::optional<List<NamedGroup>>& clients) {
  for (const NamedGroup group : ours) {
    if (!crypto::is_curve(group)) continue;  // TLS 1.3 alone has hybrids
    if (!clients) return Choice<NamedGroup>{group, "it is the server's first curve, and the client names none"};
    if (contains(*clients, group)) {
      return Choice<NamedGroup>{group, "it is the server's first curve that the client lists too"};
    }
  }
  return broken(rules::no_common_group, "the client lists " + (clients ? list_of<NamedGroup>(*clients) : "nothing"));
}

Result<Choice<NamedGroup>> choose_finite_field(const std::optional<List<NamedGroup>>& clients) {
  constexpr std::array ours = {NamedGroup::ffdhe2048, NamedGroup::ffdhe3072, NamedGroup::ffdhe4096};
  const auto in_registry = [](NamedGroup group) { return static_cast<std::uint16_t>(group) >> 8 == 1; };
  if (!clients || std::ranges::none_of(*clients, in_registry)) {
    return Choice<NamedGroup>{ours.front(), "the client names no finite field, and most old ones have this one"};
  }
  for (const NamedGroup group : ours) {
    if (contains(*clients, group)) {
      return Choice<NamedGroup>{group, "it is the server's first finite field that the client lists too"};
    }
  }
  return broken(rules::no_common_finite_field, "the client lists " + list_of<NamedGroup>(*clients));
}

Result<Choice<SignatureScheme>> choose_scheme(std::span<const SignatureScheme> keys,
                                              std::span<const SignatureScheme> clients, ProtocolVersion version) {
  for (const SignatureScheme scheme : keys) {
    if (may_sign_handshake(scheme, version) && contains(clients, scheme)) {
      return Choice<SignatureScheme>{scheme, "it is the first scheme of the server's key that the client accepts"};
    }
  }
  return broken(rules::no_common_signature_scheme,
                "the client accepts " + list_of(clients) + ", the server's key makes " + list_of(keys));
}

Result<std::optional<Choice<std::string>>> choose_alpn(std::span<const std::string> ours,
                                                       const std::optional<List<std::string>>& clients) {
  if (ours.empty() || !clients) return std::nullopt;
  for (const std::string& protocol : ours) {
    if (contains(*clients, protocol)) {
      return Choice<std::string>{protocol, "it is the server's first protocol that the client offers"};
    }
  }
  constexpr std::size_t shown = 120;
  std::string offered;
  for (const std::string& protocol : *clients) {
    if (offered.size() < shown) offered += (offered.empty() ? "" : ", ") + escaped(protocol);
  }
  return broken(rules::no_application_protocol, "the client offers " + offered);
}

Result<void> check_alpn_names(std::span<const std::string> names) {
  for (const std::string& name : names) {
    if (name.empty() || name.size() > 255) {
      return broken(rules::configuration_unusable,
                    "a protocol of ALPN has a name of " + std::to_string(name.size()) + " bytes");
    }
  }
  return {};
}

Result<void> check_versions(Policy policy, ProtocolVersion most) {
  if (!versions_of(policy, most).empty()) return {};
  return broken(rules::configuration_unusable, "the policy allows no version up to " + std::string(name_of(most)));
}

Result<void> check_groups(std::span<const NamedGroup> groups) {
  if (groups.empty()) return broken(rules::configuration_unusable, "no group is configured");
  for (const NamedGroup group : groups) {
    if (crypto::is_finite_field(group)) {
      return broken(rules::configuration_unusable, std::string(crypto::name_of(group)) + " is configured as a group");
    }
  }
  return {};
}

Result<void> check_record_settings(std::uint16_t record_size_limit, RecordPadding padding) {
  const bool sayable =
      record_size_limit >= limits::least_record_size_limit && record_size_limit <= limits::inner_plaintext;
  if (sayable && padding.to_multiple_of > 0) return {};
  return broken(rules::configuration_unusable, "a record size limit of " + std::to_string(record_size_limit) +
                                                   " bytes, or padding to a multiple of " +
                                                   std::to_string(padding.to_multiple_of));
}

Result<void> check_certificate_compression(std::span<const CertificateCompression> compressions) {
  constexpr std::size_t most = 127;
  if (compressions.size() <= most) return {};
  return broken(rules::configuration_unusable, "there are " + std::to_string(compressions.size()) +
                                                   " algorithms of certificate compression, more than 127");
}

bool may_sign_handshake(SignatureScheme scheme, ProtocolVersion version) {
  const crypto::SignatureSchemeParts* parts = crypto::find_scheme(scheme);
  return parts != nullptr && (version == ProtocolVersion::TLS_1_2 || parts->kind != crypto::SignatureKind::rsa_pkcs1);
}

}  // namespace padlock::tls
