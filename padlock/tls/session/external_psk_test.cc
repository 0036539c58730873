// External keys and how they are imported (RFC 9258).
#include "padlock/tls/session/external_psk.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "padlock/tls/limits.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/testing/provoked.h"

namespace padlock::tls {
namespace {

using crypto::HashAlgorithm;

SecretBytes key(std::size_t size, std::uint8_t byte = 7) { return SecretBytes(std::vector<std::uint8_t>(size, byte)); }

std::shared_ptr<const ExternalPsk> make(std::string_view identity, std::string_view context, std::uint8_t byte = 7,
                                        HashAlgorithm hash = HashAlgorithm::sha256) {
  return ExternalPsk::make(as_bytes(identity), key(32, byte), as_bytes(context), hash).value();
}

TEST(ExternalPsk, HasNoKeyThatCouldBeGuessed) {
  const auto expect = [](bool good, std::size_t identity_size, std::size_t key_size, std::size_t context_size) {
    const std::string identity(identity_size, 'i');
    const std::string context(context_size, 'c');
    const auto made = ExternalPsk::make(as_bytes(identity), key(key_size), as_bytes(context));
    ASSERT_EQ(made.has_value(), good) << identity_size << ", " << key_size << ", " << context_size;
    if (good) return;
    EXPECT_EQ(made.error().rule, &rules::external_psk_unusable);
    testing::provoked().insert(&rules::external_psk_unusable);
  };
  expect(true, 1, limits::least_external_key, 0);
  expect(false, 1, limits::least_external_key - 1, 0);
  expect(false, 0, 32, 0);
  expect(true, limits::external_identity, 32, limits::external_identity);
  expect(false, limits::external_identity + 1, 32, 0);
  expect(false, 1, 32, limits::external_identity + 1);
}

/// Each of identity, context, key, its hash and the hash of the suites makes another key.
TEST(ExternalPsk, IsBoundToAllThatItIsImportedFor) {
  const auto imported = [](const std::shared_ptr<const ExternalPsk>& psk, HashAlgorithm hash) {
    return to_hex(psk->imported(hash).key.reveal().first(32));
  };
  const auto one = make("i", "c");
  const std::string first = imported(one, HashAlgorithm::sha256);
  EXPECT_EQ(one->imported(HashAlgorithm::sha256).key.size(), 32U);
  EXPECT_EQ(one->imported(HashAlgorithm::sha384).key.size(), 48U);
  EXPECT_EQ(imported(make("i", "c"), HashAlgorithm::sha256), first);
  EXPECT_NE(imported(one, HashAlgorithm::sha384), first);
  EXPECT_NE(imported(make("j", "c"), HashAlgorithm::sha256), first);
  EXPECT_NE(imported(make("i", "d"), HashAlgorithm::sha256), first);
  EXPECT_NE(imported(make("i", "c", 8), HashAlgorithm::sha256), first);
  EXPECT_NE(imported(make("i", "c", 7, HashAlgorithm::sha384), HashAlgorithm::sha256), first);
  EXPECT_NE(first, to_hex(key(32).reveal()));
}

/// RFC 9258, section 5.1, byte by byte.
TEST(ExternalPsk, IsNamedWithContextVersionAndKdf) {
  const auto psk = make("id", "ctx");
  EXPECT_EQ(to_hex(psk->imported(HashAlgorithm::sha256).identity),
            "00026964"
            "0003637478"
            "0304"
            "0001");
  EXPECT_EQ(to_hex(psk->imported(HashAlgorithm::sha384).identity),
            "00026964"
            "0003637478"
            "0304"
            "0002");
  EXPECT_EQ(to_hex(role_context("me", "you")),
            "026d65"
            "03796f75");
}

TEST(ImportedIdentity, ReadsBackWhatItWritesAndNothingLess) {
  std::vector<std::uint8_t> written;
  Writer out(written);
  write_imported_identity(out, {as_bytes("id"), as_bytes("context"), 0x0304, 1});
  const auto read = parse_imported_identity(Reader(written, "ImportedIdentity"));
  ASSERT_TRUE(read);
  EXPECT_EQ(as_text(read->external_identity), "id");
  EXPECT_EQ(as_text(read->context), "context");
  for (std::size_t size = 0; size < written.size(); ++size) {
    EXPECT_FALSE(parse_imported_identity(Reader(Bytes(written).first(size), "ImportedIdentity"))) << size;
  }
  written.push_back(0);
  EXPECT_FALSE(parse_imported_identity(Reader(written, "ImportedIdentity")));
}

TEST(ExternalPsks, AreFoundByIdentityAndContext) {
  const ExternalPsks keys = {make("a", "here"), make("a", "there"), make("b", "here")};
  const auto find = [&](const std::shared_ptr<const ExternalPsk>& psk, HashAlgorithm named, HashAlgorithm hash) {
    return find_by_identity(keys, psk->imported(named).identity, hash);
  };
  constexpr auto sha256 = HashAlgorithm::sha256;
  EXPECT_EQ(find(make("a", "there"), sha256, sha256).value(), keys[1]);
  EXPECT_EQ(find(make("b", "here"), sha256, sha256).value(), keys[2]);
  EXPECT_EQ(find(make("c", "here"), sha256, sha256).value(), nullptr);
  EXPECT_EQ(find(make("a", "here"), HashAlgorithm::sha384, sha256).value(), nullptr) << "for other suites";
  EXPECT_EQ(find_by_identity(keys, as_bytes("a"), sha256).value(), nullptr) << "a key that is not imported";
  const auto other_roles = find(make("a", "elsewhere"), sha256, sha256);
  ASSERT_FALSE(other_roles);
  EXPECT_EQ(other_roles.error().rule, &rules::external_psk_of_other_roles);

  EXPECT_EQ(find_by_binding(keys, keys[1]->binding()), keys[1]);
  EXPECT_EQ(find_by_binding(keys, make("c", "here")->binding()), nullptr);
  EXPECT_TRUE(is_external_binding(keys[0]->binding()));
  EXPECT_FALSE(is_external_binding("required staff"));
}

}  // namespace
}  // namespace padlock::tls
