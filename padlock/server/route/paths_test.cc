#include "padlock/server/route/paths.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "padlock/http/rules.h"
#include "padlock/server/route.h"
#include "padlock/server/route/fixed_handlers.h"
#include "padlock/server/rules.h"

namespace padlock::server {
namespace {

PathPrefix prefix(std::string_view text) { return PathPrefix::parse(text).value(); }

TEST(PathPrefix, HoldsWholeSegments) {
  const PathPrefix api = prefix("/api/");
  EXPECT_EQ(api, prefix("/api"));
  for (const auto* held : {"/api", "/api/", "/api/x", "/api//x"}) EXPECT_TRUE(api.holds(held)) << held;
  for (const auto* other : {"/", "/apix", "/ap", "/API", "/x/api", ""}) EXPECT_FALSE(api.holds(other)) << other;
  EXPECT_TRUE(prefix("/").holds("/")) << "the whole site";
  EXPECT_TRUE(prefix("/").holds("/x"));
  EXPECT_EQ(prefix("/a/b").segments(), 2U);
}

TEST(PathPrefix, HasNothingToResolve) {
  for (const auto* text : {"", "api", "/a//b", "/a/../b", "/./a", "//", "/a\\b"})
    EXPECT_FALSE(PathPrefix::parse(text)) << text;
  EXPECT_EQ(prefix("/caf\xc3\xa9/").text(), "/caf\xc3\xa9") << "as a file's name is written";
}

TEST(Paths, AreReadInThreeWays) {
  struct Case {
    std::string_view target, resolved, lax, literal;
  };
  for (const auto& [target, resolved, lax, literal] :
       {Case{"/a/b?c=/d", "/a/b", "/a/b", "/a/b"}, Case{"/", "/", "/", "/"}, Case{"/%61/../b/", "/b", "/b", "/a/../b/"},
        Case{"//a", "/a", "/a", "//a"}, Case{"/a%2Fb", "", "/a/b", "/a%2Fb"}, Case{"/a\\..\\b", "", "/b", "/a\\..\\b"},
        Case{"/../a", "", "/a", "/../a"}, Case{"/%zz%4", "", "/%zz%4", "/%zz%4"},
        Case{"/a/%2e%2e", "/", "/", "/a/.."}}) {
    const auto path = resolved_path(target);
    EXPECT_EQ(path ? *path : "", resolved) << target;
    EXPECT_EQ(lax_path(target), lax) << target;
    EXPECT_EQ(literal_path(target), literal) << target;
  }
}

TEST(PathMap, PutsOnePrefixInPlaceOfAnother) {
  const PathMap map{prefix("/old"), prefix("/new")};
  struct Case {
    std::string_view target, resolved, literal;
  };
  for (const auto& [target, resolved, literal] :
       {Case{"/old/x?q=%41", "/new/x?q=%41", "/new/x?q=%41"}, Case{"/old", "/new", "/new"},
        Case{"/old/", "/new/", "/new/"}, Case{"/older", "/older", "/older"},
        Case{"/%6fld/%2e%2e/old/a%20b", "/new/a%20b", "/new/%2e%2e/old/a%20b"},
        Case{"/old/a%2Fb", "/old/a%2Fb", "/new/a%2Fb"}, Case{"/old//x", "/new/x", "/new/x"}, Case{"*", "*", "*"}}) {
    EXPECT_EQ(map.resolved(target), resolved) << target;
    EXPECT_EQ(map.literal(target), literal) << target;
  }
  EXPECT_EQ(map.undone("/new/x/?q"), "/old/x/?q");
  EXPECT_EQ(map.undone("https://a.test/new/x"), "https://a.test/new/x");
  EXPECT_EQ(map.undone("/newer"), "/newer");
}

TEST(PathMap, StripsAPrefix) {
  const PathMap strip{prefix("/api/v1"), {}};
  EXPECT_EQ(strip.literal("/api/v1/a%2Fb?c"), "/a%2Fb?c");
  EXPECT_EQ(strip.literal("/api/v1"), "/");
  EXPECT_EQ(strip.literal("/api/v1//evil.test/"), "/evil.test/") << "never the name of a host";
  EXPECT_EQ(strip.resolved("/api/v1?q"), "/?q");
  EXPECT_EQ(strip.resolved("/api/v1//evil.test/"), "/evil.test/");
  EXPECT_EQ(strip.undone("/sub/"), "/api/v1/sub/");
  const PathMap mount{{}, prefix("/inner")};
  EXPECT_EQ(mount.resolved("/"), "/inner/");
  EXPECT_EQ(mount.resolved("/x"), "/inner/x");
  EXPECT_EQ(mount.literal("/x/y"), "/inner/x/y");
}

/// A site with two folders' worth of parts and two that other servers answer.
class Routes : public ::testing::Test {
 protected:
  Routes() {
    for (const auto* text : {"/admin/deep", "/admin", "/files", "/app"}) {
      auto part = std::make_shared<Route>();
      part->handler = std::make_shared<FixedHandler>(FixedResponse{text});
      part->passes_path = std::string_view(text) != "/files";
      site_.paths.emplace_back(prefix(text), std::move(part));
    }
    site_.handler = std::make_shared<FixedHandler>(FixedResponse{"/"});
    site_.passes_path = true;
  }
  /// What answers, or the code of what is wrong.
  std::string found(std::string_view target) {
    const auto route = site_.of(target);
    if (!route) return std::string(route.error().rule->code);
    return (*route)->handler->answer_at_once({"GET", "https", "a.test", "/", {}}, {})->plan.page;
  }
  Route site_;
};

TEST_F(Routes, AreFoundByTheLongestPrefix) {
  EXPECT_EQ(found("/admin/deep/x"), "/admin/deep");
  EXPECT_EQ(found("/admin/deeper"), "/admin");
  EXPECT_EQ(found("/admin?x=/files"), "/admin");
  EXPECT_EQ(found("/%61dmin/x%2Fy"), "/admin") << "however it is written";
  EXPECT_EQ(found("/administrator"), "/");
  EXPECT_EQ(found("/other%2Fx"), "/");
  EXPECT_EQ(found("*"), "/");
}

TEST_F(Routes, OfFilesAreFoundByWhatAPathMeans) {
  EXPECT_EQ(found("/admin/../files//x"), "/files");
  EXPECT_EQ(found("/files/a%2Fb"), http::rules::path_forbidden.code);
  EXPECT_EQ(found("/files/%ff"), http::rules::path_malformed.code);
}

/// What is asked for under one part's rules must not be found in another part by a server that reads more into it.
TEST_F(Routes, AreNotFoundWhereServersMayReadDifferently) {
  for (const auto* target :
       {"/app/../admin/x", "/app/%2e%2e/admin/x", "/app/..%2Fadmin/x", "/app%2F..%2Fadmin/", "//admin/x",
        "/admin%2Fdeep", "/x\\..\\admin", "/..%5cadmin/x", "/admin/..", "/./admin", "/../admin", "/admin/deep/../x"})
    EXPECT_EQ(found(target), rules::path_ambiguous.code) << target;
}

}  // namespace
}  // namespace padlock::server
