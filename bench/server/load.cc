// bench_server_load full|resumed|idle PORT PATH COUNT AT_ONCE: a client of `./dev bench server`, over libssl, for what
// wrk and h2load do not do. TLS 1.3 with X25519 and AES-128-GCM, certificates unverified: its own cost is not measured.
//
//   full     COUNT times: connect, full handshake, GET PATH with `Connection: close`, read to the end; AT_ONCE threads
//   resumed  the same, each connection resuming a session by the newest ticket that its thread has
//   idle     COUNT connections that each GET PATH and stay open
//
// It prints "ready", begins at a line on stdin and prints "done". `idle` then keeps its connections until stdin ends.
// Whatever does not go as said ends it with a line on stderr and exit code 1.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bench/require.h"
#include "bench/tls/libcrypto_peer.h"
#include "padlock/base/text.h"

namespace padlock::bench {
namespace {

using Context = std::unique_ptr<SSL_CTX, FreedBy<SSL_CTX_free>>;
using Session = std::unique_ptr<SSL_SESSION, FreedBy<SSL_SESSION_free>>;

/// The newest ticket of a connection goes where its SSL's application data points.
int keep_ticket(SSL* ssl, SSL_SESSION* session) {
  static_cast<Session*>(SSL_get_app_data(ssl))->reset(session);
  return 1;  // it is ours now
}

Context make_context() {
  Context context(SSL_CTX_new(TLS_client_method()));
  require(context != nullptr, "making an SSL_CTX");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
  SSL_CTX_set_ciphersuites(context.get(), "TLS_AES_128_GCM_SHA256");
  SSL_CTX_set1_groups_list(context.get(), "X25519");
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context.get(), keep_ticket);
  SSL_CTX_set_options(context.get(), SSL_OP_IGNORE_UNEXPECTED_EOF);  // some servers end without close_notify
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  return context;
}

/// A connection to the server, its handshake done.
class Client {
 public:
  /// `ticket`: what to resume by, if anything; then where the next one goes.
  Client(SSL_CTX* context, std::uint16_t port, Session& ticket) : ssl_(SSL_new(context)) {
    socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    require(socket_ >= 0 && connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0,
            "connecting");
    const int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    SSL_set_fd(ssl_.get(), socket_);
    SSL_set_tlsext_host_name(ssl_.get(), "localhost");
    SSL_set_app_data(ssl_.get(), &ticket);
    const bool resumes = ticket != nullptr;
    // A copy: libssl lets a session of TLS 1.3 be resumed once, and h2o gives no new ticket when it resumes.
    if (resumes) SSL_set_session(ssl_.get(), Session(SSL_SESSION_dup(ticket.get())).get());
    require(SSL_connect(ssl_.get()) == 1, "the handshake");
    require((SSL_session_reused(ssl_.get()) == 1) == resumes, "resuming a session");
  }
  ~Client() {
    SSL_shutdown(ssl_.get());
    close(socket_);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Asks and reads one response; `last` says so to the server, which then ends the connection.
  void get(const std::string& path, bool last) {
    const std::string request =
        "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + (last ? "Connection: close\r\n\r\n" : "\r\n");
    require(SSL_write(ssl_.get(), request.data(), static_cast<int>(request.size())) > 0, "sending a request");
    std::string head;
    while (head.find("\r\n\r\n") == std::string::npos) {
      const std::string_view piece = read();
      require(!piece.empty(), "reading the head of a response");
      head += piece;
    }
    const std::size_t body = head.find("\r\n\r\n") + 4;
    require(head.starts_with("HTTP/1.1 200 "), "getting " + path + " (" + head.substr(0, 15) + ")");
    std::uint64_t got = head.size() - body;
    const std::uint64_t wanted = content_length(to_lower_ascii(head.substr(0, body)));
    while (got < wanted || last) {
      const std::size_t size = read().size();
      if (size == 0) break;
      got += size;
    }
    require(got == wanted, "reading a body as long as its head says");
  }

 private:
  std::string_view read() {
    thread_local std::array<char, 16384> buffer;
    const int size = SSL_read(ssl_.get(), buffer.data(), buffer.size());
    return {buffer.data(), static_cast<std::size_t>(std::max(size, 0))};
  }
  static std::uint64_t content_length(const std::string& head) {
    constexpr std::string_view name = "\r\ncontent-length: ";
    const std::size_t at = head.find(name);
    require(at != std::string::npos, "finding Content-Length");
    const std::size_t from = at + name.size();
    return parse_decimal(std::string_view(head).substr(from, head.find('\r', from) - from)).value_or(0);
  }

  std::unique_ptr<SSL, FreedBy<SSL_free>> ssl_;
  int socket_ = -1;
};

struct Work {
  std::string mode;
  std::uint16_t port;
  std::string path;
  std::size_t count;
  std::size_t at_once;
};

void wait_for_the_word() {
  std::cout << "ready" << std::endl;
  std::string word;
  std::getline(std::cin, word);
}

void run_connections(SSL_CTX* context, const Work& work) {
  std::vector<Session> tickets(work.at_once);
  if (work.mode == "resumed")
    for (Session& ticket : tickets) Client(context, work.port, ticket).get(work.path, true);
  wait_for_the_word();
  std::vector<std::jthread> threads;
  threads.reserve(work.at_once);
  for (std::size_t thread = 0; thread < work.at_once; ++thread)
    threads.emplace_back([&, thread] {
      for (std::size_t i = thread; i < work.count; i += work.at_once) {
        if (work.mode == "full") tickets[thread].reset();
        Client(context, work.port, tickets[thread]).get(work.path, true);
      }
    });
  threads.clear();
  std::cout << "done" << std::endl;
}

void hold_connections(SSL_CTX* context, const Work& work) {
  std::vector<std::unique_ptr<Client>> clients;
  clients.reserve(work.count);
  wait_for_the_word();
  for (std::size_t i = 0; i < work.count; ++i) {
    Session ticket;  // nobody resumes
    clients.push_back(std::make_unique<Client>(context, work.port, ticket));
    clients.back()->get(work.path, false);
  }
  std::cout << "done" << std::endl;
  std::string word;
  std::getline(std::cin, word);
}

int run(const std::vector<std::string>& arguments) {
  const auto number = [&](std::size_t at) { return parse_decimal(arguments.at(at)).value_or(0); };
  const Work work{arguments.at(0), static_cast<std::uint16_t>(number(1)), arguments.at(2), number(3),
                  std::max<std::size_t>(1, number(4))};
  const Context context = make_context();
  work.mode == "idle" ? hold_connections(context.get(), work) : run_connections(context.get(), work);
  return 0;
}

}  // namespace
}  // namespace padlock::bench

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(std::next(argv), std::next(argv, argc));
  const bool known =
      arguments.size() == 5 && (arguments[0] == "full" || arguments[0] == "resumed" || arguments[0] == "idle");
  if (known) return padlock::bench::run(arguments);
  std::cerr << "usage: bench_server_load full|resumed|idle PORT PATH COUNT AT_ONCE\n";
  return 2;
}
