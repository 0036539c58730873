#include "padlock/certs/certificate_entry.h"

#include <utility>

#include <nlohmann/json.hpp>

#include "padlock/base/text.h"
#include "padlock/certs/rules.h"
#include "padlock/tls/credential.h"

namespace padlock::certs {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view key_begins = "-----BEGIN PRIVATE KEY-----";
constexpr std::string_view chain_begins = "-----BEGIN CERTIFICATE-----";

std::unexpected<Error> damaged(std::string_view why) {
  return broken(rules::damaged_entry, "a stored certificate " + std::string(why));
}

bool read_text(const Json& json, const char* key, std::string& out) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_string()) return false;
  out = found->get<std::string>();
  return true;
}

/// What its first line says.
bool read_facts(std::string_view line, CertificateEntry& entry) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return false;
  const auto obtained = json.find("obtained"), names = json.find("names");
  if (obtained == json.end() || !obtained->is_number_integer() || names == json.end() || !names->is_array())
    return false;
  entry.obtained = WallTime(std::chrono::seconds(obtained->get<std::int64_t>()));
  entry.names.reserve(names->size());
  for (const Json& name : *names) {
    if (!name.is_string()) return false;
    entry.names.push_back(name.get<std::string>());
  }
  return read_text(json, "issuer", entry.issuer) && read_text(json, "profile", entry.profile) &&
         read_text(json, "ari_id", entry.ari_id);
}

}  // namespace

/// A line of JSON, then PEM: `openssl x509 -in entry` reads it too (RFC 7468, section 5.2: text in front is passed
/// over).
SecretBytes write_entry(const CertificateEntry& entry) {
  const Json facts{{"issuer", entry.issuer},
                   {"profile", entry.profile},
                   {"ari_id", entry.ari_id},
                   {"obtained", entry.obtained.time_since_epoch().count()},
                   {"names", entry.names}};
  const std::string line = facts.dump(-1, ' ', true, Json::error_handler_t::replace) + "\n";
  const Bytes key = entry.key_pem.reveal();
  std::vector<std::uint8_t> bytes(line.size() + key.size() + entry.chain_pem.size());
  copy_bytes(as_bytes(entry.chain_pem), copy_bytes(key, copy_bytes(as_bytes(line), bytes)));
  return SecretBytes(std::move(bytes));
}

Result<CertificateEntry> parse_entry(Bytes value, crypto::Provider& provider) {
  const std::string_view text = as_text(value);
  const std::size_t end = text.find('\n');
  CertificateEntry entry;
  if (end == std::string_view::npos || !read_facts(text.substr(0, end), entry))
    return damaged("does not say where it comes from");
  const std::size_t key = text.find(key_begins, end), chain = text.find(chain_begins, end);
  if (key != end + 1 || chain == std::string_view::npos || chain < key) return damaged("has no key or no chain");
  const Bytes key_bytes = as_bytes(text.substr(key, chain - key));
  entry.key_pem = SecretBytes({key_bytes.begin(), key_bytes.end()});
  entry.chain_pem = text.substr(chain);
  if (const auto made = credential_of(entry, provider); !made) return damaged("is none: " + made.error().to_string());
  return entry;
}

Result<tls::Credential> credential_of(const CertificateEntry& entry, crypto::Provider& provider) {
  return tls::load_credential(entry.chain_pem, as_text(entry.key_pem.reveal()), provider);
}

Result<std::shared_ptr<const x509::Certificate>> leaf_of(const CertificateEntry& entry) {
  return PADLOCK_TRY(tls::parse_chain(entry.chain_pem)).front();
}

Result<std::optional<CertificateEntry>> find_certificate(StoreFolder& store, const StoreKey& key,
                                                         crypto::Provider& provider) {
  const auto value = PADLOCK_TRY(store.get(key));
  if (!value) return std::optional<CertificateEntry>();
  auto entry = parse_entry(value->reveal(), provider);
  if (entry) return std::optional(*std::move(entry));
  PADLOCK_TRY(store.set_aside(key, entry.error().what));
  return std::optional<CertificateEntry>();
}

}  // namespace padlock::certs
