#pragma once

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>

#include "padlock/http/h2/connection.h"
#include "padlock/net/asio_endpoint.h"
#include "padlock/net/clock.h"
#include "padlock/net/plain_stream.h"
#include "padlock/net/resources.h"
#include "padlock/net/test_loop.h"
#include "padlock/net/tls_stream.h"
#include "padlock/server/folder_handler.h"
#include "padlock/server/handler.h"
#include "padlock/server/server.h"
#include "padlock/server/test_credential.h"

// For tests: a whole server on loopback, and clients that talk to it.
namespace padlock::server::testing {

/// Trusts everybody: these tests are not about certificates.
class Trusting final : public net::Responder {
  net::NowOrLater<tls::PeerVerified> verify(const tls::ChainVerificationWanted&) override {
    return Result<tls::PeerVerified>(tls::PeerVerified::by_caller());
  }
  void keep(std::shared_ptr<const tls::ClientSession> given) override { session = std::move(given); }

 public:
  std::shared_ptr<const tls::ClientSession> session;  ///< the last one that came
};

/// A client that says what it is told and keeps what it hears.
class Client {
 public:
  explicit Client(const net::Endpoint& server, std::optional<std::string> tls_name = "localhost",
                  const std::string& alpn = "http/1.1")
      : socket_(loop_) {
    socket_.connect(net::to_asio(server));
    tls::ClientConfig config;
    config.alpn = {alpn};
    if (tls_name) {
      shake(*tls_name, std::move(config), nullptr);
      return;
    }
    stream_ = std::make_unique<net::PlainStream>(std::move(socket_), net::Sender::client);
  }
  Client(const net::Endpoint& server, tls::ClientConfig config, std::shared_ptr<const tls::ClientSession> old)
      : socket_(loop_) {
    socket_.connect(net::to_asio(server));
    shake("localhost", std::move(config), std::move(old));
  }

  const Result<void>& shaken() const { return shaken_; }
  const std::shared_ptr<const tls::ClientSession>& session() const { return trusting_.session; }
  net::Stream& stream() { return *stream_; }
  asio::io_context& loop() { return loop_; }

  Result<void> say(std::string_view text) {
    const Bytes piece = as_bytes(text);
    return net::testing::run(loop_, stream_->write(std::span(&piece, 1), net::deadline_in(std::chrono::seconds(5))));
  }
  /// What comes until the server ends; what ends it otherwise is noted.
  std::string hear_all() {
    std::string all;
    for (;;) {
      const auto bytes = net::testing::run(loop_, stream_->read(net::deadline_in(std::chrono::seconds(10))));
      if (!bytes) ending_ = bytes.error();
      if (!bytes || bytes->empty()) return all;
      all += as_text(*bytes);
    }
  }
  /// What comes until this text has come.
  std::string hear_until(std::string_view mark) {
    std::string all;
    while (all.find(mark) == std::string::npos) {
      const auto bytes = net::testing::run(loop_, stream_->read(net::deadline_in(std::chrono::seconds(10))));
      if (!bytes || bytes->empty()) break;
      all += as_text(*bytes);
    }
    return all;
  }
  std::string ask(std::string_view request) {
    EXPECT_TRUE(say(request));
    return hear_all();
  }
  const std::optional<Error>& ending() const { return ending_; }

 private:
  void shake(const std::string& name, tls::ClientConfig config, std::shared_ptr<const tls::ClientSession> old) {
    const auto shared = std::make_shared<const tls::ClientConfig>(std::move(config));
    auto tls =
        std::make_unique<net::TlsStream>(std::move(socket_),
                                         tls::Connection::client(shared, name, net::Resources::of(loop_).provider(),
                                                                 nullptr, nullptr, {std::move(old), net::now()}),
                                         trusting_);
    shaken_ = net::testing::run(loop_, tls->handshake(net::deadline_in(std::chrono::seconds(5))));
    stream_ = std::move(tls);
  }

  Trusting trusting_;
  asio::io_context loop_;
  asio::ip::tcp::socket socket_;
  Result<void> shaken_;
  std::unique_ptr<net::Stream> stream_;
  std::optional<Error> ending_;
};

inline std::string get(std::string_view target, std::string_view more = "Connection: close\r\n") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(more) + "\r\n";
}

inline std::string body_of(const std::string& response) { return response.substr(response.find("\r\n\r\n") + 4); }

inline std::string numbered(std::size_t size) {
  std::string text;
  while (text.size() < size) text += std::to_string(text.size()) + " ";
  text.resize(size);
  return text;
}

/// A whole server with a folder of files.
class Serving : public ::testing::Test {
 protected:
  Serving() {
    std::filesystem::create_directories(folder_ / "site" / "sub");
    write("site/index.html", "<p>hello</p>");
    write("site/sub/index.html", "<p>below</p>");
    write("site/.hidden", "hidden");
    write("outside.txt", "outside");
    std::filesystem::create_symlink("../outside.txt", folder_ / "site" / "link.txt");
    options_.addresses = {*x509::parse_ip_address("127.0.0.1")};
    options_.workers = 2;
    options_.admission = {.connections = 100, .half_open = 50, .per_address = 50};
    service_.timers.linger = std::chrono::milliseconds(200);
    options_.log = [this](std::string_view line) {
      const std::scoped_lock lock(mutex_);
      lines_.emplace_back(line);
    };
    options_.requests.sink = options_.log;
  }
  ~Serving() override {
    server_.reset();
    std::filesystem::remove_all(folder_);
  }

  void start() { start(folder_site({"localhost", "127.0.0.1"}, "site")); }
  void start(std::shared_ptr<const Site> site, WorkersMarks marks = {}) {
    service_.sites = Sites::make({std::move(site)}).value();
    auto opened = Server::open(options_, service_, {}, std::move(marks));
    ASSERT_TRUE(opened) << opened.error().what;
    server_ = std::move(*opened);
    server_->start();
  }
  /// A folder of files under these names, with a certificate of its own.
  std::shared_ptr<const Site> folder_site(const std::vector<std::string>& names, const std::string& folder) {
    return handler_site(names, std::make_shared<FolderHandler>(net::Folder::open(folder_ / folder).value(), cache_));
  }
  static std::shared_ptr<const Site> handler_site(const std::vector<std::string>& names,
                                                  std::shared_ptr<const Handler> handler) {
    return make_site(names, Credentials::make({make_self_signed(names).site(names)}).value(),
                     make_route(std::move(handler)))
        .value();
  }
  void write(const std::string& name, std::string_view text) { std::ofstream(folder_ / name) << text; }
  const net::Endpoint& https() const { return server_->https().front(); }
  const net::Endpoint& http() const { return server_->http().front(); }
  /// All that was logged, after all has ended.
  std::vector<std::string> log() {
    server_->finish();
    server_->join();
    return lines_;
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("padlock-server-" + std::to_string(::getpid()));
  std::shared_ptr<FileCache> cache_ = std::make_shared<FileCache>(std::size_t{16} << 20);
  ServerOptions options_;
  Service service_;
  std::unique_ptr<Server> server_;
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

inline std::string post(std::string_view target, std::string_view body, std::string_view more = "") {
  return "POST " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + std::string(more) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

/// A client that speaks HTTP/2 by our own engine and writes down what it hears.
class Http2Client {
 public:
  explicit Http2Client(const net::Endpoint& server) : client_(server, "localhost", "h2") {}
  const Result<void>& shaken() const { return client_.shaken(); }

  http::h2::StreamId ask(const std::string& target, const std::string& host = "localhost") {
    return http_.send_request({"GET", "https", host, target, {}}, http::NoBody{}).value();
  }
  /// A POST whose body goes as the server takes it.
  http::h2::StreamId post(const std::string& target, std::string_view body) {
    const auto stream =
        http_.send_request({"POST", "https", "localhost", target, {}}, http::KnownLength{body.size()}).value();
    to_send_[stream] = body;
    send_more(stream);
    return stream;
  }
  /// A POST with trailers, of an unknown length unless `announced`.
  http::h2::StreamId post_with_trailers(const std::string& target, std::string_view body,
                                        std::initializer_list<http::Field> trailers, bool announced = false) {
    const auto framing =
        announced ? http::BodyFraming(http::KnownLength{body.size()}) : http::BodyFraming(http::UnknownLength{});
    const auto stream = http_.send_request({"POST", "https", "localhost", target, {}}, framing).value();
    send(stream, body);
    http::Fields fields;
    for (const http::Field& one : trailers) fields.add(one.name, one.value);
    EXPECT_TRUE(http_.end_message(stream, fields));
    return stream;
  }
  bool can_connect() const { return http_.streams() < 100 && settled_; }
  /// An extended CONNECT, once the server has said that it takes them.
  http::h2::StreamId connect(const std::string& target) {
    return http_.send_request({"CONNECT", "https", "localhost", target, {}}, http::UnknownLength{}, "websocket")
        .value();
  }
  void send(http::h2::StreamId stream, std::string_view text) {
    EXPECT_EQ(http_.send_body(stream, as_bytes(text)).value(), text.size());
  }
  void reset(http::h2::StreamId stream) {
    http_.reset(stream, http::h2::ErrorCode::CANCEL);
    say();
  }
  /// Talks until `done`, or until the server has ended; bodies are taken unless `greedy` is false.
  template <class Done>
  void talk_until(Done&& done, bool greedy = true) {
    while (!done() && !ended_) {
      say();
      const auto bytes =
          net::testing::run(client_.loop(), client_.stream().read(net::deadline_in(std::chrono::seconds(5))));
      ended_ = !bytes || bytes->empty();
      settled_ = settled_ || !ended_;
      for (Bytes rest = bytes.value_or(Bytes{}); !rest.empty() && !http_.finished();) {
        rest = rest.subspan(http_.feed(rest, net::now()).value_or(rest.size()));
        while (const auto event = http_.next_event()) note(*event, greedy);
        say();
      }
    }
  }
  void say(Bytes more = {}) {
    const std::string text = std::string(as_text(http_.output())) + std::string(as_text(more));
    http_.output_sent(http_.output().size());
    if (!text.empty()) static_cast<void>(client_.say(text));  // a server that has ended may have last words to read
  }
  bool heard(std::string_view line) const { return std::ranges::find(lines_, line) != lines_.end(); }
  const std::string& body(http::h2::StreamId stream) { return bodies_[stream]; }

 private:
  void send_more(http::h2::StreamId stream) {
    std::string& rest = to_send_[stream];
    rest.erase(0, http_.send_body(stream, as_bytes(rest)).value_or(rest.size()));
    if (rest.empty()) static_cast<void>(http_.end_message(stream));  // it may have been answered already
  }
  void note(const http::h2::Event& event, bool greedy) {
    if (const auto* writable = std::get_if<http::h2::Writable>(&event)) send_more(writable->stream);
    if (const auto* head = std::get_if<http::h2::ResponseHead>(&event))
      lines_.push_back(std::to_string(head->stream) + " " + std::to_string(head->response.status));
    if (const auto* data = std::get_if<http::h2::BodyData>(&event)) {
      bodies_[data->stream] += as_text(data->bytes);
      if (greedy) http_.consumed(data->stream, data->bytes.size());
    }
    if (const auto* end = std::get_if<http::h2::MessageEnd>(&event))
      lines_.push_back(std::to_string(end->stream) + " end");
    if (const auto* reset = std::get_if<http::h2::StreamReset>(&event))
      lines_.push_back(std::to_string(reset->stream) + " reset");
    if (std::holds_alternative<http::h2::GoAway>(event)) lines_.emplace_back("goaway");
  }

  Client client_;
  http::h2::Connection http_ = http::h2::Connection::client();
  std::vector<std::string> lines_;
  std::map<http::h2::StreamId, std::string> bodies_, to_send_;
  bool settled_ = false;  ///< the server has said something
  bool ended_ = false;
};

}  // namespace padlock::server::testing
