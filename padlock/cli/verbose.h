#pragma once

#include "padlock/client/observer.h"

namespace padlock::cli {

/// `get -v`: connections and heads on stderr, as curl shows them. What logs in stays hidden.
class Verbose final : public client::FetchObserver, public net::Observer {
 public:
  net::Observer* net() override { return this; }
  void request_sent(const http::Request& request, const client::FieldsOnStream& place) override;
  void response_head(const http::Response& response, const client::FieldsOnStream& place) override;
  void trailers(const http::Fields& fields, const client::FieldsOnStream& place) override;
  void http2_frame(const client::Http2Frame& frame) override;
  void sent_again(std::string_view why) override;
  void body(std::size_t) override {}
  void response_end() override {}
  void verdict(const x509::Verdict& verdict) override;
  void resolved(std::string_view host, std::span<const net::Endpoint> addresses) override;
  void connecting(const net::Endpoint& remote) override;
  void connect_failed(const net::Endpoint& remote, std::string_view reason) override;
  void connected(const net::Endpoint& local, const net::Endpoint& remote, const net::TcpInfo& info) override;
  void wire(net::Sender, Bytes) override {}
  void closed(net::CloseKind how) override;
};

}  // namespace padlock::cli
