#include "padlock/cli/libraries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace padlock::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

bool is_good(const std::string& name, const std::string& version, const std::string& package = "") {
  return !complaint_about({name, version, package});
}

TEST(Libraries, BelowTheirFloorAreComplainedAbout) {  // docs/threats.md, P8
  for (const char* good : {"3.0.22", "3.0.100", "3.5.8", "4.0.2", "4.1.0", "5.0.0"})
    EXPECT_TRUE(is_good("libcrypto", good)) << good;
  for (const char* bad : {"3.0.0", "3.0.21", "3.5.7", "4.0.1", "1.1.1", "3.1.9", "3.6.0"})
    EXPECT_FALSE(is_good("libcrypto", bad)) << bad;
  EXPECT_TRUE(is_good("nghttp2", "1.68.1"));
  EXPECT_TRUE(is_good("nghttp2", "1.70.0"));
  EXPECT_FALSE(is_good("nghttp2", "1.68.0"));
  EXPECT_TRUE(is_good("libipsec-mb", "1.3.0")) << "it has no floor";
}

TEST(Libraries, OfADistributionAreJudgedByTheirPackage) {
  EXPECT_FALSE(is_good("nghttp2", "1.52.0"));
  EXPECT_FALSE(is_good("nghttp2", "1.52.0", "1.52.0-1"));
  EXPECT_FALSE(is_good("nghttp2", "1.52.0", "1.52.0-1+deb12u1"));
  EXPECT_TRUE(is_good("nghttp2", "1.52.0", "1.52.0-1+deb12u2"));
  EXPECT_TRUE(is_good("nghttp2", "1.52.0", "1.52.0-1+deb12u10"));
  EXPECT_FALSE(is_good("nghttp2", "1.64.0", "1.64.0-1")) << "no mended build of it is known";
}

TEST(Libraries, AreNamedWithWhatToDo) {
  const auto complaints =
      complaints_about({{"libcrypto", "3.0.19"}, {"libipsec-mb", "1.3.0"}, {"nghttp2", "1.52.0", "1.52.0-1+deb12u1"}});
  EXPECT_THAT(complaints, ElementsAre(AllOf(HasSubstr("libcrypto 3.0.19 "), HasSubstr("3.0.22")),
                                      AllOf(HasSubstr("nghttp2 1.52.0-1+deb12u1 "), HasSubstr("1.68.1"))));
  EXPECT_THAT(complaints_about({{"libcrypto", "3.0.22"}}), IsEmpty());
}

TEST(Libraries, OfThisProcessHaveVersions) {
  for (const Library& library : linked_libraries()) EXPECT_THAT(library.version, HasSubstr(".")) << library.name;
}

TEST(PackageVersions, AreComparedAsDebianDoes) {
  const std::vector<std::string> ascending{"1.0~rc1-1",     "1.0-1~deb12u1",  "1.0-1", "1.0-1+deb12u1",
                                           "1.0-1+deb12u2", "1.0-1+deb12u10", "1.0-2", "1.0a-1",
                                           "1.0+dfsg-1",    "1.0.1-1",        "1.10-1"};
  for (std::size_t a = 0; a < ascending.size(); ++a) {
    for (std::size_t b = 0; b < ascending.size(); ++b)
      EXPECT_EQ(is_older_package(ascending[a], ascending[b]), a < b) << ascending[a] << " and " << ascending[b];
  }
}

TEST(PackageLists, SayWhatIsInstalled) {
  const std::string list =
      "Package: one\nStatus: install ok installed\nVersion: 1.0-1\n\n"
      "Package: libnghttp2-14\nStatus: install ok installed\nSection: libs\nVersion: 1.52.0-1+deb12u3\nDepends: x\n\n"
      "Package: gone\nStatus: deinstall ok config-files\nVersion: 2.0\n";
  EXPECT_EQ(installed_version(list, "one"), "1.0-1");
  EXPECT_EQ(installed_version(list, "libnghttp2-14"), "1.52.0-1+deb12u3");
  EXPECT_EQ(installed_version(list, "gone"), "");
  EXPECT_EQ(installed_version(list, "nghttp2"), "");
  EXPECT_EQ(installed_version("", "one"), "");
}

}  // namespace
}  // namespace padlock::cli
