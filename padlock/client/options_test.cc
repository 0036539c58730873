#include <gtest/gtest.h>

#include "padlock/client/fetch.h"
#include "padlock/client/rules.h"

namespace padlock::client {
namespace {

TEST(ResolveOption, ReadsCurlsForm) {
  const auto entry = parse_resolve_entry("Example.TEST:443:127.0.0.1,[::1],2001:db8::1");
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->host, "example.test");
  EXPECT_EQ(entry->port, 443);
  ASSERT_EQ(entry->addresses.size(), 3U);
  EXPECT_EQ(x509::to_string(entry->addresses[1]), "::1");
  EXPECT_EQ(x509::to_string(entry->addresses[2]), "2001:db8::1");
}

TEST(ResolveOption, RefusesWhatIsIncomplete) {
  for (const auto* text :
       {"", "a", "a:1", "a:1:", ":1:127.0.0.1", "a:x:127.0.0.1", "a:1:host", "a:1:127.0.0.1,", "a:65536:127.0.0.1"}) {
    const auto entry = parse_resolve_entry(text);
    ASSERT_FALSE(entry) << text;
    EXPECT_EQ(entry.error().rule, &rules::bad_option);
  }
}

TEST(ConnectToOption, ReadsCurlsFormWithItsGaps) {
  const auto all = parse_connect_to("example.test:443:localhost:8443");
  ASSERT_TRUE(all);
  EXPECT_EQ(all->host, "example.test");
  EXPECT_EQ(all->port, 443);
  EXPECT_EQ(all->to_host, "localhost");
  EXPECT_EQ(all->to_port, 8443);
  const auto any = parse_connect_to("::[::1]:");
  ASSERT_TRUE(any);
  EXPECT_EQ(any->host, "");
  EXPECT_EQ(any->port, std::nullopt);
  EXPECT_EQ(any->to_host, "::1");
  EXPECT_EQ(any->to_port, std::nullopt);
}

TEST(ConnectToOption, RefusesWhatIsIncomplete) {
  for (const auto* text : {"", "a", "a:1", "a:1:b", "a:x:b:1", "a:1:b:70000"}) {
    EXPECT_FALSE(parse_connect_to(text)) << text;
  }
}

}  // namespace
}  // namespace padlock::client
