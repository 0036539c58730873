#include "padlock/cli/certificate_watch.h"

#include <gtest/gtest.h>

namespace padlock::cli {
namespace {

using std::chrono::days;
using Kind = certs::CertificateEvent::Kind;

constexpr WallTime start{std::chrono::seconds(1'790'000'000)};

server::SiteStatus site(const std::string& name, WallTime from, std::chrono::seconds life) {
  return {.names = {name, "www." + name}, .content = "", .certificates = {{{name}, "CA", from + life, from}}};
}

std::vector<Kind> kinds_of(const std::vector<certs::CertificateEvent>& events) {
  std::vector<Kind> kinds;
  kinds.reserve(events.size());
  for (const auto& event : events) kinds.push_back(event.kind);
  return kinds;
}

TEST(CertificatesThatAreWatched, AreToldOfOnceWhenTheyAreLateAndOnceWhenTheyHaveExpired) {
  CertificateWatch watch;
  const std::vector sites{site("a.test", start, days(80)), site("b.test", start, days(400))};
  std::vector<Kind> told;
  for (WallTime now = start; now < start + days(90); now += std::chrono::hours(1)) {
    for (const auto& event : watch.look(sites, now)) {
      told.push_back(event.kind);
      EXPECT_EQ(event.names, sites[0].names);
      EXPECT_EQ(event.ca, "CA");
      EXPECT_EQ(event.not_after, start + days(80));
      EXPECT_EQ(event.time, now);
    }
  }
  EXPECT_EQ(told, (std::vector{Kind::cert_expiring, Kind::cert_expired}));
}

TEST(CertificatesThatAreWatched, AreOthersOnceTheyAreRenewed) {
  CertificateWatch watch;
  EXPECT_EQ(kinds_of(watch.look({site("a.test", start, days(4))}, start + days(4))), std::vector{Kind::cert_expired});
  EXPECT_TRUE(watch.look({site("a.test", start + days(4), days(4))}, start + days(5)).empty());
  EXPECT_EQ(kinds_of(watch.look({site("a.test", start + days(4), days(4))}, start + days(9))),
            std::vector{Kind::cert_expired});
}

/// One of RSA beside one of ECDSA, from the same minute.
TEST(CertificatesThatAreWatched, OfOneEndAreOneEvent) {
  CertificateWatch watch;
  auto both = site("a.test", start, days(4));
  both.certificates.push_back(both.certificates.front());
  EXPECT_EQ(watch.look({both}, start + days(4)).size(), 1U);
  EXPECT_TRUE(watch.look({both}, start + days(4)).empty());
}

}  // namespace
}  // namespace padlock::cli
