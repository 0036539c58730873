#include "padlock/server/proxy/forwarding.h"

#include <algorithm>
#include <array>
#include <ranges>
#include <utility>
#include <vector>

#include "padlock/base/lists.h"
#include "padlock/base/text.h"
#include "padlock/http/message/authority.h"
#include "padlock/http/message/syntax.h"
#include "padlock/server/route/client_address.h"

namespace padlock::server {
namespace {

constexpr std::string_view pseudonym = "padlock";

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
  return std::ranges::any_of(names, [&](std::string_view other) { return equal_ignoring_ascii_case(name, other); });
}

/// The names that Connection lists: fields of this hop alone (RFC 9110, section 7.6.1).
std::vector<std::string_view> listed_by_connection(const http::Fields& fields) {
  std::vector<std::string_view> names;
  for (const http::FieldView& field : fields.all()) {
    if (!equal_ignoring_ascii_case(field.name, "Connection")) continue;
    http::for_each_element(field.value, [&](std::string_view name) {
      names.push_back(name);
      return true;
    });
  }
  return names;
}

/// Of this hop alone, listed or not; and what the connection writes itself.
bool is_of_this_hop(std::string_view name) {
  constexpr std::array<std::string_view, 12> names{
      "Connection",     "Keep-Alive", "Proxy-Connection",   "Transfer-Encoding",   "Upgrade",        "TE",
      "Content-Length", "Trailer",    "Proxy-Authenticate", "Proxy-Authorization", "HTTP2-Settings", "Host"};
  return is_one_of(name, names);
}

/// Applications that get fields as variables (RFC 3875, section 4.1.18) cannot tell these characters apart.
bool is_one_of_variables(std::string_view name, std::span<const std::string_view> names) {
  const auto hyphenated = [](char c) { return c == '_' ? '-' : lower_ascii(c); };
  return std::ranges::any_of(
      names, [&](std::string_view other) { return std::ranges::equal(name, other, {}, hyphenated, lower_ascii); });
}

/// What a client may say only if it is a gateway that we trust, and of its certificate and of early data never: nobody
/// but we know what was shown here (RFC 9440, section 4), and none is taken (RFC 8470, section 5.1).
bool is_about_the_client(std::string_view name) {
  constexpr std::array<std::string_view, 10> names{
      "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port",
      "X-Real-IP", "Early-Data",      "Client-Cert",      "Client-Cert-Chain", "X-Forwarded-Prefix"};
  return is_one_of_variables(name, names);
}

/// RFC 7239, section 6: an IPv6 address in brackets and quotes.
std::string node_of(const net::IpAddress& address) {
  const std::string text = x509::to_string(address);
  return text.find(':') == std::string::npos ? text : "\"[" + text + "]\"";
}

std::string quoted_if_needed(std::string_view value) {
  return http::is_token(value) ? std::string(value) : "\"" + std::string(value) + "\"";
}

/// All values of a field as one list, with an element behind it.
std::string list_with(const http::Fields& fields, std::string_view name, std::string_view last) {
  std::string list;
  for (const http::FieldView& field : fields.all()) {
    if (equal_ignoring_ascii_case(field.name, name) && !field.value.empty()) list.append(field.value).append(", ");
  }
  return list.append(last);
}

void add_client(http::Fields& to, const http::Request& request, const Arrival& arrival) {
  const bool trusted = is_in(arrival.trusted_proxies, arrival.client.address);
  const http::Fields none;
  const http::Fields& said = trusted ? request.fields : none;
  const auto said_or = [&](std::string_view name, std::string_view own) {
    return std::string(said.find(name).value_or(own));
  };
  const std::string client = x509::to_string(arrival.client.address);
  to.add("X-Forwarded-For", list_with(said, "X-Forwarded-For", client));
  to.add("X-Forwarded-Host", said_or("X-Forwarded-Host", request.authority));
  to.add("X-Forwarded-Proto", said_or("X-Forwarded-Proto", request.scheme));
  to.add("X-Forwarded-Port", said_or("X-Forwarded-Port", std::to_string(arrival.local.port)));
  to.add("X-Real-IP", said_or("X-Real-IP", client));
  if (const std::string prefix = said_or("X-Forwarded-Prefix", "").append(arrival.prefix); !prefix.empty())
    to.add("X-Forwarded-Prefix", prefix);
  to.add("Forwarded", list_with(said, "Forwarded",
                                "for=" + node_of(arrival.client.address) +
                                    ";host=" + quoted_if_needed(request.authority) + ";proto=" + request.scheme));
}

/// A Byte Sequence of Structured Fields (RFC 8941, section 3.3.5).
std::string byte_sequence(Bytes bytes) { return ":" + to_base64(bytes) + ":"; }

/// The client's certificate (RFC 9440, section 2).
void add_certificates(http::Fields& to, const Arrival& arrival) {
  const tls::CertificateChain& chain = arrival.client_certificates;
  if (chain.empty()) return;
  to.add("Client-Cert", byte_sequence(chain.front()));
  if (!arrival.with_chain || chain.size() == 1) return;
  to.add("Client-Cert-Chain", list_of(chain | std::views::drop(1), byte_sequence));
}

}  // namespace

http::Request upstream_request(const http::Request& request, const Arrival& arrival,
                               const std::optional<std::string>& host, bool websocket) {
  http::Request to{.method = websocket ? "GET" : request.method,
                   .scheme = request.scheme,
                   .authority = host.value_or(request.authority),
                   .target = request.target,
                   .fields = {}};
  const auto listed = listed_by_connection(request.fields);
  to.fields.reserve(request.fields.size() + 8);
  for (const http::FieldView& field : request.fields.all()) {
    const bool stays = is_of_this_hop(field.name) || is_about_the_client(field.name) ||
                       equal_ignoring_ascii_case(field.name, "Expect") || is_one_of(field.name, listed);
    if (!stays) to.fields.add(field.name, field.value);
  }
  add_client(to.fields, request, arrival);
  add_certificates(to.fields, arrival);
  if (arrival.early) to.fields.add("Early-Data", "1");
  to.fields.add("Via", std::string(arrival.version) + " " + std::string(pseudonym));
  return to;
}

http::Fields upstream_trailers(const http::Fields& trailers, const http::Fields& head) {
  http::Fields to;
  to.reserve(trailers.size());
  for (const http::FieldView& field : trailers.all()) {
    const bool stays = is_of_this_hop(field.name) || is_about_the_client(field.name) ||
                       equal_ignoring_ascii_case(field.name, "Via") || head.find(field.name);
    if (!stays) to.add(field.name, field.value);
  }
  return to;
}

http::Response client_response(http::Response response) {
  const auto listed = listed_by_connection(response.fields);
  http::Response to{response.status, {}};
  to.fields.reserve(response.fields.size() + 2);
  for (const http::FieldView& field : response.fields.all()) {
    if (!is_of_this_hop(field.name) && !is_one_of(field.name, listed)) to.fields.add(field.name, field.value);
  }
  return to;
}

std::size_t passages(const http::Request& request) {
  std::size_t count = 0;
  for (const http::FieldView& field : request.fields.all()) {
    if (!equal_ignoring_ascii_case(field.name, "Via")) continue;
    http::for_each_element(field.value, [&](std::string_view element) {
      if (element.ends_with(pseudonym)) ++count;
      return true;
    });
  }
  return count;
}

}  // namespace padlock::server
