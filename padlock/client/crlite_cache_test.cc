#include "padlock/client/crlite_cache.h"

#include <cstdlib>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "padlock/client/environment.h"
#include "padlock/client/rules.h"
#include "padlock/client/testing/crlite_folder.h"
#include "padlock/client/testing/fetching.h"
#include "padlock/x509/crlite/rules.h"

namespace padlock::client {
namespace {

using ::testing::AllOf;
using testing::CrliteFolder;
using ::testing::HasSubstr;
using x509::testing::Octets;
using x509::testing::test_now;
namespace crlite = x509::crlite;
namespace drafts = x509::testing;

/// A folder, and a leaf whose timestamps are four days old, with its issuer.
class Cache : public testing::Fetching {
 protected:
  Cache() : cache_(folder_ / "filters", test_now) {
    set_extension(chain_.leaf, CrliteFolder::timestamps(test_now - std::chrono::days(4)));
    leaf_ = x509::parse_certificate(sign(chain_.leaf, drafts::key(1))).value();
    issuer_ = x509::parse_certificate(sign(chain_.intermediate, drafts::key(0))).value();
  }
  x509::RevocationStatus ask() const { return CrliteCache(cache_.folder()).ask(*leaf_, *issuer_, test_now); }
  std::string told() const { return describe(ask()); }
  std::string code() const { return drafts::told(ask()); }

  drafts::Chain chain_;
  CrliteFolder cache_;
  std::shared_ptr<const x509::Certificate> leaf_, issuer_;
};

TEST_F(Cache, SaysWhatItsFiltersSay) {
  cache_.put("a.filter", *issuer_, false);
  cache_.write_index();
  EXPECT_EQ(told(), "good, says the CRLite filter of 2026-03-03");
  cache_.put("b.filter", *issuer_, true);
  cache_.write_index();
  EXPECT_EQ(told(), "revoked, says the CRLite filter of 2026-03-03");
}

TEST_F(Cache, HasNothingOfOtherTimesAndIssuers) {
  cache_.put("a.filter", *leaf_, false);
  cache_.write_index();
  EXPECT_EQ(code(), crlite::rules::not_enrolled.code);
  set_extension(chain_.leaf, CrliteFolder::timestamps(test_now));
  leaf_ = x509::parse_certificate(sign(chain_.leaf, drafts::key(1))).value();
  EXPECT_EQ(code(), crlite::rules::not_covered.code) << "the filter is older than the leaf";
}

TEST_F(Cache, SaysWhatIsWrongWithItsFiles) {
  EXPECT_THAT(told(), AllOf(HasSubstr("not checked: the CRLite cache cannot be used: "), HasSubstr("index.bin")));
  EXPECT_EQ(ask().why->rule, &rules::crlite_cache_damaged);
  cache_.put("a.filter", *issuer_, false);
  cache_.write_index();
  write("filters/index.bin", "upkiidx2");
  EXPECT_THAT(told(), HasSubstr("index.bin: the index begins with \"upkiidx2\""));
  cache_.write_index();
  write("filters/a.filter", "rubbish");
  EXPECT_THAT(told(), HasSubstr("a.filter: the filter is of version 114"));
  std::filesystem::remove(cache_.folder() / "a.filter");
  EXPECT_THAT(told(), AllOf(HasSubstr("a.filter"), HasSubstr("not checked: ")));
  EXPECT_EQ(ask().why->rule, &rules::crlite_cache_damaged);
  std::filesystem::create_directory(cache_.folder() / "a.filter");
  EXPECT_EQ(ask().why->rule, &rules::crlite_cache_damaged) << "no file at all";
}

TEST_F(Cache, IsBelievedOfARevocationThoughAnotherFilterIsDamaged) {
  cache_.put("a.filter", *issuer_, true);
  cache_.put("b.filter", *issuer_, false);
  cache_.write_index();
  write("filters/b.filter", "rubbish");
  EXPECT_EQ(told(), "revoked, says the CRLite filter of 2026-03-03");
  cache_.put("a.filter", *issuer_, false);
  EXPECT_EQ(code(), rules::crlite_cache_damaged.code) << "the damaged one might have said so";
}

TEST_F(Cache, SaysThatTheLeafsTimestampsAreDamaged) {
  set_extension(chain_.leaf, drafts::extension(der::oid::signedCertificateTimestamps, false, {0x05, 0x00}));
  leaf_ = x509::parse_certificate(sign(chain_.leaf, drafts::key(1))).value();
  EXPECT_EQ(code(), x509::rules::malformed_timestamp_list.code);
}

TEST_F(Cache, IsFoundWhereUpkiKeepsIt) {
  cache_.put("a.filter", *issuer_, true);
  cache_.write_index();
  const auto said = [&](const std::optional<std::filesystem::path>& named) {
    const auto cache = CrliteCache::find(named);
    return cache ? drafts::told(cache->ask(*leaf_, *issuer_, test_now)) : "nothing";
  };
  const std::filesystem::path cache_home = folder_ / "cache";
  EXPECT_EQ(said({}), "nothing");
  EXPECT_EQ(said(cache_.folder()), "revoked");
  EXPECT_EQ(said(folder_ / "none"), rules::crlite_cache_damaged.code) << "who names it means it";
  std::filesystem::create_directories(cache_home / "upki");
  std::filesystem::rename(cache_.folder(), cache_home / "upki" / "revocation");
  EXPECT_EQ(said({}), "revoked");
  const auto home = environment("HOME");
  std::filesystem::create_directories(folder_ / "home");
  std::filesystem::rename(cache_home, folder_ / "home" / ".cache");
  ::setenv("HOME", path("home").c_str(), 1);
  EXPECT_EQ(said({}), "nothing");
  ::unsetenv("XDG_CACHE_HOME");
  EXPECT_EQ(said({}), "revoked");
  ::setenv("HOME", home.value_or("").c_str(), 1);
}

}  // namespace
}  // namespace padlock::client
