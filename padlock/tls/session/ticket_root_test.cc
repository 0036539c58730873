// What a fleet shares of its tickets (docs/threats.md, T25).
#include "padlock/tls/session/ticket_root.h"

#include <gtest/gtest.h>

#include <string>

#include "padlock/tls/session/ticket_keys.h"
#include "padlock/tls/testing/sessions.h"

namespace padlock::tls {
namespace {

using namespace std::chrono_literals;
using testing::beginning;

class TicketRoots : public ::testing::Test {
 protected:
  TicketKeys keys(const TicketRoot& root, std::uint8_t node) {
    return {*provider_, root.root.duplicate(), root.since, TicketSource{{node}, {node}}, root.period};
  }
  static std::string opened(TicketKeys& keys, Bytes ticket, WallTime now) {
    std::vector<std::uint8_t> copy(ticket.begin(), ticket.end());
    const auto session = keys.open(copy, now);
    return session ? std::string(as_text(*session)) : "nothing";
  }

  std::unique_ptr<crypto::Provider> provider_ = crypto::make_provider();
  TicketRoot root_ = make_ticket_root(*provider_, beginning).value();
};

TEST_F(TicketRoots, AreReadBackAsTheyWereWritten) {
  root_.period = 7;
  const SecretBytes bytes = write_ticket_root(root_);
  const auto read = parse_ticket_root(bytes.reveal());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->family, root_.family);
  EXPECT_EQ(read->since, beginning);
  EXPECT_EQ(read->period, 7U);
  EXPECT_TRUE(equal_constant_time(read->root.reveal(), root_.root.reveal()));
  for (std::size_t size = 0; size < bytes.reveal().size(); ++size)
    EXPECT_FALSE(parse_ticket_root(bytes.reveal().first(size))) << size;
}

TEST_F(TicketRoots, OpenForANodeThatStartsLaterWhatOthersSealInThisPeriodAndTheLast) {
  TicketKeys old = keys(root_, 1);
  for (int period = 0; period < 6; ++period) {
    const WallTime now = beginning + period * 12h + 1h;
    const auto ticket = old.seal(as_bytes("a session"), now);
    TicketKeys late = keys(advanced_to(root_.duplicate(), now), 2);
    EXPECT_EQ(opened(late, ticket, now), "a session") << period;
    TicketKeys later = keys(advanced_to(root_.duplicate(), now + 12h), 3);
    EXPECT_EQ(opened(later, ticket, now + 12h), "a session") << period;
    const auto of_late = late.seal(as_bytes("of the other"), now);
    EXPECT_EQ(opened(old, of_late, now), "of the other") << period;
  }
}

TEST_F(TicketRoots, ThatWentForwardOpenNothingOfBefore) {
  TicketKeys old = keys(root_, 1);
  const auto ticket = old.seal(as_bytes("a session"), beginning);
  const TicketRoot forward = advanced_to(root_.duplicate(), beginning + 40h);
  EXPECT_EQ(forward.period, 2U);
  TicketKeys late = keys(forward, 2);
  EXPECT_EQ(opened(late, ticket, beginning), "nothing") << "whatever the clock says";
  EXPECT_EQ(advanced_to(forward.duplicate(), beginning).period, 2U) << "never back";
  EXPECT_EQ(advanced_to(root_.duplicate(), beginning + 100 * std::chrono::years(1)).period, 0U) << "no endless work";
}

}  // namespace
}  // namespace padlock::tls
