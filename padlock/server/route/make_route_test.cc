#include "padlock/server/route/make_route.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "padlock/server/test_serving.h"

namespace padlock::server {
namespace {

using ::testing::AllOf;
using testing::body_of;
using testing::get;
using ::testing::HasSubstr;
using testing::make_self_signed;
using ::testing::Not;
using testing::post;
using ::testing::StartsWith;

PathPrefix prefix(std::string_view text) { return PathPrefix::parse(text).value(); }

/// A whole server with a site of several parts.
class Routing : public testing::Serving {
 protected:
  Routing() {
    write("site/404.html", "<p>lost</p>");
    site_.content = FolderSource{folder_ / "site"};
  }
  PathConfig& part(std::string_view text, ContentConfig content) {
    parts_.push_back({prefix(text), {std::move(content), {}, site_.options}});
    return parts_.back();
  }
  void begin() {
    const std::vector<std::string> names{"localhost", "127.0.0.1"};
    auto credentials = Credentials::make({make_self_signed(names).site(names)}).value();
    start(make_site(names, std::move(credentials), open_route(site_, parts_, cache_).value()).value());
  }
  std::string ask(std::string_view request) { return testing::Client(https()).ask(request); }

  RouteConfig site_;
  std::vector<PathConfig> parts_;
};

TEST_F(Routing, AnswersEachPathByItsRoute) {
  part("/hello", FixedResponse{"hi", 201, "text/x-hi"});
  part("/away", RedirectTarget{"https://b.test", 302}).route.map = PathMap{prefix("/away"), {}};
  part("/void", NothingHere{});
  begin();
  EXPECT_EQ(body_of(ask(get("/"))), "<p>hello</p>");
  EXPECT_THAT(ask(get("/hello/x")), AllOf(StartsWith("HTTP/1.1 201 "), HasSubstr("\r\nContent-Type: text/x-hi\r\n"),
                                          HasSubstr("\r\n\r\nhi")));
  EXPECT_THAT(ask(get("/away/x//y?z")),
              AllOf(StartsWith("HTTP/1.1 302 "), HasSubstr("Location: https://b.test/x/y?z\r\n")));
  EXPECT_THAT(ask(get("/void")), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(ask(get("/hello%2Fx")), StartsWith("HTTP/1.1 400 "));
}

TEST_F(Routing, ServesAFolderUnderAPrefix) {
  part("/files", FolderSource{folder_ / "site"}).route.map = PathMap{prefix("/files"), {}};
  begin();
  EXPECT_EQ(body_of(ask(get("/files/"))), "<p>hello</p>");
  EXPECT_EQ(body_of(ask(get("/files/sub/"))), "<p>below</p>");
  EXPECT_THAT(ask(get("/files/sub?q")), HasSubstr("Location: /files/sub/?q\r\n"));
  EXPECT_THAT(ask(get("/files?q")), HasSubstr("Location: /files/?q\r\n"));
  EXPECT_THAT(ask(get("/files/../files/.hidden")), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(ask(get("/files/..%2f..%2foutside.txt")), StartsWith("HTTP/1.1 400 "));
}

TEST_F(Routing, ShowsErrorsInTheWordsOfTheSite) {
  site_.options.error_pages = {{404, folder_ / "site" / "404.html"}, {405, folder_ / "site" / "absent.html"}};
  begin();
  EXPECT_THAT(ask(get("/absent")), AllOf(StartsWith("HTTP/1.1 404 "), HasSubstr("Content-Type: text/html"),
                                         HasSubstr("Content-Length: 11\r\n"), HasSubstr("\r\n\r\n<p>lost</p>")));
  EXPECT_THAT(ask(post("/", "x")), AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("405 Method Not Allowed</h1>")));
  testing::Http2Client client(https());
  const auto stream = client.ask("/absent");
  client.talk_until([&] { return client.heard("1 end"); });
  EXPECT_TRUE(client.heard("1 404"));
  EXPECT_EQ(client.body(stream), "<p>lost</p>");
}

TEST_F(Routing, ChangesTheFieldsOfAllResponses) {
  site_.options.response_fields = {.remove = {"Server"}, .set = {{"X-Frame-Options", "DENY"}}};
  begin();
  for (const auto* target : {"/", "/absent"})
    EXPECT_THAT(ask(get(target)), AllOf(HasSubstr("\r\nX-Frame-Options: DENY\r\n"), Not(HasSubstr("Server:"))));
}

TEST_F(Routing, TakesNoLongerBodiesThanItIsTold) {
  part("/small", FixedResponse{"ok"}).route.options.max_body = 3;
  begin();
  EXPECT_THAT(ask(post("/small", "123")), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(ask(post("/small", "1234")), StartsWith("HTTP/1.1 413 "));
}

TEST_F(Routing, RefusesAWebSocketAtOnce) {
  part("/closed", FixedResponse{"x"}).route.options.maintenance = "";
  begin();
  testing::Http2Client client(https());
  client.ask("/");
  client.talk_until([&] { return client.heard("1 end"); });
  client.connect("/closed");
  client.talk_until([&] { return client.heard("3 503"); });
  EXPECT_TRUE(client.heard("3 503"));
}

/// A request with a body is counted once, and one that is refused is told at once, whatever it still has to say.
TEST_F(Routing, CountsEachRequestOnce) {
  site_.content = FixedResponse{"ok"};
  site_.options.rate_limit = RateLimitConfig{.requests = 1, .per = std::chrono::hours(1), .burst = 2};
  begin();
  testing::Http2Client client(https());
  client.post("/", "body");
  client.post("/", "body");
  client.talk_until([&] { return client.heard("1 end") && client.heard("3 end"); });
  EXPECT_TRUE(client.heard("1 200") && client.heard("3 200"));
  client.post("/", "body");
  client.talk_until([&] { return client.heard("5 429"); });
  EXPECT_TRUE(client.heard("5 429"));
  EXPECT_THAT(ask(get("/")), AllOf(StartsWith("HTTP/1.1 429 "), HasSubstr("\r\nRetry-After: ")));
}

}  // namespace
}  // namespace padlock::server
