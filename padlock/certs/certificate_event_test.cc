#include "padlock/certs/certificate_event.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "padlock/acme/rules.h"
#include "padlock/certs/certificate_health.h"
#include "padlock/certs/event_outbox.h"

namespace padlock::certs {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using EventKind = CertificateEvent::Kind;

constexpr WallTime start{std::chrono::seconds(1'790'000'000)};

TEST(CertificateEvents, AreAnObjectOfJsonWithWhatIsKnown) {
  const CertificateEvent event{.kind = EventKind::cert_failed,
                               .time = start,
                               .names = {"shop.test", "www.shop.test"},
                               .ca = "ca.test",
                               .not_after = start + days(9),
                               .why = Error{&acme::rules::caa, "the CAA records forbid it"},
                               .failures = 3,
                               .next_try = start + 4min};
  const auto json = nlohmann::json::parse(write_event(event, "node1"));
  EXPECT_EQ(json, (nlohmann::json{{"event", "cert_failed"},
                                  {"time", "2026-09-21T14:13:20Z"},
                                  {"host", "node1"},
                                  {"name", "shop.test"},
                                  {"names", {"shop.test", "www.shop.test"}},
                                  {"ca", "ca.test"},
                                  {"not_after", "2026-09-30T14:13:20Z"},
                                  {"code", acme::rules::caa.code},
                                  {"reason", "the CAA records forbid it"},
                                  {"advice", acme::rules::caa.hint},
                                  {"failures", 3},
                                  {"next_try", "2026-09-21T14:17:20Z"}}));
  const auto of_a_ca =
      nlohmann::json::parse(write_event({.kind = EventKind::ca_passed_over, .ca = "ca.test"}, "node1"));
  EXPECT_EQ(of_a_ca.size(), 4U);
}

TEST(CertificateEvents, AreKnownByTheirNames) {
  EXPECT_EQ(event_kind_names().size(), 7U);
  for (const std::string_view name : event_kind_names()) EXPECT_EQ(name_of(find_event_kind(name).value()), name);
  EXPECT_EQ(find_event_kind("cert_lost"), std::nullopt);
}

/// A CA may say what it likes: whoever runs programs takes one message of bounded size, and nothing but a line of text.
TEST(CertificateEvents, AreOneShortLineWhateverTheCaSays) {
  CertificateEvent event{.kind = EventKind::cert_recalled, .time = start};
  for (int number = 0; number < 100; ++number) event.names.push_back(std::string(253, 'a'));
  event.ca = std::string(100, 'c');
  event.why = Error{&acme::rules::caa, std::string(100'000, '"')};
  event.explanation_url = "https://ca.test/\n" + std::string(100'000, '\\');
  event.not_after = event.next_try = start;
  const std::string text = write_event(event, std::string(300, '"'));
  EXPECT_LE(text.size(), event_bytes);
  EXPECT_EQ(kind_of_event(text), EventKind::cert_recalled);
  EXPECT_EQ(nlohmann::json::parse(text)["names"].size(), event_names);
  EXPECT_TRUE(nlohmann::json::parse(text)["explanation"].get<std::string>().starts_with("https://ca.test/?"));
}

TEST(CertificateEvents, AreToldFromAnyOtherText) {
  const std::string text = write_event({.kind = EventKind::cert_expired, .time = start, .names = {"a.test"}}, "node1");
  EXPECT_EQ(kind_of_event(text), EventKind::cert_expired);
  for (const std::string& wrong :
       {std::string(), text + "\n", "\n" + text, text.substr(1), text.substr(0, text.size() - 1),
        std::string(R"({"event":"cert_lost"})"), std::string(R"({"event":"cert_expired)"), text + "\x01}",
        text + std::string(event_bytes, ' ') + "}"})
    EXPECT_EQ(kind_of_event(wrong), std::nullopt) << wrong;
}

TEST(CertificateHealth, IsLateWithAQuarterOfTheLifeLeft) {
  const WallTime end = start + days(80);
  EXPECT_EQ(health_of(start, end, start + days(60)), Health::good);
  EXPECT_EQ(health_of(start, end, start + days(60) + 1s), Health::late);
  EXPECT_EQ(health_of(start, end, end - 1s), Health::late);
  EXPECT_EQ(health_of(start, end, end), Health::expired);
}

// ---- on their way ---------------------------------------------------------------------------------------------------

class Outbox : public ::testing::Test {
 protected:
  EventOutbox outbox_{event_tries};
  Instant now_{.monotonic = 1h, .wall = start};
};

TEST_F(Outbox, GivesOneAfterTheOther) {
  EXPECT_EQ(outbox_.next(now_), nullptr);
  outbox_.add("a");
  outbox_.add("b");
  EXPECT_EQ(*outbox_.next(now_), "a");
  EXPECT_EQ(*outbox_.next(now_), "a") << "until it is delivered";
  outbox_.delivered();
  EXPECT_EQ(*outbox_.next(now_), "b");
  outbox_.delivered();
  EXPECT_EQ(outbox_.next(now_), nullptr);
  EXPECT_EQ(outbox_.counts().delivered, 2U);
}

TEST_F(Outbox, TriesAFewTimesEverLaterAndGivesUp) {
  outbox_.add("a");
  outbox_.add("b");
  std::chrono::seconds pause = 2s;
  for (unsigned number = 1; number < event_tries; ++number) {
    ASSERT_NE(outbox_.next(now_), nullptr);
    outbox_.failed(now_);
    now_.monotonic += pause - 1s;
    EXPECT_EQ(outbox_.next(now_), nullptr) << number;
    now_.monotonic += 1s;
    pause *= 4;
  }
  EXPECT_EQ(*outbox_.next(now_), "a");
  EXPECT_EQ(outbox_.counts().failed, 0U);
  outbox_.failed(now_);
  EXPECT_EQ(*outbox_.next(now_), "b");
  EXPECT_EQ(outbox_.counts().failed, 1U);
}

TEST_F(Outbox, KeepsTheNewestOfTooMany) {
  outbox_.add("in hand");
  ASSERT_NE(outbox_.next(now_), nullptr);
  for (std::size_t number = 0; number <= events_waiting; ++number) outbox_.add(std::to_string(number));
  EXPECT_EQ(outbox_.counts().dropped, 1U);
  EXPECT_EQ(*outbox_.next(now_), "in hand");
  outbox_.delivered();
  EXPECT_EQ(*outbox_.next(now_), "1");
}

}  // namespace
}  // namespace padlock::certs
