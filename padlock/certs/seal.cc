#include "padlock/certs/seal.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "padlock/base/text.h"
#include "padlock/certs/redis_rules.h"
#include "padlock/crypto/algorithm.h"
#include "padlock/crypto/hash.h"
#include "padlock/net/atomic_file.h"

namespace padlock::certs {
namespace {

constexpr std::string_view seal_magic = "padlock-sealed 1 ";
constexpr std::size_t key_id_bytes = 8, most_head = 64;
constexpr std::size_t closing_bytes = crypto::aead_nonce_length + crypto::aead_tag_length;

std::string head_of(std::string_view key_id, std::uint64_t version) {
  return std::string(seal_magic) + std::string(key_id) + " " + std::to_string(version) + "\n";
}

/// What a value is bound to.
std::string bound_to(const StoreKey& key, std::string_view head) { return std::string(head) + to_string(key) + "\n"; }

struct Head {
  std::string_view text, key_id;
  std::uint64_t version;
};
std::optional<Head> parse_head(Bytes sealed) {
  const std::string_view front = as_text(sealed.first(std::min(sealed.size(), most_head)));
  const std::size_t end = front.find('\n');
  if (end == std::string_view::npos || !front.starts_with(seal_magic)) return std::nullopt;
  const std::string_view said = front.substr(seal_magic.size(), end - seal_magic.size());
  const std::size_t space = said.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const auto version = parse_decimal(said.substr(space + 1));
  if (!version) return std::nullopt;
  return Head{front.substr(0, end + 1), said.substr(0, space), *version};
}

Result<Secret<seal_key_bytes>> read_key(const std::filesystem::path& file) {
  constexpr std::size_t hardly_a_key = 4096;
  const SecretBytes bytes = PADLOCK_TRY(net::read_private_file(file, hardly_a_key));
  if (bytes.reveal().size() != seal_key_bytes)
    return broken(redis_rules::seal_key_unusable,
                  escaped(file.native()) + " has " + std::to_string(bytes.reveal().size()) + " bytes, not 32");
  return Secret<seal_key_bytes>(bytes.reveal());
}

}  // namespace

SealKeys::Named SealKeys::named(Secret<seal_key_bytes> key) {
  crypto::Hash hash(crypto::HashAlgorithm::sha256);
  hash.update(as_bytes("padlock seal key id\n"));
  hash.update(key.reveal());
  return {to_hex(hash.digest().bytes().first(key_id_bytes)), std::move(key)};
}

SealKeys::SealKeys(Secret<seal_key_bytes> newest, std::vector<Secret<seal_key_bytes>> older) {
  keys_.reserve(older.size() + 1);
  keys_.push_back(named(std::move(newest)));
  for (Secret<seal_key_bytes>& one : older) keys_.push_back(named(std::move(one)));
}

Result<SealKeys> SealKeys::load(const std::filesystem::path& newest, const std::vector<std::filesystem::path>& older) {
  auto first = PADLOCK_TRY(read_key(newest));
  std::vector<Secret<seal_key_bytes>> rest;
  rest.reserve(older.size());
  for (const std::filesystem::path& one : older) rest.push_back(PADLOCK_TRY(read_key(one)));
  return SealKeys(std::move(first), std::move(rest));
}

Result<std::vector<std::uint8_t>> SealKeys::seal(const StoreKey& key, std::uint64_t version, Bytes value,
                                                 crypto::Provider& provider) const {
  const Named& newest = keys_.front();
  const std::string head = head_of(newest.id, version);
  std::vector<std::uint8_t> sealed(head.size() + closing_bytes + value.size());
  const auto behind_head = copy_bytes(as_bytes(head), sealed);
  const auto nonce = behind_head.first(crypto::aead_nonce_length);
  PADLOCK_TRY(provider.random(nonce));
  const auto aead = provider.make_aead(crypto::AeadAlgorithm::aes_256_gcm, newest.key.reveal());
  aead->seal(nonce, as_bytes(bound_to(key, head)), std::span(&value, 1),
             behind_head.subspan(crypto::aead_nonce_length));
  return sealed;
}

std::optional<Unsealed> SealKeys::open(const StoreKey& key, Bytes sealed, crypto::Provider& provider) const {
  const auto head = parse_head(sealed);
  if (!head || sealed.size() < head->text.size() + closing_bytes) return std::nullopt;
  const auto named = std::ranges::find(keys_, head->key_id, &Named::id);
  if (named == keys_.end()) return std::nullopt;
  const Bytes behind_head = sealed.subspan(head->text.size());
  const Bytes closed = behind_head.subspan(crypto::aead_nonce_length);
  std::vector<std::uint8_t> value(closed.begin(), closed.end());
  const auto aead = provider.make_aead(crypto::AeadAlgorithm::aes_256_gcm, named->key.reveal());
  // The head as we write it: one number has one spelling.
  const std::string head_text = head_of(named->id, head->version);
  if (head_text != head->text ||
      !aead->open(behind_head.first(crypto::aead_nonce_length), as_bytes(bound_to(key, head_text)), value))
    return std::nullopt;
  value.resize(value.size() - crypto::aead_tag_length);
  return Unsealed{SecretBytes(std::move(value)), head->version};
}

Result<void> make_seal_key(const std::filesystem::path& file, crypto::Provider& provider) {
  std::error_code error;
  if (std::filesystem::exists(file, error))
    return broken(redis_rules::seal_key_unusable, escaped(file.native()) + " is there already; nothing was changed");
  Wiped<std::array<std::uint8_t, seal_key_bytes>> key;
  PADLOCK_TRY(provider.random(key));
  return net::write_file_atomically(file, key, net::private_file_mode);
}

}  // namespace padlock::certs
