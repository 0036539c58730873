#include "padlock/cli/admin_client.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>
#include <variant>

#include "padlock/base/text.h"
#include "padlock/cli/admin_place.h"
#include "padlock/cli/rules.h"
#include "padlock/http/h1/connection.h"
#include "padlock/net/clock.h"
#include "padlock/net/output_file.h"
#include "padlock/net/unix_socket.h"

namespace padlock::cli {
namespace {

constexpr time_t patience_seconds = 120;         // a reload may have many certificates to make
constexpr std::size_t most_bytes = 64UL << 20U;  // ten thousand sites fit

/// Takes the events that have come. True: the reply is whole.
Result<bool> take_events(http::h1::Connection& http, AdminReply& reply) {
  while (auto event = http.next_event()) {
    if (const auto* head = std::get_if<http::h1::ResponseHead>(&*event)) reply.status = head->response.status;
    if (const auto* data = std::get_if<http::h1::BodyData>(&*event)) reply.body += as_text(data->bytes);
    if (const auto* failed = std::get_if<http::h1::Failed>(&*event)) return std::unexpected(failed->error);
    if (std::holds_alternative<http::h1::MessageEnd>(*event)) return true;
    if (reply.body.size() > most_bytes) return broken(rules::admin_answer, "the server's answer does not end");
  }
  return false;
}

Result<AdminReply> receive(const net::Descriptor& socket, http::h1::Connection& http) {
  AdminReply reply;
  std::array<std::uint8_t, 16384> room{};
  for (;;) {
    const ssize_t count = ::read(socket.get(), room.data(), room.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return broken(rules::admin_answer, "no answer came: " + std::generic_category().message(errno));
    if (count == 0) http.input_ended();
    Bytes rest = Bytes(room).first(static_cast<std::size_t>(count));
    do {
      rest = rest.subspan(PADLOCK_TRY(http.feed(rest, net::now())));
      if (PADLOCK_TRY(take_events(http, reply))) return reply;
    } while (!rest.empty());
    if (count == 0) return broken(rules::admin_answer, "the server closed the connection without an answer");
  }
}

}  // namespace

Result<AdminReply> ask_admin(const std::filesystem::path& socket, std::string_view method, std::string_view target,
                             std::string_view body) {
  const net::Descriptor peer = PADLOCK_TRY(net::connect_unix(socket));
  const timeval patience{.tv_sec = patience_seconds, .tv_usec = 0};
  ::setsockopt(peer.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  auto http = http::h1::Connection::client();
  const http::Request request{.method = std::string(method),
                              .scheme = "http",
                              .authority = "padlock",
                              .target = std::string(target),
                              .fields = {}};
  const bool has_body = method == "POST" || !body.empty();
  PADLOCK_TRY(http.send_request(
      request, has_body ? http::BodyFraming(http::KnownLength{body.size()}) : http::BodyFraming(http::NoBody{})));
  if (!body.empty()) PADLOCK_TRY(http.send_body(as_bytes(body)));
  if (has_body) PADLOCK_TRY(http.end_message());
  PADLOCK_TRY(net::write_all(peer.get(), http.output()));
  http.output_sent(http.output().size());
  return receive(peer, http);
}

Result<std::filesystem::path> admin_socket_of(const std::string& named) {
  return named.empty() ? find_admin_socket() : std::filesystem::path(named);
}

Result<AdminJson> ask_admin_json(const std::filesystem::path& socket, std::string_view method, std::string_view target,
                                 std::string_view member, std::string_view body) {
  const auto reply = PADLOCK_TRY(ask_admin(socket, method, target, body));
  Json json = Json::parse(reply.body, nullptr, false);
  if (json.is_object() && (json.contains(member) || json.contains("result")))
    return AdminJson{reply.status, std::move(json)};
  const std::string next = json.is_object() && json.contains("error") ? json["error"].value("next", "") : "";
  return broken(rules::admin_answer, "the server answered with " + std::to_string(reply.status) +
                                         (next.empty() ? " and nothing that is known here" : ": " + escaped(next)));
}

}  // namespace padlock::cli
