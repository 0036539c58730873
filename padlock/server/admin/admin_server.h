#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <asio/generic/stream_protocol.hpp>
#include <asio/io_context.hpp>

#include "padlock/base/text.h"
#include "padlock/http/message/message.h"
#include "padlock/net/awaitable.h"
#include "padlock/net/descriptor.h"
#include "padlock/net/unix_socket.h"

namespace padlock::server {

/// What an administrator's request is answered with.
struct AdminAnswer {
  int status = 200;
  std::string content_type = "application/json";
  std::string body{};
  std::string allow{};  ///< the methods that there are, for 405
};

/// What a rule's status, code and hint say, as JSON.
AdminAnswer admin_error(const Rule& rule);

/// Answers administrators' requests. One thread's.
class AdminPages {
 public:
  virtual ~AdminPages() = default;
  virtual net::Awaitable<AdminAnswer> answer(http::Request request, std::string body) = 0;
};

/// Why a connection to a loopback address does not get what it asks for (docs/threats.md, P9): it is there for
/// /metrics and /healthz and for nothing that a page in a browser can be made to ask; nothing: it gets it.
/// Rules: rules::admin_method, ::admin_host, ::admin_origin, ::admin_not_here.
const Rule* refuse_on_loopback(const http::Request& request);

/// Whether a peer of the Unix socket may administer: the server's user, root, and members of the group.
bool may_administer(const net::PeerIdentity& peer, uid_t server, std::optional<gid_t> group);

/// HTTP/1.1 for those who run this server: on its Unix socket all of `pages`, on a loopback address what may be read
/// there. One thread's; ends with its loop.
class AdminServer {
 public:
  /// `pages` outlives the loop's run.
  AdminServer(asio::io_context& context, AdminPages& pages) : context_(context), pages_(pages) {}

  void listen_unix(net::Descriptor socket, std::optional<gid_t> group);
  void listen_loopback(net::Descriptor socket);
  /// Takes no more connections: another process has the sockets, too.
  void close();

 private:
  struct Talk;
  template <class Acceptor, class Judge>
  net::Awaitable<void> accept(std::shared_ptr<Acceptor> acceptor, Judge judge);
  template <class Acceptor, class Judge>
  void listen(Acceptor acceptor, Judge judge);
  net::Awaitable<void> serve(std::shared_ptr<Talk> talk);
  net::Awaitable<bool> answer_requests(std::shared_ptr<Talk> talk);
  net::Awaitable<AdminAnswer> answer(std::shared_ptr<Talk> talk);
  net::Awaitable<bool> send(std::shared_ptr<Talk> talk);
  net::Awaitable<void> receive(std::shared_ptr<Talk> talk);

  asio::io_context& context_;
  AdminPages& pages_;
  std::vector<std::function<void()>> closers_;  ///< one an acceptor
  std::size_t talks_ = 0;
};

}  // namespace padlock::server
