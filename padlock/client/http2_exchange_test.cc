// Fetches over HTTP/2 from servers by hand and from nghttp2's own.
#include "padlock/client/http2_exchange.h"

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include "padlock/client/async_fetch.h"
#include "padlock/client/rules.h"
#include "padlock/client/testing/http2_server.h"
#include "padlock/net/rules.h"
#include "padlock/net/test_loop.h"

namespace padlock::client {
namespace {

using namespace std::chrono_literals;
using http::h2::ErrorCode;
using http::h2::SettingId;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::FetchingByHttp2;
using testing::frames;
using testing::h2_page;
using ::testing::HasSubstr;
using testing::nghttp2_server;
using ::testing::Not;
using testing::page;
using testing::Scripted;
using ::testing::SizeIs;
using testing::speaks;
using ::testing::StartsWith;
using testing::status;
namespace h2 = testing::h2;

using Lines = std::vector<std::string>;

TEST_F(FetchingByHttp2, AsksAndGetsAPage) {
  request_.fields.add("X-Own", "Yes");
  const auto outcome = fetched_from({frames(h2_page("hello"))}, "/page?x=1");
  ASSERT_FALSE(outcome.error) << outcome.error->what;
  EXPECT_EQ(outcome.http_version, HttpVersion::HTTP_2);
  EXPECT_EQ(outcome.security.connection->alpn, "h2");
  EXPECT_EQ(outcome.response->status, 200);
  EXPECT_EQ(body_, "hello");
  EXPECT_EQ(outcome.body_bytes, 5U);
  EXPECT_THAT(h2::frames_of(requests_.at(0)),
              Contains(::testing::MatchesRegex("HEADERS 1 END_STREAM :method=GET :scheme=https "
                                               ":authority=localhost:[0-9]+ :path=/page\\?x=1 user-agent=padlock "
                                               "accept=\\*/\\* x-own=Yes")));
}

TEST_F(FetchingByHttp2, LetsTheServerChooseAmongWhatItAllows) {
  const auto version_with = [&](std::vector<std::string> served, HttpVersion most) {
    Scripted server({[](const std::string& request) {
                      return request.starts_with("PRI") ? h2::server_hello() + h2_page("two") : page("one")(request);
                    }},
                    credential(), speaks(std::move(served)));
    options_.max_http_version = most;
    const auto outcome = fetched(server.at("https"));
    EXPECT_FALSE(outcome.error) << outcome.error->what;
    return outcome.http_version;
  };
  EXPECT_EQ(version_with({"h2", "http/1.1"}, HttpVersion::HTTP_2), HttpVersion::HTTP_2);
  EXPECT_EQ(version_with({"http/1.1"}, HttpVersion::HTTP_2), HttpVersion::HTTP_1_1);
  EXPECT_EQ(version_with({}, HttpVersion::HTTP_2), HttpVersion::HTTP_1_1);
  EXPECT_EQ(version_with({"h2", "http/1.1"}, HttpVersion::HTTP_1_1), HttpVersion::HTTP_1_1);
  options_.policy = tls::Policy::legacy;  // its suites are forbidden with HTTP/2
  EXPECT_EQ(version_with({"h2", "http/1.1"}, HttpVersion::HTTP_2), HttpVersion::HTTP_1_1);
}

TEST_F(FetchingByHttp2, PlainHttpIsHttp11) {
  Scripted server({page("open")});
  EXPECT_EQ(fetched(server.at("http")).http_version, HttpVersion::HTTP_1_1);
  EXPECT_EQ(body_, "open");
}

TEST_F(FetchingByHttp2, LeavesOutFieldsAboutAnHttp11Connection) {
  for (const auto* name : {"Connection", "Keep-Alive", "Proxy-Connection", "Upgrade", "TE"})
    request_.fields.add(name, "close");
  EXPECT_FALSE(fetched_from({frames(h2_page("x"))}).error);
  const auto sent = h2::frames_of(requests_.at(0));
  for (const auto* name : {"connection=", "keep-alive=", "upgrade=", "te="})
    EXPECT_THAT(sent, Not(Contains(HasSubstr(std::string(" ") + name)))) << name;
}

TEST_F(FetchingByHttp2, EndsWithAGoaway) {
  EXPECT_FALSE(fetched_from({nghttp2_server(h2::Peer::server(), [](h2::Peer& peer, const Lines& events) {
                 for (const std::string& event : events)
                   if (event == "1 end") peer.respond(1, status("200"), "hi");
               })}).error);
  EXPECT_EQ(body_, "hi");
  EXPECT_EQ(h2::frames_of(requests_.at(0)).back(), "GOAWAY 0 NO_ERROR");
}

TEST_F(FetchingByHttp2, SendsABodyAsFastAsTheServerTakesIt) {
  request_.method = "POST";
  request_.body = std::vector<std::uint8_t>(3'000'000, 'u');
  std::size_t got = 0;
  const auto outcome = fetched_from({nghttp2_server(h2::Peer::server(), [&](h2::Peer& peer, const Lines& events) {
    for (const std::string& event : events) {
      if (event.starts_with("1 data ")) got += event.size() - 7;
      if (event == "1 end") peer.respond(1, status("200"), "thanks");
    }
  })});
  ASSERT_FALSE(outcome.error) << outcome.error->what;
  EXPECT_EQ(got, 3'000'000U);
  EXPECT_EQ(body_, "thanks");
}

TEST_F(FetchingByHttp2, ReadsWhileItStillSends) {
  request_.method = "POST";
  request_.body = std::vector<std::uint8_t>(3'000'000, 'u');
  const auto outcome = fetched_from({nghttp2_server(h2::Peer::server(), [](h2::Peer& peer, const Lines& events) {
    for (const std::string& event : events)
      if (event.starts_with("1 :method")) peer.respond(1, status("200"), std::string(5'000'000, 'd'));
  })});
  ASSERT_FALSE(outcome.error) << outcome.error->what;
  EXPECT_EQ(body_, std::string(5'000'000, 'd'));
}

TEST_F(FetchingByHttp2, AnEmptyBodyIsOne) {
  request_.method = "POST";
  request_.body.emplace();
  EXPECT_FALSE(fetched_from({frames(h2_page("x"))}).error);
  EXPECT_THAT(h2::frames_of(requests_.at(0)),
              Contains(::testing::AllOf(StartsWith("HEADERS 1 END_STREAM"), HasSubstr("content-length=0"))));
}

TEST_F(FetchingByHttp2, TakesAnAnswerThatComesBeforeTheBodyHasGone) {
  request_.method = "POST";
  request_.body = std::vector<std::uint8_t>(1'000'000, 'u');
  const auto outcome = fetched_from({frames(h2::headers(1, status("413"), false) + h2::data(1, "too much", true) +
                                            h2::rst_stream(1, ErrorCode::NO_ERROR))});
  ASSERT_FALSE(outcome.error) << outcome.error->what;
  EXPECT_EQ(outcome.response->status, 413);
  EXPECT_EQ(body_, "too much");
}

TEST_F(FetchingByHttp2, PassesOverInterimAnswersAndTakesTrailers) {
  const auto outcome = fetched_from(
      {frames(h2::headers(1, status("103", {{"link", "</a>"}}), false) + h2::headers(1, status("200"), false) +
              h2::data(1, "page") + h2::headers(1, {{"x-sum", "4"}}))});
  ASSERT_FALSE(outcome.error) << outcome.error->what;
  EXPECT_EQ(outcome.response->status, 200);
  EXPECT_EQ(body_, "page");
}

TEST_F(FetchingByHttp2, HeadHasNoBodyWhateverItsLength) {
  request_.method = "HEAD";
  const auto outcome = fetched_from({frames(h2::headers(1, status("200", {{"content-length", "77"}})))});
  EXPECT_FALSE(outcome.error);
  EXPECT_EQ(outcome.body_bytes, 0U);
}

TEST_F(FetchingByHttp2, HttpErrorsAndFullDisksHaveTheSameNumbers) {
  const auto missing = frames(h2::headers(1, status("404"), false) + h2::data(1, "gone", true));
  EXPECT_EQ(fetched_from({missing}).exit_code(), 0);
  options_.fail_on_http_error = true;
  body_.clear();
  EXPECT_EQ(fetched_from({missing}).exit_code(), 22);
  EXPECT_EQ(body_, "");
  options_.on_body = [](Bytes) -> Result<void> { return broken(rules::sink_failed, "no room"); };
  Scripted::Dialogue endless{[begun = false](const std::string&) mutable {
    return std::exchange(begun, true) ? ""
                                      : h2::server_hello() + h2::headers(1, status("200"), false) + h2::data(1, "x");
  }};
  EXPECT_EQ(fetched_from({endless}).exit_code(), 23);
  EXPECT_THAT(h2::frames_of(requests_.at(0)), Contains("RST_STREAM 1 CANCEL"));
}

TEST_F(FetchingByHttp2, RedirectsAreFollowed) {
  options_.follow_redirects = true;
  request_.method = "PUT";
  request_.body = {'a', 'b'};
  const auto to = [](std::string code, std::string where) {
    return frames(h2::headers(1, status(std::move(code), {{"location", std::move(where)}})));
  };
  const auto outcome = fetched_from({to("307", "/b"), to("303", "/c"), frames(h2_page("end"))}, "/a");
  ASSERT_FALSE(outcome.error) << outcome.error->what;
  EXPECT_THAT(outcome.url, ::testing::EndsWith("/c"));
  EXPECT_EQ(body_, "end");
  ASSERT_THAT(requests_, SizeIs(3));
  EXPECT_THAT(h2::frames_of(requests_[1]), Contains(HasSubstr(":method=PUT")));
  EXPECT_THAT(h2::frames_of(requests_[2]), Contains(HasSubstr(":method=GET")));
}

// ---- once more

/// Counts how often a request goes again.
struct Repeats final : FetchObserver {
  void request_sent(const http::Request&, const FieldsOnStream&) override {}
  void response_head(const http::Response&, const FieldsOnStream&) override {}
  void body(std::size_t) override {}
  void response_end() override {}
  void verdict(const x509::Verdict&) override {}
  void sent_again(std::string_view why) override { whys.emplace_back(why); }
  Lines whys;
};

TEST_F(FetchingByHttp2, SendsARefusedRequestAgainOnce) {
  Repeats repeats;
  options_.observer = &repeats;
  request_.method = "POST";
  request_.body = {'x'};
  const auto refused = frames(h2::rst_stream(1, ErrorCode::REFUSED_STREAM));
  const auto then = fetched_from({refused, frames(h2_page("done"))});
  ASSERT_FALSE(then.error) << then.error->what;
  EXPECT_EQ(body_, "done");
  EXPECT_THAT(repeats.whys, ElementsAre(HasSubstr("REFUSED_STREAM (RST_STREAM)")));
  for (const std::string& request : requests_) EXPECT_THAT(h2::frames_of(request), Contains("DATA 1 END_STREAM 1"));
  const auto twice = fetched_from({refused, refused, frames(h2_page("done"))});
  EXPECT_EQ(twice.error->rule, &rules::request_refused);
  EXPECT_EQ(twice.exit_code(), 92);
  EXPECT_THAT(requests_, SizeIs(2));
}

TEST_F(FetchingByHttp2, SendsAgainWhatAGoawayHasNotReached) {
  EXPECT_FALSE(fetched_from({frames(h2::goaway(0, ErrorCode::NO_ERROR)), frames(h2_page("done"))}).error);
  EXPECT_EQ(body_, "done");
  EXPECT_THAT(requests_, SizeIs(2));
}

TEST_F(FetchingByHttp2, AGoawayBehindTheRequestChangesNothing) {
  EXPECT_FALSE(fetched_from({frames(h2::goaway(1, ErrorCode::NO_ERROR) + h2_page("done"))}).error);
  EXPECT_EQ(body_, "done");
  EXPECT_FALSE(fetched_from({frames(h2::goaway(0x7fff'ffff, ErrorCode::NO_ERROR) + h2_page("done"))}).error);
}

TEST_F(FetchingByHttp2, NeverSendsAgainWhatMayHaveBeenDone) {
  for (const std::string& end :
       {h2::headers(1, status("200"), false) + h2::rst_stream(1, ErrorCode::REFUSED_STREAM),
        h2::headers(1, status("103"), false) + h2::rst_stream(1, ErrorCode::REFUSED_STREAM),
        h2::rst_stream(1, ErrorCode::INTERNAL_ERROR), h2::rst_stream(1, ErrorCode::NO_ERROR)}) {
    const auto outcome = fetched_from({frames(end), frames(h2_page("done"))});
    EXPECT_EQ(outcome.error->rule, &rules::stream_reset) << outcome.error->what;
    EXPECT_EQ(outcome.exit_code(), 92);
    EXPECT_THAT(requests_, SizeIs(1));
  }
}

TEST_F(FetchingByHttp2, TakesHttp11WhereTheServerRequiresIt) {
  for (const std::string& wish :
       {h2::rst_stream(1, ErrorCode::HTTP_1_1_REQUIRED), h2::goaway(0, ErrorCode::HTTP_1_1_REQUIRED)}) {
    Scripted server({frames(wish), page("one")}, credential(), speaks({"h2", "http/1.1"}));
    const auto outcome = fetched(server.at("https"));
    ASSERT_FALSE(outcome.error) << outcome.error->what;
    EXPECT_EQ(outcome.http_version, HttpVersion::HTTP_1_1);
  }
}

// ---- time

TEST_F(FetchingByHttp2, AServerThatOnlyPingsStalls) {
  options_.stall_timeout = 200ms;
  Scripted::Dialogue pings{[begun = false](const std::string&) mutable {
    std::this_thread::sleep_for(5ms);
    return (std::exchange(begun, true) ? "" : h2::server_hello()) + h2::ping();
  }};
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(fetched_from({pings}).exit_code(), 28);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 3s);
}

TEST_F(FetchingByHttp2, AServerThatOpensNoWindowStalls) {
  options_.stall_timeout = 200ms;
  request_.method = "POST";
  request_.body = std::vector<std::uint8_t>(200'000, 'u');
  Scripted::Dialogue shut{[begun = false](const std::string&) mutable {
    return std::exchange(begun, true) ? "" : h2::settings({{SettingId::INITIAL_WINDOW_SIZE, 0}}) + h2::settings_ack();
  }};
  EXPECT_EQ(fetched_from({shut}).exit_code(), 28);
}

TEST_F(FetchingByHttp2, TheWholeFetchHasItsTime) {
  options_.max_time = 300ms;
  Scripted::Dialogue drip{[begun = false](const std::string&) mutable {
    std::this_thread::sleep_for(20ms);
    return (std::exchange(begun, true) ? "" : h2::server_hello() + h2::headers(1, status("200"), false)) +
           h2::data(1, "x") + h2::ping();
  }};
  const auto outcome = fetched_from({drip});
  EXPECT_EQ(outcome.exit_code(), 28);
  EXPECT_GT(outcome.body_bytes, 0U);
}

/// Its two coroutines end together, whoever ends them.
TEST_F(FetchingByHttp2, CanBeCancelled) {
  using namespace asio::experimental::awaitable_operators;
  Scripted server({Scripted::Dialogue{[](const std::string&) { return ""; }}}, credential(), speaks());
  request_.url = server.at("https");
  asio::io_context loop;
  const auto cancelled = [&]() -> net::Awaitable<bool> {
    asio::steady_timer timer(loop, 300ms);
    auto fetched = async_fetch(request_, options_);
    const auto first = co_await (std::move(fetched) || timer.async_wait(asio::use_awaitable));
    co_return first.index() == 1;
  };
  EXPECT_TRUE(net::testing::run(loop, cancelled()));
}

}  // namespace
}  // namespace padlock::client
