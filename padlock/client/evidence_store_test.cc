#include "padlock/client/evidence_store.h"

#include <unistd.h>

#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "padlock/client/limits.h"
#include "padlock/x509/test_revocation.h"

namespace padlock::client {
namespace {

namespace drafts = x509::testing;
using drafts::Octets;

class Storing : public ::testing::Test {
 protected:
  ~Storing() override { std::filesystem::remove_all(folder_); }
  static std::shared_ptr<const x509::CertificateList> list() {
    return x509::parse_certificate_list(drafts::sign(drafts::ListDraft{}, drafts::key(1))).value();
  }
  std::size_t files(const char* kind) const {
    const std::filesystem::directory_iterator all(folder_ / kind);
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }
  std::filesystem::path only_file(const char* kind) const {
    return std::filesystem::directory_iterator(folder_ / kind)->path();
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("padlock-evidence-" + std::to_string(::getpid()));
  EvidenceStore store_{folder_};
};

TEST_F(Storing, GivesBackAListByItsUrl) {
  EXPECT_FALSE(store_.find_list("http://a.test/1.crl"));
  const auto kept = list();
  ASSERT_TRUE(store_.keep_list("http://a.test/1.crl", kept->der, {kept, "\"e\"", "Mon, 1 Jan", drafts::test_now}));
  const auto found = store_.find_list("http://a.test/1.crl");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->list->der, kept->der);
  EXPECT_EQ(found->etag, "\"e\"");
  EXPECT_EQ(found->last_modified, "Mon, 1 Jan");
  EXPECT_EQ(found->fetched, drafts::test_now);
  EXPECT_FALSE(store_.find_list("http://a.test/2.crl"));
  const auto mode = std::filesystem::status(only_file("crls")).permissions();
  EXPECT_EQ(mode, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(Storing, TakesADamagedFileForNone) {
  const auto kept = list();
  ASSERT_TRUE(store_.keep_list("u", kept->der, {kept, "a\nb", "", drafts::test_now}));
  EXPECT_TRUE(store_.find_list("u")) << "a line feed in a field does not end it";
  const auto file = only_file("crls");
  const auto size = std::filesystem::file_size(file);
  for (const std::uintmax_t length : {std::uintmax_t{0}, std::uintmax_t{10}, size / 2, size - 1}) {
    std::filesystem::resize_file(file, length);
    EXPECT_FALSE(store_.find_list("u")) << length;
    ASSERT_TRUE(store_.keep_list("u", kept->der, {kept, "", "", drafts::test_now}));
  }
}

TEST_F(Storing, GivesBackIntermediatesByTheirSubject) {
  const auto ca = x509::parse_certificate(drafts::sign(drafts::ca_draft("CA", 1, "Root", 0), drafts::key(0))).value();
  const auto other =
      x509::parse_certificate(drafts::sign(drafts::ca_draft("CA", 2, "Root", 0), drafts::key(0))).value();
  ASSERT_TRUE(store_.keep_intermediate(*ca));
  ASSERT_TRUE(store_.keep_intermediate(*ca));
  EXPECT_EQ(files("intermediates"), 1U);
  ASSERT_TRUE(store_.keep_intermediate(*other));
  EXPECT_EQ(store_.find_intermediates(ca->subject.der).size(), 2U);
  EXPECT_TRUE(store_.find_intermediates(ca->issuer.der).empty());
}

TEST_F(Storing, KeepsNoMoreThanItMay) {
  const auto kept = list();
  for (std::size_t i = 0; i < limits::stored_lists + 3; ++i)
    ASSERT_TRUE(store_.keep_list("http://a.test/" + std::to_string(i), kept->der, {kept, "", "", drafts::test_now}));
  EXPECT_EQ(files("crls"), limits::stored_lists);
}

}  // namespace
}  // namespace padlock::client
