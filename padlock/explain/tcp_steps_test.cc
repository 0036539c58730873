#include "padlock/explain/tcp_steps.h"

#include <algorithm>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "padlock/explain/make_ladder.h"
#include "padlock/explain/testing/recording.h"

namespace padlock::explain {
namespace {

using namespace std::chrono_literals;
using testing::client_end;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Recording;
using testing::server_end;

constexpr std::chrono::sys_time<std::chrono::nanoseconds> start{1000s};

net::Packet packet(bool by_client, std::chrono::nanoseconds at) {
  net::Packet packet;
  packet.time = start + at;
  packet.source = by_client ? client_end : server_end;
  packet.destination = by_client ? server_end : client_end;
  packet.packet_bytes = 60;
  packet.ack = true;
  return packet;
}

std::vector<net::Packet> opening_packets() {
  net::Packet syn = packet(true, 1ms);
  syn.syn = true;
  syn.ack = false;
  syn.sequence = 1'000'000;
  syn.options.mss = 1460;
  net::Packet syn_ack = packet(false, 2ms);
  syn_ack.syn = true;
  net::Packet ack = packet(true, 3ms);
  return {syn, syn, syn_ack, syn_ack, ack, ack};  // each is seen twice, leaving and coming
}

std::vector<std::string> titles(const std::vector<Step>& steps) {
  std::vector<std::string> all;
  std::ranges::transform(steps, std::back_inserter(all), &Step::title);
  return all;
}

class TcpSteps : public ::testing::Test {
 protected:
  TcpEvidence evidence() const { return {connected_, connection_, 1ms, 5ms, start}; }
  trace::Connected connected_{client_end, server_end, {}};
  trace::Connection connection_;
};

TEST_F(TcpSteps, AreTheCapturedPacketsEachOnce) {
  connection_.packets = opening_packets();
  const auto steps = opening_steps(evidence());
  EXPECT_THAT(titles(steps), ElementsAre("SYN", "SYN-ACK", "ACK"));
  EXPECT_EQ(steps[0].at, 1ms);
  EXPECT_EQ(steps[1].sender, Party::server);
  EXPECT_EQ(steps[2].wire_bytes, 60U);
  EXPECT_EQ(steps[0].facts.front().value, "1,000,000");
  EXPECT_THAT(steps[0].facts.back().value, HasSubstr("1,460 bytes"));
}

TEST_F(TcpSteps, ComeFromTcpInfoWithoutPackets) {
  connected_.info.rtt = 2500us;
  const auto steps = opening_steps(evidence());
  EXPECT_THAT(titles(steps), ElementsAre("SYN", "SYN-ACK", "ACK"));
  EXPECT_EQ(steps[0].at, 1ms);
  EXPECT_EQ(steps[1].at, 3500us);
  EXPECT_EQ(steps[2].at, 5ms);
  EXPECT_FALSE(steps[0].wire_bytes);  // nobody has seen the packet
  EXPECT_EQ(steps[1].facts.front().value, "2.500 ms");
}

TEST_F(TcpSteps, NeverTellThatTheAnswerCameAfterTheConnection) {
  connected_.info.rtt = 10s;
  EXPECT_EQ(opening_steps(evidence())[1].at, 5ms);
}

TEST_F(TcpSteps, CloseAsThePacketsSay) {
  connection_.packets = opening_packets();
  net::Packet fin = packet(false, 7ms);
  fin.fin = true;
  net::Packet reset = packet(true, 8ms);
  reset.rst = true;
  connection_.packets.push_back(fin);
  connection_.packets.push_back(reset);
  const auto steps = closing_steps(evidence(), net::CloseKind::fin_by_us, 6ms);
  EXPECT_THAT(titles(steps), ElementsAre("FIN", "RST"));
  EXPECT_EQ(steps[0].sender, Party::server);
  EXPECT_EQ(steps[1].sender, Party::client);
}

TEST_F(TcpSteps, CloseAsTheSocketSawItWithoutPackets) {
  const auto by_peer = closing_steps(evidence(), net::CloseKind::fin_by_peer, 6ms);
  EXPECT_THAT(titles(by_peer), ElementsAre("FIN", "FIN"));
  EXPECT_EQ(by_peer[0].sender, Party::server);
  EXPECT_THAT(titles(closing_steps(evidence(), net::CloseKind::fin_by_us, 6ms)), ElementsAre("FIN"));
  const auto reset = closing_steps(evidence(), net::CloseKind::reset, 6ms);
  EXPECT_THAT(titles(reset), ElementsAre("RST"));
  EXPECT_FALSE(reset[0].sender);
}

/// A tap that has what it is given.
class GivenPackets final : public PacketTap {
 public:
  void connecting(const net::Endpoint&) override {}
  void connected(const net::Endpoint&, const net::Endpoint&) override { connected_ = true; }
  std::vector<net::Packet> take() override { return connected_ ? opening_packets() : std::vector<net::Packet>(); }
  std::string why_not() const override { return why_not_; }
  std::string why_not_;

 private:
  bool connected_ = false;
};

TEST(TcpNote, SaysWhereTheStepsComeFrom) {
  GivenPackets tap;
  Recording told(&tap);
  told.connect();
  const Ladder captured = make_ladder(told.take(), {}, {});
  EXPECT_EQ(captured.tcp_source, TcpSource::captured);
  EXPECT_THAT(captured.tcp_note, HasSubstr("captured"));
  Recording alone;
  alone.connect();
  trace::Trace trace = alone.take();
  trace.not_captured = "cannot capture packets: not permitted";
  const Ladder told_by_kernel = make_ladder(trace, {}, {});
  EXPECT_EQ(told_by_kernel.tcp_source, TcpSource::tcp_info);
  EXPECT_THAT(told_by_kernel.tcp_note, ::testing::AllOf(HasSubstr("TCP_INFO"), HasSubstr("not permitted")));
}

}  // namespace
}  // namespace padlock::explain
