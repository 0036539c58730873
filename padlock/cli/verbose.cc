#include "padlock/cli/verbose.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

namespace padlock::cli {
namespace {

void print(const std::string& line) {
  const std::string whole = line + "\n";
  std::fwrite(whole.data(), 1, whole.size(), stderr);
}

bool logs_in(std::string_view name) {
  constexpr std::array<std::string_view, 4> names{"authorization", "proxy-authorization", "cookie", "set-cookie"};
  return std::ranges::any_of(names, [&](std::string_view one) { return equal_ignoring_ascii_case(one, name); });
}

void print_fields(std::string_view mark, const http::Fields& fields) {
  for (const http::FieldView& field : fields.all()) {
    print(std::string(mark).append(field.name).append(": ") +
          (logs_in(field.name) ? "(hidden)" : escaped(field.value)));
  }
}

}  // namespace

void Verbose::request_sent(const http::Request& request, const client::FieldsOnStream& place) {
  print("> " + request.method + " " + escaped(request.target) + " " + std::string(name_of(place.version)) +
        "\n> Host: " + request.authority);
  print_fields("> ", request.fields);
}

void Verbose::response_head(const http::Response& response, const client::FieldsOnStream& place) {
  print("< " + std::string(name_of(place.version)) + " " + std::to_string(response.status) + " " +
        std::string(http::reason_phrase(response.status)));
  print_fields("< ", response.fields);
}

void Verbose::trailers(const http::Fields& fields, const client::FieldsOnStream&) { print_fields("< ", fields); }

/// Those that end something.
void Verbose::http2_frame(const client::Http2Frame& frame) {
  using http::h2::FrameType;
  const bool ends = frame.header.type == FrameType::GOAWAY || frame.header.type == FrameType::RST_STREAM;
  if (ends && frame.sender == net::Sender::server)
    print("* the server sent " + std::string(name_of(frame.header.type)));
}

void Verbose::sent_again(std::string_view why) { print("* " + std::string(why) + "; the request goes once more"); }

void Verbose::verdict(const x509::Verdict& verdict) {
  print(verdict.trusted ? "* the certificate is trusted" : "* the certificate is not trusted");
}

void Verbose::resolved(std::string_view host, std::span<const net::Endpoint> addresses) {
  std::string line = "* " + escaped(host) + " is";
  for (const net::Endpoint& one : addresses) line += " " + x509::to_string(one.address);
  print(addresses.empty() ? "* " + escaped(host) + " has no address" : line);
}

void Verbose::connecting(const net::Endpoint& remote) { print("* connecting to " + to_string(remote)); }

void Verbose::connect_failed(const net::Endpoint& remote, std::string_view reason) {
  print("* " + to_string(remote) + ": " + std::string(reason));
}

void Verbose::connected(const net::Endpoint& local, const net::Endpoint& remote, const net::TcpInfo& info) {
  print("* connected " + to_string(local) + " to " + to_string(remote) + ", round trip " +
        std::to_string(info.rtt.count()) + " us");
}

void Verbose::closed(net::CloseKind how) {
  print(how == net::CloseKind::reset ? "* the connection was reset" : "* the connection is closed");
}

}  // namespace padlock::cli
