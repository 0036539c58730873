#include "padlock/net/name_server.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include <asio/ip/udp.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "padlock/base/text.h"
#include "padlock/base/writer.h"
#include "padlock/dns/limits.h"
#include "padlock/dns/rules.h"
#include "padlock/net/asio_endpoint.h"
#include "padlock/net/atomic_file.h"
#include "padlock/net/connect.h"
#include "padlock/net/plain_stream.h"
#include "padlock/net/rules.h"

namespace padlock::net {
namespace {

/// Of a message over UDP that nobody answers, until it is sent again.
constexpr std::chrono::seconds udp_patience{1};
constexpr std::size_t resolv_conf_bytes = std::size_t{64} * 1024;

std::unexpected<Error> failed(const Endpoint& server, const std::error_code& code) {
  const Rule& rule = says(code, std::errc::connection_refused) ? rules::connection_refused : rules::socket_failed;
  return broken(rule, "the name server " + to_string(server) + " cannot be asked: " + code.message());
}

/// Shared with the handler of its timer, which may come after the end.
struct UdpSocket {
  asio::ip::udp::socket socket;
  asio::steady_timer timer;
};

/// False: the time was over before.
Awaitable<bool> wait_readable(std::shared_ptr<UdpSocket> udp, Deadline until) {
  udp->timer.expires_at(until);
  udp->timer.async_wait([udp](std::error_code cancelled) {
    if (!cancelled) udp->socket.cancel();
  });
  std::error_code error;
  co_await udp->socket.async_wait(asio::ip::udp::socket::wait_read, asio::redirect_error(asio::use_awaitable, error));
  udp->timer.cancel();
  co_return !error;
}

/// What is there that answers; nothing: what came was no answer to this, or nothing came.
Result<std::optional<dns::Message>> take_answer(UdpSocket& udp, const Endpoint& server, std::uint16_t id,
                                                const dns::Question& question) {
  std::array<std::uint8_t, dns::limits::udp_message_bytes> room{};
  std::error_code error;
  const std::size_t size = udp.socket.receive(asio::buffer(room), 0, error);
  if (error == asio::error::would_block) return std::nullopt;
  if (error) return failed(server, error);
  auto message = dns::parse_message(Bytes(room).first(size));
  if (!message || !dns::answers_to(*message, id, question)) return std::nullopt;  // somebody else's, or forged
  return *std::move(message);
}

Awaitable<Result<dns::Message>> ask_by_udp(Endpoint server, std::uint16_t id, dns::Question question,
                                           std::vector<std::uint8_t> query, Deadline deadline) {
  const auto executor = co_await asio::this_coro::executor;
  const auto udp =
      std::make_shared<UdpSocket>(UdpSocket{asio::ip::udp::socket(executor), asio::steady_timer(executor)});
  const auto remote = to_asio(server);
  std::error_code error;
  udp->socket.connect({remote.address(), remote.port()}, error);  // opens it; answers of others never come
  if (!error) udp->socket.non_blocking(true, error);
  if (error) co_return failed(server, error);
  while (std::chrono::steady_clock::now() < deadline) {
    udp->socket.send(asio::buffer(query), 0, error);
    if (error) co_return failed(server, error);
    const Deadline again = std::min(deadline, deadline_in(udp_patience));
    while (co_await wait_readable(udp, again)) {
      auto answer = take_answer(*udp, server, id, question);
      PADLOCK_CO_TRY(answer);
      if (*answer) co_return **std::move(answer);
    }
  }
  co_return broken(rules::deadline_passed, "the name server " + to_string(server) + " does not answer");
}

}  // namespace

Awaitable<Result<std::vector<std::uint8_t>>> exchange_by_tcp(Endpoint server, std::vector<std::uint8_t> message,
                                                             Deadline deadline) {
  const std::string host = to_string(server);
  std::vector<Endpoint> servers{server};
  auto socket = co_await connect(host, std::move(servers), deadline);
  PADLOCK_CO_TRY(socket);
  PlainStream stream(*std::move(socket), Sender::client);
  std::vector<std::uint8_t> framed;
  Writer(framed).vec16([&](Writer& body) { body.bytes(message); });
  const std::array<Bytes, 1> pieces{framed};
  auto written = co_await stream.write(pieces, deadline);
  PADLOCK_CO_TRY(written);
  constexpr std::size_t length_bytes = 2;
  std::vector<std::uint8_t> answer;
  std::size_t wanted = length_bytes;
  while (answer.size() < wanted) {
    const auto bytes = co_await stream.read(deadline);
    PADLOCK_CO_TRY(bytes);
    if (bytes->empty())
      co_return broken(rules::closed_early, "the name server " + host + " closed the connection before its answer");
    answer.insert(answer.end(), bytes->begin(), bytes->end());
    if (answer.size() >= length_bytes) wanted = length_bytes + (static_cast<std::size_t>(answer[0]) << 8 | answer[1]);
  }
  answer.resize(wanted);
  answer.erase(answer.begin(), answer.begin() + length_bytes);
  co_return answer;
}

Awaitable<Result<dns::Message>> ask_name_server(Endpoint server, dns::Question question, bool recursion,
                                                crypto::Provider& provider, Deadline deadline) {
  std::array<std::uint8_t, 2> number{};
  if (const auto drawn = provider.random(number); !drawn) co_return std::unexpected(drawn.error());
  const auto id = static_cast<std::uint16_t>(number[0] << 8 | number[1]);
  std::vector<std::uint8_t> query = dns::write_query(id, question, recursion);
  auto answer = co_await ask_by_udp(server, id, question, query, deadline);
  if (!answer || !answer->truncated) co_return answer;
  const auto bytes = co_await exchange_by_tcp(server, std::move(query), deadline);
  PADLOCK_CO_TRY(bytes);
  auto whole = dns::parse_message(*bytes);
  PADLOCK_CO_TRY(whole);
  if (whole->truncated || !dns::answers_to(*whole, id, question))
    co_return broken(dns::rules::malformed_message,
                     "the name server " + to_string(server) + " answers over TCP what was not asked, or a part of it");
  co_return whole;
}

std::vector<Endpoint> name_servers_in(std::string_view text) {
  constexpr std::string_view blanks = " \t\r", word = "nameserver";
  std::vector<Endpoint> servers;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(text.size(), end + 1));
    if (!line.starts_with(word)) continue;
    line.remove_prefix(word.size());
    const std::size_t first = line.find_first_not_of(blanks);
    if (first == 0 || first == std::string_view::npos) continue;
    line = line.substr(first, line.find_first_of(blanks, first) - first);
    const bool v6 = line.find(':') != std::string_view::npos;
    const auto endpoint = parse_endpoint(v6 ? "[" + std::string(line) + "]:53" : std::string(line) + ":53");
    if (endpoint) servers.push_back(*endpoint);
  }
  if (servers.empty()) servers.push_back({.address = {.bytes = {127, 0, 0, 1}, .length = 4}, .port = dns_port});
  return servers;
}

std::vector<Endpoint> system_name_servers() {
  const auto text = read_file("/etc/resolv.conf", resolv_conf_bytes);
  return name_servers_in(text ? as_text(*text) : std::string_view());
}

std::optional<HostAndPort> parse_host_and_port(std::string_view text, std::uint16_t port_if_none) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const bool has_port = text.size() > end + 1;
    const auto endpoint =
        parse_endpoint(has_port ? std::string(text) : std::string(text) + ":" + std::to_string(port_if_none));
    if (!endpoint) return std::nullopt;
    return HostAndPort{std::string(text.substr(1, end - 1)), endpoint->port};
  }
  const std::size_t colon = text.find(':');
  const std::string_view host = text.substr(0, colon);
  if (!dns::Name::parse(host) || host.ends_with('.')) return std::nullopt;
  if (colon == std::string_view::npos) return HostAndPort{std::string(host), port_if_none};
  const auto port = parse_decimal(text.substr(colon + 1));
  if (!port || *port == 0 || *port > 0xffff) return std::nullopt;
  return HostAndPort{std::string(host), static_cast<std::uint16_t>(*port)};
}

}  // namespace padlock::net
