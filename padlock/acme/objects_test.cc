#include "padlock/acme/objects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "padlock/acme/job.h"
#include "padlock/acme/limits.h"
#include "padlock/acme/response_fields.h"
#include "padlock/acme/rules.h"
#include "padlock/acme/timestamp.h"
#include "padlock/base/text.h"
#include "padlock/x509/test_certificates.h"

namespace padlock::acme {
namespace {

using x509::testing::make_key;
using x509::testing::test_now;

const Origin origin = Origin::of("https://ca.test:14000/dir").value();

std::string time_text(std::string_view text) {
  const auto time = parse_timestamp(text);
  return time ? to_string(*time) : "none";
}

TEST(Timestamp, IsThatOfRfc3339) {
  EXPECT_EQ(time_text("2026-03-01T12:00:00Z"), "2026-03-01 12:00:00 UTC");
  EXPECT_EQ(time_text("2026-03-01t12:00:00.999999999z"), "2026-03-01 12:00:00 UTC");
  EXPECT_EQ(time_text("2026-03-01T12:00:00+01:30"), "2026-03-01 10:30:00 UTC");
  EXPECT_EQ(time_text("2026-03-01T23:00:00-02:00"), "2026-03-02 01:00:00 UTC");
  EXPECT_EQ(time_text("2016-12-31T23:59:60Z"), "2017-01-01 00:00:00 UTC");
  for (const auto* const wrong :
       {"", "2026", "2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "2026-03-01T24:00:00Z", "2026-03-01T12:00:00",
        "2026-03-01T12:00:00.Z", "2026-03-01T12:00:00Z ", "2026-03-01T12:61:00Z", "20260301T120000Z",
        "2026-03-01T12:00:00+99:00", "-026-03-01T12:00:00Z"})
    EXPECT_EQ(time_text(wrong), "none") << wrong;
}

TEST(AcmeUrls, AreOfTheDirectorysOrigin) {
  EXPECT_EQ(origin.check("https://CA.test:14000/x?y", "it").value(), "https://ca.test:14000/x?y");
  EXPECT_EQ(origin.check("https://ca.test/x", "it").error().rule, &rules::url_off_origin);
  EXPECT_EQ(Origin::of("http://ca.test/dir").error().rule, &rules::url_not_https);
  const auto session = Session::make("http://ca.test/dir", AccountKey::make(make_key()).value());
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().rule, &rules::url_not_https);
}

TEST(RenewalInfo, EndsAfterItBegins) {
  const auto read = [](std::string_view start, std::string_view end) {
    const std::string text = R"({"suggestedWindow":{"start":")" + std::string(start) + R"(","end":")" +
                             std::string(end) + R"("},"explanationURL":"https://ca.test/why"})";
    return parse_renewal_info(as_bytes(text));
  };
  const auto good = read("2026-03-01T12:00:00Z", "2026-03-02T12:00:00Z");
  ASSERT_TRUE(good);
  EXPECT_EQ(good->explanation_url, "https://ca.test/why");
  EXPECT_EQ(read("2026-03-02T12:00:00Z", "2026-03-01T12:00:00Z").error().rule, &rules::renewal_window);
  EXPECT_EQ(read("2026-03-02T12:00:00Z", "2026-03-02T12:00:00Z").error().rule, &rules::renewal_window);
  EXPECT_EQ(read("yesterday", "today").error().rule, &rules::field_malformed);
  EXPECT_EQ(parse_renewal_info(as_bytes("{}")).error().rule, &rules::field_malformed);
}

TEST(RenewalInfo, IsNotOfferedByEveryServer) {
  auto session = Session::make("https://ca.test/dir", AccountKey::make(make_key()).value()).value();
  session.set_directory({});
  RenewalInquiry inquiry("a.b");
  EXPECT_EQ(inquiry.begin(session, {}).error().rule, &rules::not_offered);
}

TEST(Order, HasItsErrorAsAProblem) {
  const auto order =
      parse_order(as_bytes(
                      R"({"status":"invalid","identifiers":[{"type":"dns","value":"A.test"}],"authorizations":[],
          "finalize":"https://ca.test:14000/f","error":{"type":"urn:ietf:params:acme:error:caa","detail":"no",
          "subproblems":[{"type":"x","detail":"why","identifier":{"type":"dns","value":"a.test"}}]}})"),
                  origin);
  ASSERT_TRUE(order) << order.error().to_string();
  EXPECT_EQ(order->error->type, "caa");
  const Error error = broken(*order->error, "the order").error();
  EXPECT_EQ(error.rule, &rules::caa);
  EXPECT_EQ(error.what, "the order: the CA says caa: no; a.test: why");
}

TEST(Order, RefusesWhatItCannotBe) {
  for (
      const std::string_view text :
      {R"({"status":1,"identifiers":[],"authorizations":[],"finalize":"https://ca.test:14000/f"})",
       R"({"status":"ready","identifiers":{},"authorizations":[],"finalize":"https://ca.test:14000/f"})",
       R"({"status":"ready","identifiers":[1],"authorizations":[],"finalize":"https://ca.test:14000/f"})",
       R"({"status":"ready","identifiers":[{"type":"ip","value":"a.test"}],"authorizations":[],"finalize":"https://ca.test:14000/f"})",
       R"({"status":"ready","identifiers":[],"authorizations":[1],"finalize":"https://ca.test:14000/f"})",
       R"({"status":"ready","identifiers":[],"authorizations":[],"finalize":"https://ca.test:14000/f","error":1})"}) {
    const auto order = parse_order(as_bytes(text), origin);
    ASSERT_FALSE(order) << text;
    EXPECT_EQ(order.error().rule, &rules::field_malformed) << text;
  }
}

TEST(ResponseFields, FindTheLinksThatSayAlternate) {
  http::Fields fields;
  fields.add("Link", R"(<https://ca.test/dir>;rel="index", <https://ca.test/1>; rel="alternate")");
  fields.add("link", R"(<https://ca.test/2>;title="a, <b>";rel=alternate)");
  fields.add("Link", "<https://ca.test/3");
  EXPECT_THAT(alternates_of(fields), ::testing::ElementsAre("https://ca.test/1", "https://ca.test/2"));
  for (int at = 0; at < 20; ++at) fields.add("Link", R"(<https://ca.test/x>;rel="alternate")");
  EXPECT_EQ(alternates_of(fields).size(), limits::alternates);
}

TEST(ResponseFields, KnowHowLongToWait) {
  const auto after = [](std::string_view text) {
    http::Fields fields;
    fields.add("Retry-After", text);
    return retry_after_of(fields, test_now);
  };
  EXPECT_EQ(after("120"), std::chrono::minutes(2));
  EXPECT_EQ(after("99999999999999"), limits::retry_after);
  EXPECT_EQ(after("Wed, 04 Mar 2026 10:00:00 GMT"), std::chrono::hours(1));
  EXPECT_EQ(after("Wed, 04 Mar 2020 10:00:00 GMT"), std::nullopt);
  EXPECT_EQ(after("soon"), std::nullopt);
  EXPECT_EQ(after("-5"), std::nullopt);
}

}  // namespace
}  // namespace padlock::acme
