#include "padlock/net/name_server.h"

#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ip/udp.hpp>
#include <asio/read.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <functional>

#include "padlock/base/writer.h"
#include "padlock/net/rules.h"
#include "padlock/net/test_loop.h"

namespace padlock::net {
namespace {

using testing::run;
using Answer = std::vector<std::uint8_t>;

const dns::Question question{dns::Name::parse("a.test").value(), dns::Type::TXT};

/// The query as its own answer, with these flags and one TXT record, or none.
Answer answer_to(Bytes query, std::uint16_t flags, std::string_view text) {
  Answer answer(query.begin(), query.end());
  answer[2] = static_cast<std::uint8_t>(flags >> 8);
  answer[3] = static_cast<std::uint8_t>(flags);
  if (text.empty()) return answer;
  answer[7] = 1;  // ANCOUNT
  Writer out(answer);
  out.u16(0xc00c);
  out.u16(16);
  out.u16(1);
  out.u32(60);
  out.vec16([&](Writer& data) { dns::write_txt(data, text); });
  return answer;
}

std::vector<Answer> just(const Answer& answer) { return {answer}; }

/// A name server on a port of UDP and TCP, which answers as a test says.
struct NameServer {
  using Says = std::function<std::vector<Answer>(Bytes query)>;
  NameServer(asio::io_context& loop, Says by_udp, Says by_tcp)
      : acceptor(loop, {asio::ip::address_v4::loopback(), 0}),
        socket(loop, asio::ip::udp::endpoint(asio::ip::address_v4::loopback(), acceptor.local_endpoint().port())) {
    asio::co_spawn(loop, serve_udp(std::move(by_udp)), asio::detached);
    asio::co_spawn(loop, serve_tcp(std::move(by_tcp)), asio::detached);
  }
  Endpoint endpoint() const {
    return {.address = {.bytes = {127, 0, 0, 1}, .length = 4}, .port = acceptor.local_endpoint().port()};
  }
  Awaitable<void> serve_udp(Says says) {
    for (;;) {
      Answer query(512);
      asio::ip::udp::endpoint from;
      const std::size_t size = co_await socket.async_receive_from(asio::buffer(query), from, asio::use_awaitable);
      for (const Answer& one : says(Bytes(query).first(size)))
        co_await socket.async_send_to(asio::buffer(one), from, asio::use_awaitable);
    }
  }
  Awaitable<void> serve_tcp(Says says) {
    auto client = co_await acceptor.async_accept(asio::use_awaitable);
    Answer head(2);
    co_await asio::async_read(client, asio::buffer(head), asio::use_awaitable);
    Answer query(static_cast<std::size_t>(head[0]) << 8 | head[1]);
    co_await asio::async_read(client, asio::buffer(query), asio::use_awaitable);
    for (const Answer& one : says(query)) co_await asio::async_write(client, asio::buffer(one), asio::use_awaitable);
  }
  asio::ip::tcp::acceptor acceptor;
  asio::ip::udp::socket socket;
};

Answer framed(const Answer& message) {
  Answer bytes;
  Writer(bytes).vec16([&](Writer& body) { body.bytes(message); });
  return bytes;
}

class NameServerTest : public ::testing::Test {
 protected:
  Result<dns::Message> ask(NameServer::Says by_udp, NameServer::Says by_tcp = nobody,
                           std::chrono::milliseconds patience = std::chrono::seconds(15)) {
    NameServer server(loop_, std::move(by_udp), std::move(by_tcp));
    auto answer = run(loop_, ask_name_server(server.endpoint(), question, true, *provider_, deadline_in(patience)));
    return answer;
  }
  static std::vector<Answer> nobody(Bytes) { return {}; }
  static std::string text_of(const Result<dns::Message>& message) {
    if (!message) return std::string(message.error().rule->code);
    const auto found = message->find(question.name, dns::Type::TXT);
    return found.empty() ? "none" : dns::parse_txt(found.front()->data).value();
  }

  asio::io_context loop_;
  std::unique_ptr<crypto::Provider> provider_ = crypto::make_provider();
};

TEST_F(NameServerTest, AnswersByUdp) {
  EXPECT_EQ(text_of(ask([](Bytes query) { return just(answer_to(query, 0x8400, "xyz")); })), "xyz");
}

/// RFC 1035, section 4.2.1, has it cut the answer.
TEST_F(NameServerTest, MaySayMoreThanItShould) {
  const std::string text(1'000, 'x');
  EXPECT_EQ(text_of(ask([&](Bytes query) { return just(answer_to(query, 0x8400, text)); })), text);
}

TEST_F(NameServerTest, IsNotMistakenForSomebodyElse) {
  const auto answer = ask([](Bytes query) {
    Answer forged = answer_to(query, 0x8400, "forged"), other = forged;
    forged[0] ^= 1;  // another number
    other[13] ^= 1;  // another question
    return std::vector<Answer>{forged, other, Answer{1, 2, 3}, answer_to(query, 0x8400, "xyz")};
  });
  EXPECT_EQ(text_of(answer), "xyz");
}

TEST_F(NameServerTest, IsAskedAgainWhenADatagramIsLost) {
  int asked = 0;
  const auto answer =
      ask([&](Bytes query) { return ++asked < 2 ? std::vector<Answer>() : just(answer_to(query, 0x8400, "xyz")); });
  EXPECT_EQ(text_of(answer), "xyz");
}

TEST_F(NameServerTest, IsAskedByTcpForWhatIsTooLong) {
  const std::string longest(1500, 'x');
  const auto cut = [](Bytes query) { return just(answer_to(query, 0x8600, "")); };
  EXPECT_EQ(text_of(ask(cut, [&](Bytes query) { return just(framed(answer_to(query, 0x8400, longest))); })), longest);
  const auto half = [&](Bytes query) {
    Answer whole = framed(answer_to(query, 0x8400, longest));
    whole.resize(700);
    return just(whole);
  };
  EXPECT_EQ(text_of(ask(cut, half)), rules::closed_early.code);
  const auto cut_again = [](Bytes query) { return just(framed(answer_to(query, 0x8600, ""))); };
  EXPECT_EQ(text_of(ask(cut, cut_again)), "dns.message.malformed");
}

TEST_F(NameServerTest, ThatIsSilentIsLeftAtTheDeadline) {
  EXPECT_EQ(text_of(ask(nobody, nobody, std::chrono::milliseconds(50))), rules::deadline_passed.code);
}

TEST_F(NameServerTest, ThatIsNotThereIsSaid) {
  asio::ip::udp::socket unused(loop_, asio::ip::udp::endpoint(asio::ip::address_v4::loopback(), 0));
  const Endpoint nobody{.address = {.bytes = {127, 0, 0, 1}, .length = 4}, .port = unused.local_endpoint().port()};
  unused.close();
  EXPECT_EQ(
      text_of(run(loop_, ask_name_server(nobody, question, true, *provider_, deadline_in(std::chrono::seconds(15))))),
      rules::connection_refused.code);
}

TEST(NameServers, AreReadFromResolvConf) {
  const auto found = name_servers_in(
      "# nameserver 1.1.1.1\nsearch a.test\nnameserver 192.0.2.1\nnameserver\t2001:db8::1\r\n"
      "nameserver x\nnameservers 192.0.2.9\n");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(to_string(found[0]), "192.0.2.1:53");
  EXPECT_EQ(to_string(found[1]), "[2001:db8::1]:53");
  EXPECT_EQ(to_string(name_servers_in("").front()), "127.0.0.1:53");
}

TEST(HostsWithPorts, AreReadOrRefused) {
  EXPECT_EQ(parse_host_and_port("ns.a.test", 53), (HostAndPort{"ns.a.test", 53}));
  EXPECT_EQ(parse_host_and_port("192.0.2.1:5353", 53), (HostAndPort{"192.0.2.1", 5353}));
  EXPECT_EQ(parse_host_and_port("[2001:db8::1]:54", 53), (HostAndPort{"2001:db8::1", 54}));
  EXPECT_EQ(parse_host_and_port("[2001:db8::1]", 53), (HostAndPort{"2001:db8::1", 53}));
  for (const std::string_view wrong : {"", "a:", "a:0", "a:70000", "a:x", "[::1", "[x]:1", "a b", "::1", ":53"})
    EXPECT_FALSE(parse_host_and_port(wrong, 53)) << wrong;
}

}  // namespace
}  // namespace padlock::net
