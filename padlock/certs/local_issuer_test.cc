#include "padlock/certs/local_issuer.h"

#include <gtest/gtest.h>
#include <asio/io_context.hpp>

#include "padlock/ca/rules.h"
#include "padlock/certs/test_store.h"
#include "padlock/net/test_loop.h"

namespace padlock::certs {
namespace {

class LocalCaAsIssuer : public testing::StoreTest {
 protected:
  Result<CertificateEntry> issue(std::vector<std::string> names) {
    LocalCaIssuer issuer(folder_, *provider_);
    const IssueRequest request{.names = std::move(names)};
    return net::testing::run(loop_, issuer.issue(request));
  }
  asio::io_context loop_;
  std::unique_ptr<crypto::Provider> provider_ = crypto::make_provider();
};

TEST_F(LocalCaAsIssuer, GivesANewCertificateWithANewKeyEachTime) {
  const auto one = issue({"shop.test", "*.shop.test", "127.0.0.1"}), two = issue({"shop.test"});
  ASSERT_TRUE(one) << one.error().to_string();
  ASSERT_TRUE(two) << two.error().to_string();
  EXPECT_EQ(leaf_of(*one).value()->subject_alternative_names.size(), 3U);
  EXPECT_NE(as_text(one->key_pem.reveal()), as_text(two->key_pem.reveal()));
  EXPECT_EQ(one->issuer, "local");
}

TEST_F(LocalCaAsIssuer, RefusesNamesThatItMayNotCertify) {
  EXPECT_EQ(issue({"example.com"}).error().rule, &ca::rules::name_outside);
  EXPECT_EQ(issue({}).error().rule, &ca::rules::name_count);
}

}  // namespace
}  // namespace padlock::certs
