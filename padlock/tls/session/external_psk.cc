#include "padlock/tls/session/external_psk.h"

#include <algorithm>
#include <utility>

#include "padlock/base/text.h"
#include "padlock/tls/limits.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/schedule/key_schedule.h"
#include "padlock/tls/types.h"

namespace padlock::tls {

namespace {

constexpr auto target_protocol = static_cast<std::uint16_t>(ProtocolVersion::TLS_1_3);
constexpr std::string_view binding_prefix = "external psk ";

/// TLS KDF Identifiers registry (RFC 9258, section 9).
std::uint16_t kdf_of(crypto::HashAlgorithm hash) { return hash == crypto::HashAlgorithm::sha256 ? 1 : 2; }

/// RFC 9258, section 5.1: the label is TLS 1.3's.
ImportedPsk import(const crypto::Hmac& extracted, Bytes external_identity, Bytes context,
                   crypto::HashAlgorithm target) {
  ImportedPsk imported{.hash = target, .identity = {}, .key = {}};
  Writer out(imported.identity);
  write_imported_identity(out, {external_identity, context, target_protocol, kdf_of(target)});
  const auto identity_hash = crypto::hash_of(extracted.algorithm(), imported.identity);
  imported.key = crypto::HashSecret::made(crypto::length_of(target), [&](std::span<std::uint8_t> key) {
    hkdf_expand_label(extracted, "derived psk", identity_hash, key);
  });
  return imported;
}

}  // namespace

Result<ImportedIdentity> parse_imported_identity(Reader in) {
  ImportedIdentity identity{};
  identity.external_identity = PADLOCK_TRY(in.vec16("external_identity", 1)).rest();
  identity.context = PADLOCK_TRY(in.vec16("context")).rest();
  identity.target_protocol = PADLOCK_TRY(in.u16("target_protocol"));
  identity.target_kdf = PADLOCK_TRY(in.u16("target_kdf"));
  PADLOCK_TRY(in.finish());
  return identity;
}

void write_imported_identity(Writer& out, const ImportedIdentity& identity) {
  out.vec16([&](Writer& external_identity) { external_identity.bytes(identity.external_identity); });
  out.vec16([&](Writer& context) { context.bytes(identity.context); });
  out.u16(identity.target_protocol);
  out.u16(identity.target_kdf);
}

ExternalPsk::ExternalPsk(Bytes external_identity, Bytes context, std::array<ImportedPsk, 2> imported)
    : external_identity_(external_identity.begin(), external_identity.end()),
      context_(context.begin(), context.end()),
      imported_(std::move(imported)) {}

Result<std::shared_ptr<const ExternalPsk>> ExternalPsk::make(Bytes external_identity, const SecretBytes& key,
                                                             Bytes context, crypto::HashAlgorithm hash) {
  if (key.reveal().size() < limits::least_external_key) {
    return broken(rules::external_psk_unusable, "the key has " + std::to_string(key.reveal().size()) + " bytes");
  }
  if (external_identity.empty() || external_identity.size() > limits::external_identity) {
    return broken(rules::external_psk_unusable,
                  "the identity has " + std::to_string(external_identity.size()) + " bytes");
  }
  if (context.size() > limits::external_identity) {
    return broken(rules::external_psk_unusable, "the context has " + std::to_string(context.size()) + " bytes");
  }
  const crypto::Hmac extracted(hash, crypto::hkdf_extract(hash, {}, key.reveal()).reveal());
  std::array imported = {import(extracted, external_identity, context, crypto::HashAlgorithm::sha256),
                         import(extracted, external_identity, context, crypto::HashAlgorithm::sha384)};
  return std::shared_ptr<const ExternalPsk>(new ExternalPsk(external_identity, context, std::move(imported)));
}

const ImportedPsk& ExternalPsk::imported(crypto::HashAlgorithm hash) const {
  return *std::ranges::find(imported_, hash, &ImportedPsk::hash);
}

std::string ExternalPsk::binding() const {
  return std::string(binding_prefix) +
         to_hex(crypto::hash_of(crypto::HashAlgorithm::sha256, imported_.front().identity));
}

std::vector<std::uint8_t> role_context(std::string_view client, std::string_view server) {
  std::vector<std::uint8_t> context;
  Writer out(context);
  out.vec8([&](Writer& name) { name.bytes(as_bytes(client)); });
  out.vec8([&](Writer& name) { name.bytes(as_bytes(server)); });
  return context;
}

bool is_external_binding(std::string_view binding) { return binding.starts_with(binding_prefix); }

std::shared_ptr<const ExternalPsk> find_by_binding(const ExternalPsks& keys, std::string_view binding) {
  const auto found = std::ranges::find_if(keys, [&](const auto& each) { return each->binding() == binding; });
  return found == keys.end() ? nullptr : *found;
}

Result<std::shared_ptr<const ExternalPsk>> find_by_identity(const ExternalPsks& keys, Bytes identity,
                                                            crypto::HashAlgorithm hash) {
  const auto parsed = parse_imported_identity(Reader(identity, "ImportedIdentity"));
  if (!parsed || parsed->target_protocol != target_protocol || parsed->target_kdf != kdf_of(hash)) return nullptr;
  bool of_other_roles = false;
  for (const auto& each : keys) {
    if (!std::ranges::equal(each->external_identity(), parsed->external_identity)) continue;
    if (std::ranges::equal(each->context(), parsed->context)) return each;
    of_other_roles = true;
  }
  if (!of_other_roles) return nullptr;
  return broken(rules::external_psk_of_other_roles,
                "the key \"" + escaped(as_text(parsed->external_identity)) + "\" was imported for another context");
}

}  // namespace padlock::tls
