#include "padlock/certs/certificate_entry.h"

#include <gtest/gtest.h>
#include <asio/io_context.hpp>

#include "padlock/certs/local_issuer.h"
#include "padlock/certs/rules.h"
#include "padlock/certs/test_store.h"
#include "padlock/net/atomic_file.h"
#include "padlock/net/test_loop.h"

namespace padlock::certs {
namespace {

class CertificateEntries : public testing::StoreTest {
 protected:
  CertificateEntry issued(const std::string& name) {
    LocalCaIssuer issuer(folder_, *provider_);
    const IssueRequest request{.names = {name}, .profile = "shortlived"};
    auto entry = net::testing::run(loop_, issuer.issue(request));
    EXPECT_TRUE(entry) << entry.error().to_string();
    return *std::move(entry);
  }
  asio::io_context loop_;
  std::unique_ptr<crypto::Provider> provider_ = crypto::make_provider();
};

TEST_F(CertificateEntries, ReadBackWhatTheyWrite) {
  CertificateEntry entry = issued("shop.test");
  entry.ari_id = "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE";
  entry.profile = "shortlived \"quoted\" b\xc3\xbc";
  const SecretBytes bytes = write_entry(entry);
  const auto read = parse_entry(bytes.reveal(), *provider_);
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_EQ(read->chain_pem, entry.chain_pem);
  EXPECT_EQ(as_text(read->key_pem.reveal()), as_text(entry.key_pem.reveal()));
  EXPECT_EQ(read->issuer, "local");
  EXPECT_EQ(read->profile, entry.profile);
  EXPECT_EQ(read->ari_id, entry.ari_id);
  EXPECT_EQ(read->obtained, entry.obtained);
  EXPECT_EQ(read->names, std::vector<std::string>{"shop.test"});
  EXPECT_EQ(credential_of(*read, *provider_).value().chain.size(), 2U);
  EXPECT_EQ(leaf_of(*read).value()->subject_alternative_names.size(), 1U);
}

TEST_F(CertificateEntries, WithAKeyOfAnotherAreDamaged) {
  CertificateEntry entry = issued("shop.test");
  entry.key_pem = issued("other.test").key_pem;
  const SecretBytes bytes = write_entry(entry);
  const auto read = parse_entry(bytes.reveal(), *provider_);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().rule, &rules::damaged_entry);
}

TEST_F(CertificateEntries, OfAnyOtherFormAreDamaged) {
  const SecretBytes bytes = write_entry(issued("shop.test"));
  const std::string whole(as_text(bytes.reveal()));
  const auto is_damaged = [&](const std::string& text) {
    const auto read = parse_entry(as_bytes(text), *provider_);
    return !read && read.error().rule == &rules::damaged_entry;
  };
  const std::string pem = whole.substr(whole.find('\n') + 1), chain = pem.substr(pem.find("-----BEGIN CERTIFICATE"));
  const std::string head = whole.substr(0, whole.find('\n') + 1);
  std::string head_and_more = head;
  head_and_more.append("\n").append(pem);
  EXPECT_FALSE(is_damaged(whole));
  for (const std::string& text : {std::string(), std::string("\n"), pem, "[]\n" + pem, "{}\n" + pem, head, head + chain,
                                  head_and_more, head + chain + pem.substr(0, pem.find("-----BEGIN CERTIFICATE")),
                                  R"({"issuer":1,"profile":"","ari_id":"","obtained":1,"names":[]})"
                                  "\n" +
                                      pem,
                                  R"({"issuer":"","profile":"","ari_id":"","obtained":"1","names":[]})"
                                  "\n" +
                                      pem,
                                  R"({"issuer":"","profile":"","ari_id":"","obtained":1,"names":[1]})"
                                  "\n" +
                                      pem})
    EXPECT_TRUE(is_damaged(text)) << text.substr(0, 100);
}

/// docs/threats.md, A4.
TEST_F(CertificateEntries, InAStoreAreSetAsideForEachByteThatIsFlipped) {
  auto one = store();
  const SecretBytes value = write_entry(issued("shop.test"));
  ASSERT_TRUE(one.put(shop_, value.reveal()));
  ASSERT_TRUE(find_certificate(one, shop_, *provider_).value());
  const std::filesystem::path file = folder_ / "certs/local/shop.test/entry";
  const auto whole = net::read_file(file, max_value_bytes).value();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    auto flipped = whole;
    flipped[at] ^= static_cast<std::uint8_t>(1U << (at % 8));
    ASSERT_TRUE(net::write_file_atomically(file, flipped, 0600));
    const auto found = find_certificate(one, shop_, *provider_);
    ASSERT_TRUE(found) << found.error().to_string();
    EXPECT_FALSE(*found) << at;
    EXPECT_FALSE(std::filesystem::exists(file)) << at;
  }
  EXPECT_EQ(one.notices().size(), whole.size());
  RecordProperty("bytes_flipped", static_cast<int>(whole.size()));
  ASSERT_TRUE(one.put(shop_, value.reveal()));
  EXPECT_TRUE(find_certificate(one, shop_, *provider_).value());
}

TEST_F(CertificateEntries, InAStoreAreSetAsideIfTheyAreNone) {
  auto one = store();
  EXPECT_FALSE(find_certificate(one, shop_, *provider_).value());
  ASSERT_TRUE(one.put(shop_, as_bytes("no certificate")));
  EXPECT_FALSE(find_certificate(one, shop_, *provider_).value());
  EXPECT_EQ(one.notices().size(), 1U);
  EXPECT_EQ(text_of(one, shop_), "none");
}

}  // namespace
}  // namespace padlock::certs
